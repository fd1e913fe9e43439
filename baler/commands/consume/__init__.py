"""`baler consume`: the on-premises service that takes bundles out of the mailbox and leaves files in a folder."""
