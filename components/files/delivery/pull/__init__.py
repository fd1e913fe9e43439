"""Delivery by pull: a consumer on the premises takes bundles from the mailbox."""
