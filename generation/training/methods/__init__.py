"""Methods of training, one module each; they share plain functions."""
