"""The slash commands, one feature a file."""
