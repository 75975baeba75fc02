"""The embedded model: the world it was drawn from, its training, its scorers, its weights."""
