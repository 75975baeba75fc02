"""Pixels: decode and sanitize uploads, convert to tensors, lay out canvases and sheets."""
