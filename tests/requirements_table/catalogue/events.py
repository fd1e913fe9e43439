"""Document 5: events of a stream into partitioned stores. It has no ids: these follow its sections."""

from __future__ import annotations

from typing import Final

from requirements_table.catalogue.events_after_the_path import OPERATIONS
from requirements_table.catalogue.requirement import Document, Requirement

_PATH: Final = {
    # 1. Data producer
    "EVENT-PRODUCER-01": Requirement(
        "Sample events of four types, at a rate, in batches, with statistics",
        ("baler/events/producer/", "baler/commands/events/"),
    ),
    "EVENT-PRODUCER-02": Requirement(
        "Rate, duration and size of batches from a YAML file",
        ("baler/commands/events/",),
    ),
    # 2. Kinesis data stream
    "EVENT-STREAM-01": Requirement(
        "Two shards or more, kept for a day, encrypted by KMS, measured by shard",
        ("components/events/event_stream.py", "components/events/stream_key.py"),
    ),
    # 3. Stream processor
    "EVENT-PROCESS-01": Requirement("Batches of 100 records or five seconds", ("components/events/",)),
    "EVENT-PROCESS-02": Requirement(
        "Records are decoded, parsed; required fields and their types are checked",
        ("baler/events/parsing/", "docs/event-records.md"),
    ),
    "EVENT-PROCESS-03": Requirement(
        "Sequence number and partition key are kept with the event", ("baler/events/parsing/",)
    ),
    "EVENT-PROCESS-04": Requirement(
        "JSON lines by event type and time", ("baler/events/partition.py", "baler/events/raw_object.py")
    ),
    "EVENT-PROCESS-05": Requirement(
        "Tries again, bisects, and sets aside what fails (three tries lose good events in an outage: decision 36)",
        ("runtime/events/processor/", "components/events/"),
    ),
    "EVENT-PROCESS-06": Requirement(
        "Each event has its effect once, whatever comes again (the document counts on names by the clock)",
        ("baler/events/stream/", "runtime/events/processor/processor.py"),
    ),
    # 4. Raw bucket
    "EVENT-RAW-01": Requirement(
        "Partitions event_type, year, month, day, hour (file names by shard, numbers and hash)",
        ("baler/events/partition.py", "baler/events/raw_object.py"),
    ),
    "EVENT-RAW-02": Requirement(
        "Versioned, encrypted, not public, to Glacier after 90 days",
        ("components/events/raw_bucket.py", "components/blocks/lifecycle.py"),
    ),
    "EVENT-RAW-03": Requirement(
        "Its events announce raw/*.json, and nothing else", ("components/events/raw_bucket.py",)
    ),
    # 5. Transformer
    "EVENT-TRANSFORM-01": Requirement(
        "Transactions: date, category of the amount, flag of a high one", ("baler/events/transformation.py",)
    ),
    "EVENT-TRANSFORM-02": Requirement(
        "User actions: date, category of the session", ("baler/events/transformation.py",)
    ),
    "EVENT-TRANSFORM-03": Requirement(
        "Metrics: date, category of the value, anomalies", ("baler/events/transformation.py",)
    ),
    "EVENT-TRANSFORM-04": Requirement(
        "Every record: an id from its hash, time, source, version; the original stays",
        ("baler/events/transformation.py", "baler/events/record_id.py"),
    ),
    "EVENT-TRANSFORM-05": Requirement(
        "Triggered by the raw bucket's events (through a queue of ours: decision 36)",
        ("components/blocks/object_queue.py", "runtime/events/transformer/"),
    ),
    # 6. Processed bucket
    "EVENT-PROCESSED-01": Requirement(
        "The same partitions, ready for Athena", ("components/events/processed_bucket.py", "components/events/")
    ),
    "EVENT-PROCESSED-02": Requirement(
        "Analytics, dashboards and exports query one table",
        ("runtime/events/compactor/", "baler/events/table/", "docs/event-tables.md"),
        "Machine learning is a reader like any other; nothing here trains a model.",
    ),
    # 7. DynamoDB
    "EVENT-META-01": Requirement(
        "A batch's counts and partitions, by batch and time, for 30 days", ("components/events/batch_table.py",)
    ),
    "EVENT-META-02": Requirement(
        "Batches of a shard, by an index", ("components/events/batch_table.py", "baler/commands/events/")
    ),
    "EVENT-META-03": Requirement(
        "Lineage: which objects a batch made, and which of them are processed", ("baler/events/stream/",)
    ),
}

EVENTS: Final = Document(number=5, title="event stream", prefix="EVENT", requirements={**_PATH, **OPERATIONS})
