"""The function that makes one table of what the transformer processed."""
