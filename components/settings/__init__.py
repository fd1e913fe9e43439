"""What a stack can set, and how it is refused."""
