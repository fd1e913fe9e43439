"""Compares what landed with what was delivered: what the nightly function and `baler audit` both do."""
