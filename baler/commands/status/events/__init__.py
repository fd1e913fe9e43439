"""Whether the event stream is healthy."""
