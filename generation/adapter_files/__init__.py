"""Files of adapters as strangers share them: names, bases, metadata, and checks without a model."""
