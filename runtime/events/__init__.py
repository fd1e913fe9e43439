"""The functions of the event stream: the processor and the transformer."""
