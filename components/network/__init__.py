"""The private network: where the function runs, and how the consumer comes in."""
