"""Document 5: events of a stream into partitioned stores. It has no ids: these follow its sections."""

from __future__ import annotations

from typing import Final

from requirements_table.catalogue.requirement import Document, Requirement


def _not_built(title: str) -> Requirement:
    return Requirement(title, missing="The event stream is not built yet.")


EVENTS: Final = Document(
    number=5,
    title="event stream",
    prefix="EVENT",
    requirements={
        # 1. Data producer
        "EVENT-PRODUCER-01": _not_built("Sample events of four types, at a rate, in batches, with statistics"),
        # 2. Kinesis data stream
        "EVENT-STREAM-01": _not_built("Two shards or more, kept for a day, encrypted by KMS, measured by shard"),
        # 3. Stream processor
        "EVENT-PROCESS-01": _not_built("Batches of 100 records or five seconds"),
        "EVENT-PROCESS-02": _not_built("Required fields and their types are checked"),
        "EVENT-PROCESS-03": _not_built("Sequence number and partition key are kept with the event"),
        "EVENT-PROCESS-04": _not_built("JSON lines by event type and time"),
        "EVENT-PROCESS-05": _not_built("Tries again, bisects, and sets aside what fails"),
        # 4. Raw bucket
        "EVENT-RAW-01": _not_built("Partitions event_type, year, month, day, hour"),
        "EVENT-RAW-02": _not_built("Versioned, encrypted, not public, to Glacier after 90 days"),
        # 5. Transformer
        "EVENT-TRANSFORM-01": _not_built("Transactions: date, category of the amount, flag of a high one"),
        "EVENT-TRANSFORM-02": _not_built("User actions: date, category of the session"),
        "EVENT-TRANSFORM-03": _not_built("Metrics: date, category of the value, anomalies"),
        "EVENT-TRANSFORM-04": _not_built(
            "Every record: an id from its hash, time, source, version; the original stays"
        ),
        # 6. Processed bucket
        "EVENT-PROCESSED-01": _not_built("The same partitions, ready for Athena"),
        # 7. DynamoDB
        "EVENT-META-01": _not_built("A batch's counts and partitions, by batch and time, for 30 days"),
        "EVENT-META-02": _not_built("Batches of a shard, by an index"),
        # 8. CloudWatch
        "EVENT-OBS-01": _not_built("Logs and metrics of functions, stream and table"),
        "EVENT-OBS-02": _not_built("Alarms: errors, throttles, age of the iterator, the table's throttling"),
        "EVENT-OBS-03": _not_built("Tracing from end to end"),
        "EVENT-OBS-04": _not_built("Dashboards"),
        # 9. Dead-letter queues
        "EVENT-DEAD-01": _not_built("What failed in either function is kept for 14 days, with an alarm"),
        # Data flow
        "EVENT-FLOW-01": _not_built("From the producer to the processed store in half a minute"),
        "EVENT-FLOW-02": _not_built("Invalid records are logged, counted and not written"),
        "EVENT-FLOW-03": _not_built("A fault of AWS, or a time-out, loses nothing"),
        # Scalability
        "EVENT-SCALE-01": _not_built("Shards, memory and batch size by setting"),
        # Security
        "EVENT-SEC-01": _not_built("Encrypted at rest and in transit"),
        "EVENT-SEC-02": _not_built("A role for each function; no public access"),
        "EVENT-SEC-03": _not_built("Every action can be audited"),
        # Cost optimization
        "EVENT-COST-01": _not_built("What it costs a month, at low and at production traffic"),
        # Disaster recovery
        "EVENT-RECOVER-01": _not_built("Replay from the stream within its retention"),
        "EVENT-RECOVER-02": _not_built("Versions of objects, and the table at a point in time"),
    },
)
