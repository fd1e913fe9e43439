"""Adapters of the lake's functions to AWS."""
