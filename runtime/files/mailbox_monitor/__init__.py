"""The mailbox monitor: once a minute, how many bundles wait for the consumer, and for how long."""
