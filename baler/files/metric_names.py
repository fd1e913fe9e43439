"""Every metric that the file pipeline publishes: what the functions emit, alarms watch and the dashboard draws.

All are in one namespace and have the dimension `stack`; those by reason have the dimension `reason` beside it.
"""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "Baler/Files"
STACK: Final = "stack"
REASON: Final = "reason"

# The aggregator, a batch
FILES: Final = "Files"
"""Files bundled, Count."""
DUPLICATES: Final = "Duplicates"
"""Files that were in a delivered bundle already, Count."""
BUNDLES: Final = "Bundles"
"""Bundles archived, Count."""
BYTES_IN: Final = "BytesIn"
"""Bytes of the files bundled, Bytes."""
BYTES_OUT: Final = "BytesOut"
"""Bytes of the bundles, Bytes."""
COMPRESSION_RATIO: Final = "CompressionRatio"
"""Bytes in over bytes out of each bundle, None."""
TAKEN_OVER: Final = "TakenOver"
"""Files taken over from an attempt that died, Count."""
ROLLED_FORWARD: Final = "RolledForward"
"""Bundles of attempts that died, put into the mailbox by a later one, Count."""
REJECTED: Final = "Rejected"
"""Messages that can never be processed, Count: of every batch, 0 included, and by reason where there are some."""
RETRIED: Final = "Retried"
"""Messages that stay in the queue for another try, by reason, Count."""

OLDEST_LEFT_AGE: Final = "OldestLeftAge"
"""Age, since it was sent, of the oldest message that a batch leaves in the queue, Seconds; 0 where it leaves none.

SQS has no such number: its ApproximateAgeOfOldestMessage leaves out what was received three times.
"""

# The aggregator, a file: arrays of values, so that percentiles are exact
EVENT_DELAY: Final = "EventDelay"
"""From S3's event time to the moment the message was sent, Seconds."""
QUEUE_WAIT: Final = "QueueWait"
"""From the moment the message was sent to the start of the invocation that bundled it, Seconds."""
PROCESSING: Final = "Processing"
"""From the start of the invocation to the bundle in the mailbox, Seconds."""
LATENCY: Final = "Latency"
"""The sum of the three: from S3's event time to the bundle in the mailbox, Seconds."""

# The courier, a run: of pushed deliveries alone
DELIVERED: Final = "Delivered"
"""Bundles that the receiver acknowledged, Count."""
REFUSED_BUNDLES: Final = "RefusedBundles"
"""Answers that refused a bundle for its own sake, by reason too, Count."""
SEND_FAILED: Final = "SendFailed"
"""Sends that failed for another reason than the bundle, by reason too, Count."""
BREAKER_OPEN: Final = "BreakerOpen"
"""1 while the breaker is open, else 0. Count."""
BREAKER_OPEN_SECONDS: Final = "BreakerOpenSeconds"
"""How long the breaker has been open, by cause as the reason too, Seconds; 0 while it is closed."""
DELIVERY_LATENCY: Final = "DeliveryLatency"
"""From S3's event time of a bundle's oldest file to the receiver's acknowledgement, Seconds; replays are left out."""
CREDENTIALS_AGE: Final = "CredentialsAge"
"""Age of the receiver's credentials, Seconds."""

# The mailbox monitor, a minute
QUARANTINED: Final = "Quarantined"
"""Bundles that the receiver refused and that were set aside, Count; of pushed deliveries alone."""
MAILBOX_OBJECTS: Final = "MailboxObjects"
"""Bundles that wait for the consumer, Count."""
MAILBOX_BYTES: Final = "MailboxBytes"
"""Their bytes, Bytes."""
MAILBOX_OLDEST_AGE: Final = "MailboxOldestAge"
"""Age of the one that waits longest, Seconds; 0 when none waits."""

# The mailbox monitor, a minute: the path of files into the queue and out of it
QUEUE_MESSAGES: Final = "QueueMessages"
"""Messages in the ingest queue, Count: visible, in flight and delayed together."""
NOT_FED: Final = "NotFed"
"""1 where files that land do not get into the queue, else 0; what is wrong has a value by reason. Count."""
NOT_CONSUMED: Final = "NotConsumed"
"""1 where Lambda does not take messages from the queue, else 0; what is wrong has a value by reason. Count."""
NO_REDRIVE: Final = "NoRedrive"
"""1 where the queue has lost its dead-letter queue, else 0. Count."""
UNREAD: Final = "Unread"
"""Configurations that the monitor could not read, Count; each has a value by reason."""

# Reconciliation, a run
ANNOUNCED_AGAIN: Final = "AnnouncedAgain"
"""Files that were sent to the ingest queue again, Count; 0 when every file was delivered or is on its way."""
RECONCILED_AGE: Final = "ReconciledAge"
"""Age of the newest file up to which reconciliation has judged every file, Seconds."""

# The registrar, a run
REGISTER_AGE: Final = "RegisterAge"
"""Age of the newest bundle up to which the register has every archived bundle, Seconds."""
