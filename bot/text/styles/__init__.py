"""Sentences about styles."""
