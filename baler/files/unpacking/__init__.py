"""A bundle onto a disk: read, verified, and moved into place."""
