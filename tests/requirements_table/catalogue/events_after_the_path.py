"""Document 5 from section 8 on: what surrounds the path of an event."""

from __future__ import annotations

from typing import Final

from requirements_table.catalogue.requirement import Requirement

_ON_AWS: Final = "Nothing was measured on AWS."

OPERATIONS: Final = {
    # 8. CloudWatch
    "EVENT-OBS-01": Requirement(
        "Logs and metrics of functions, stream and table",
        ("baler/events/metric_names.py", "components/events/dashboard/"),
    ),
    "EVENT-OBS-02": Requirement(
        "Alarms: errors, throttles, age of the iterator, the table's throttling", ("components/events/alarms/",)
    ),
    "EVENT-OBS-03": Requirement(
        "Tracing from end to end", ("components/blocks/function.py", "runtime/events/"), _ON_AWS
    ),
    "EVENT-OBS-04": Requirement("Dashboards: operational, performance, cost", ("components/events/dashboard/",)),
    # 9. Dead-letter queues
    "EVENT-DEAD-01": Requirement(
        "What failed in either function is kept for 14 days, with an alarm",
        ("components/blocks/object_queue.py", "components/events/failure_bucket.py", "components/events/alarms/"),
    ),
    "EVENT-DEAD-02": Requirement(
        "It can be inspected: `baler dead-letters`, `baler events redrive`",
        ("baler/commands/dead_letters/", "baler/commands/events/"),
    ),
    # Data flow
    "EVENT-FLOW-01": Requirement(
        "From the producer to the processed store in half a minute",
        ("baler/events/objectives.py", "components/events/alarms/transform.py"),
        "The demo checks it on LocalStack; nothing was measured on AWS.",
    ),
    "EVENT-FLOW-02": Requirement(
        "Invalid records are logged, counted and not written (they are kept: a line each below rejected/)",
        ("baler/events/rejected_line.py", "runtime/events/processor/"),
    ),
    "EVENT-FLOW-03": Requirement(
        "A fault of AWS, or a time-out, loses nothing", ("runtime/events/", "baler/events/stream/")
    ),
    # Scalability
    "EVENT-SCALE-01": Requirement("Shards, memory and batch size by setting", ("components/events/settings.py",)),
    "EVENT-SCALE-02": Requirement(
        "More shards in operation lose and double nothing", ("baler/events/stream/shard_key.py",)
    ),
    # Security
    "EVENT-SEC-01": Requirement(
        "Encrypted at rest and in transit", ("components/events/stream_key.py", "components/blocks/bucket_policy.py")
    ),
    "EVENT-SEC-02": Requirement("A role for each function; no public access", ("components/events/",)),
    "EVENT-SEC-03": Requirement(
        "Every action can be audited", ("components/watch/access_trail.py", "components/events/watched.py")
    ),
    "EVENT-SEC-04": Requirement(
        "Functions in private subnets, endpoints, by setting", ("components/network/", "components/events/")
    ),
    "EVENT-SEC-05": Requirement(
        "Retention of each store by setting",
        ("components/events/retention_settings.py", "components/blocks/lifecycle.py"),
    ),
    # Cost optimization
    "EVENT-COST-01": Requirement("What it costs a month, at low and at production traffic", ("baler/commands/cost/",)),
    "EVENT-COST-02": Requirement(
        "Logs for 7 days, lifecycle rules, capacity on demand, larger batches: by setting",
        ("components/events/retention_settings.py", "components/blocks/table.py"),
        "Logs are not exported to S3: what is worth keeping is in stores of its own.",
    ),
    # Disaster recovery
    "EVENT-RECOVER-01": Requirement(
        "Replay from the stream within its retention", ("baler/events/recovery/", "runtime/events/recovery/")
    ),
    "EVENT-RECOVER-02": Requirement(
        "Versions of objects, and the table at a point in time",
        ("components/blocks/secure_bucket.py", "components/events/progress_table.py"),
    ),
    "EVENT-RECOVER-03": Requirement("Loss of data, an outage, a lost region: a page each", ("docs/runbooks/",)),
    # Future enhancements
    "EVENT-FUTURE-01": Requirement(
        "Real-time analytics",
        missing="Not built: the table is minutes behind, and asks no second engine; a consumer of the stream may.",
    ),
    "EVENT-FUTURE-02": Requirement(
        "Data quality: schema, profile",
        ("baler/events/event_types.py", "baler/events/parsing/"),
        "Every record is validated by a declared schema, without Glue Data Quality. There is no profile of values.",
    ),
    "EVENT-FUTURE-03": Requirement(
        "Machine learning",
        missing="Not built: the document's own rule marks anomalies; the table feeds whatever learns.",
    ),
    "EVENT-FUTURE-04": Requirement(
        "Advanced monitoring: dashboards, notifications, pages",
        ("components/events/alarms/", "components/watch/alarm_topic.py"),
    ),
    "EVENT-FUTURE-05": Requirement(
        "Data catalogue and queries",
        ("components/events/", "baler/events/table/", "baler/commands/events/"),
        "Tables are declared, so no crawler guesses them; QuickSight reads the workgroup as any client does.",
    ),
    "EVENT-FUTURE-06": Requirement(
        "Several regions",
        ("components/events/",),
        "Replication of events by setting and a page; no second stream, global table or failover of names.",
    ),
}
