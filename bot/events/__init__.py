"""The handlers of what members do outside commands: reactions and mentions."""
