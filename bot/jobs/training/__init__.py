"""Trainings under way: their cards, checkpoints and results."""
