"""The aggregator: a batch of S3 events in, bundles in the archive and in the mailbox out."""
