"""The load test: files at a given rate into the landing bucket, and the time until each is in the mailbox."""
