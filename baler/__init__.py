"""The shared library of a Baler stack, and the `baler` command."""
