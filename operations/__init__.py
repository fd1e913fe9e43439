"""What people run: the `baler` command."""
