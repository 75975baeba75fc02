"""How the embedded model was trained: `python -m generation.shapes.train --help`."""
