"""What `python -m generation` can do, one module a command."""
