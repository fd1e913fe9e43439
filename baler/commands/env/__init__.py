"""`baler env`: what a stack says of itself, for a shell, a service or a program."""
