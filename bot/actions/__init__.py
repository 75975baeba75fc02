"""Members' requests, from their words to a committed job; nothing here depends on Discord."""
