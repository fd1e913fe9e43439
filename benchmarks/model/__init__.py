"""A model of the stack on AWS: latency, concurrency and cost at rates that no machine here can produce."""
