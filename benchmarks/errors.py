"""What a benchmark fails by: never a time."""

from __future__ import annotations


class BenchmarkError(Exception):
    """A contestant failed, or did not do what it was asked for: its figures would be of something else."""
