"""Adapters: their weights and files in the layouts that people share, and how they act."""
