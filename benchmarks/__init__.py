"""Measurements of what Konomi promises: `python -m benchmarks plain`, and the others beside it."""
