"""The messages between the bot's process and the generator's: requests, events, options."""
