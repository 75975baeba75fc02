"""The embedded model: its world of drawn shapes, its training, its scorers and its weights."""
