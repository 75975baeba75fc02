"""Safety checkers, which look at each finished image for adult content."""
