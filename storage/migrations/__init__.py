"""Numbered schema migrations: file 0001 turns an empty database into version 1, and so on."""
