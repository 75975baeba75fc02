"""Loaded models: weights, text encoders, conditioning, schedulers, adapters, memory."""
