"""In-memory stand-ins for the stores, for unit tests and the simulation alone."""
