"""Measurements of what Konomi promises; each is a program: `python -m benchmarks.NAME`."""
