"""Training: methods that make adapters and models from pictures."""
