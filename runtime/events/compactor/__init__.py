"""The compactor of the event stream."""
