"""The bot, as its members and its host see it."""
