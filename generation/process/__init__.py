"""The generator as a process: queue, supervisor, pipe, and the worker's loop."""
