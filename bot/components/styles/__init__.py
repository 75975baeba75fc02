"""Buttons and forms of styles."""
