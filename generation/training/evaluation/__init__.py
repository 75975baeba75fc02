"""Evaluation of a training: scores of what it paints, the best checkpoint, the page on it."""
