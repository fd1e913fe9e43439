"""`baler redeliver`: puts bundles that the receiver refused back into the mailbox."""
