"""What members ask for, from their words to a committed job; nothing here knows Discord."""
