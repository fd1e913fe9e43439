"""Fetches each source on schedule and puts what is new into the raw layer."""
