"""The file pipeline's functions."""
