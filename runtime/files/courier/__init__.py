"""The courier: takes bundles from the mailbox, one courier at a time, and delivers them to a receiver."""
