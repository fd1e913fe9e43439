"""The lake's functions."""
