"""What the user of the sandbox sees instead of a traceback."""


class SandboxError(Exception):
    """A sentence for the person at the terminal: what is wrong, and what to do about it."""
