"""/train: adapters and models from members' pictures."""
