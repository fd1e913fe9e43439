"""The ports of the event stream's functions on AWS, and what wires them."""
