"""A member's taste, trained from rated pictures."""
