"""What the embedded model can do, and what likes do to it, measured from pixels alone."""
