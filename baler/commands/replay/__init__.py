"""`baler replay`: puts archived bundles into the mailbox once more."""
