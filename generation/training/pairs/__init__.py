"""Pairs for edit training: captions to instructions, Prompt-to-Prompt pictures, CLIP's filter."""
