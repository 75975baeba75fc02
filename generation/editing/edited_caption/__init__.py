"""Prompts of edited pictures: a picture's prompt, rewritten by the instruction that changed it."""
