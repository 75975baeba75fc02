"""What messages look like, one file a message; buttons carry ids, so that they survive restarts."""
