"""The record of an image: written into its file, read back, and replayed."""
