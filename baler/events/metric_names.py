"""Every metric that the event stream publishes: what its functions emit, alarms watch and the dashboard draws.

All are in one namespace and have the dimension `stack`; those by reason have the dimension `reason` beside it, and
those by shard the dimension `shard`.
"""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "Baler/Events"
STACK: Final = "stack"
REASON: Final = "reason"
SHARD: Final = "shard"

# The processor, a batch of a shard: published at every attempt, 0 included
RECORDS: Final = "Records"
"""Records that were handed over, Count; those of an attempt that fails are counted again at the next."""
BYTES: Final = "Bytes"
"""Bytes of their data as the producers sent it, Bytes."""
EVENTS: Final = "Events"
"""Events committed, Count."""
REJECTED: Final = "Rejected"
"""Records that can never be events, committed as rejected lines, Count: of every batch, and by reason where there are
some."""
SET_ASIDE: Final = "SetAside"
"""Records committed as rejected lines because they killed the function, Count; they are among `Rejected` too."""
DROPPED: Final = "Dropped"
"""Records that an earlier attempt had committed, Count."""
OBJECTS: Final = "Objects"
"""Raw objects that the batch lists, Count."""
BATCH_AGE: Final = "BatchAge"
"""Age, since it came into the stream, of the batch's first record when an attempt begins, Seconds.

Lambda's own IteratorAge is published when a batch ends, so it is silent while a shard is stuck.
"""
LAG: Final = "Lag"
"""By shard alone: age of the oldest record of the batch that is not committed when an attempt ends, Seconds; where all
are, the age of its last one."""
UNCOMMITTED: Final = "Uncommitted"
"""1 for an attempt that leaves records to come again, else 0. Count."""
UNREPORTED: Final = "Unreported"
"""1 for a committed batch that could not be written into the table of batches, else 0. Count."""

# The processor and the transformer
UNAVAILABLE: Final = "Unavailable"
"""Batches of the processor, and objects of the transformer, for which a store did not answer, Count; 0 included."""

# The transformer, a batch of messages: published with every one, 0 included
PROCESSED: Final = "Processed"
"""Objects processed, Count."""
PROCESSED_EVENTS: Final = "ProcessedEvents"
"""Events in them, Count."""
ORPHANS: Final = "Orphans"
"""Objects that no committed batch lists, and that are skipped, Count."""
NOT_YET: Final = "NotYet"
"""Objects whose batch is not committed yet, and that are announced again later, Count."""
REFUSED: Final = "Refused"
"""Messages and objects that can never be processed, moved to the dead letters, Count: of every batch, and by reason
where there are some."""
OLDEST_LEFT_AGE: Final = "OldestLeftAge"
"""Age, since it was put, of the oldest object that a batch of messages leaves for later, Seconds; 0 where it leaves
none."""

# The transformer, an object: arrays of values, so that percentiles are exact. What an operator announces again or
# brings back is left out.
TRANSFORM_LATENCY: Final = "TransformLatency"
"""From S3's event time of the raw object to the processed one, Seconds."""
EVENT_LATENCY: Final = "EventLatency"
"""From the arrival in the stream of the object's first event, which has waited longest, to the processed object,
Seconds."""

# The compactor, a run
COMPACTED: Final = "Compacted"
"""Rows that it wrote into the table, Count."""
COMPACTED_FILES: Final = "CompactedFiles"
"""Processed objects whose events are in the table now, Count."""
COMPACTION_DELAY: Final = "CompactionDelay"
"""From the arrival in the stream of an object's first event to its commit into the table, Seconds; a value for each
object. What the table had before is left out, and what an operator brings back."""
TABLE_CONFLICTS: Final = "TableConflicts"
"""Commits that met another one and were made again, Count; 0 included."""
REWRITTEN: Final = "Rewritten"
"""Hours whose files a scheduled run made few of, Count; 0 included."""

# Recovery, a run of `baler events redrive` or `replay`
RECOVERED: Final = "Recovered"
"""Records that it brought back, events and rejected lines alike, Count."""

# The sweeper, a folder in which it found some
SWEPT: Final = "Swept"
"""Orphans that it removed, Count."""
