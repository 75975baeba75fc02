"""Benchmarks of Konomi: `python -m benchmarks plain`, `feedback`, `crowd` and so on."""
