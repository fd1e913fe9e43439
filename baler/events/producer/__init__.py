"""Sends events into the stream: each until the stream has taken it, those of a partition key in their order."""
