"""The scheduler of one device: requests under way, advanced a quantum at a time."""
