"""What deliveries http and s3 share: the courier takes bundles from the mailbox to a receiver on the premises."""
