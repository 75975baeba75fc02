"""Sentences about training."""
