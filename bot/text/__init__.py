"""Every sentence to members, in every language."""
