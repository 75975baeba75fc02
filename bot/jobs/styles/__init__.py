"""Work on styles that goes on after a member was answered."""
