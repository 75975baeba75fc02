"""Pages about styles."""
