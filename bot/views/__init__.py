"""Views: the messages of the bot, one file each; buttons carry ids, so they survive restarts."""
