"""The load test of the event stream: events at a given rate, and the time until each is processed."""
