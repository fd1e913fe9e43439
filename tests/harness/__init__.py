"""What the suites share: stores in memory for unit tests and the simulation, events as AWS writes them, a deployed
pipeline as integration tests handle it."""
