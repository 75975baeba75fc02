"""The bot over the real wire: a loopback Discord, and the unmodified bot process against it."""
