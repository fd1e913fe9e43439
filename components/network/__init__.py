"""The private network: where functions run, and how those on the premises come in."""
