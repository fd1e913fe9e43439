"""The contestants, each a process of its own that does the work and nothing else."""
