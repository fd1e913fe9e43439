"""What is kept of pushed deliveries: the state of the circuit breaker, and a record of each bundle."""
