"""Measures Baler side by side with its peers: `python -m benchmarks`. It measures, and never asserts a time."""
