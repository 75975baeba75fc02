"""Training of the embedded model: `python -m generation.shapes.train --help`."""
