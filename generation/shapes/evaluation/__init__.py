"""Evaluation of the embedded model and of feedback on it, measured from pixels alone."""
