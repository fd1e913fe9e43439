"""Removes raw objects that no committed batch lists, and whose records are in batches that list others."""
