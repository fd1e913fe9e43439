"""`baler find`: what became of a file, from its landing to whoever received it."""
