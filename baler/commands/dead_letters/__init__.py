"""`baler dead-letters`: looks at the messages that the pipeline gave up on, sends them again or discards them."""
