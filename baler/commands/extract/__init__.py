"""`baler extract`: one file out of the archive."""
