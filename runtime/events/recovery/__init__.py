"""Brings records back that the processor was not offered any more: from the destination on failure, or the stream."""
