"""The generator: requests in, pictures out.  Knows nothing of Discord or of the database."""
