"""The file pipeline: landed files become bundles in the archive and the mailbox."""
