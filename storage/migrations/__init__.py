"""Numbered steps of the schema: file 0001 makes version 1 of an empty database, and so on."""
