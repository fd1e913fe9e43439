"""How bundles leave the mailbox."""
