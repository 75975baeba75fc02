"""Edits that are more than sampling: Imagic, restoration, the check of instructions."""
