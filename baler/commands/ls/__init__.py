"""`baler ls`: which files and bundles the archive holds."""
