"""What became of a landed file: every state that it can be in, and what each follows from."""
