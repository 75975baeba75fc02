"""Konomi's storage: SQLite and content-addressed files.  Knows neither Discord nor models."""
