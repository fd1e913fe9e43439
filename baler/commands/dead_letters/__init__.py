"""`baler dead-letters`: lists the messages that the pipeline gave up on, sends them again or discards them."""
