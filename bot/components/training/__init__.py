"""Buttons and forms of training."""
