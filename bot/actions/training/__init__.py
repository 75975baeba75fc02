"""Training: who may start it, from which pictures, and with whose consent."""
