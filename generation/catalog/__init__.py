"""The models that exist by name, and where their files are on this machine."""
