"""What the resources of rows about the event stream are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harness.recorded_program import ACCOUNT, REGION

from access_matrix.thing import Thing, log_of
from access_matrix.vocabulary import On

if TYPE_CHECKING:
    from harness.recorded_program import Deployed

    from access_matrix.produced import Produced

ROLES_DECIDE: Final = "the account's own policies decide"
"""What AWS gives a key that was given no policy."""

REPLICA: Final = "arn:aws:s3:::events-in-another-region"
_HOUR: Final = "event_type=metric/year=2026/month=01/day=02/hour=03"
_BUCKETS: Final = {
    "events-raw": {
        On.RAW: "",
        On.RAW_EVENT: f"/raw/{_HOUR}/data.json",
        On.REJECTED_RECORD: "/rejected/year=2026/data.json",
        On.RAW_STRAY: "/elsewhere/data.json",
    },
    "events-processed": {
        On.PROCESSED: "",
        On.PROCESSED_EVENT: f"/processed/{_HOUR}/data.json",
        On.PROCESSED_STRAY: "/elsewhere/data.json",
    },
    "events-compacted": {On.COMPACTED: "", On.TABLE_FILE: "/events/data/file.parquet"},
    "events-failures": {
        On.FAILURES: "",
        On.FAILED_BATCH: "/aws/lambda/uuid/shardId-000000000000/2026/01/02/batch",
        On.FAILURE_STRAY: "/elsewhere/batch",
    },
    "events-results": {On.RESULTS: "", On.RESULT: "/answer.csv"},
}
_QUEUES: Final = {
    "events-transform": On.TRANSFORM,
    "events-transform-dead-letters": On.TRANSFORM_DEAD_LETTERS,
    "events-compaction": On.COMPACTION,
    "events-compaction-dead-letters": On.COMPACTION_DEAD_LETTERS,
}
_TABLES: Final = {"events-progress": On.SHARD_PROGRESS, "events-batches": On.BATCHES}
_FUNCTIONS: Final = {
    "events-processor": (On.PROCESSOR_FUNCTION, On.PROCESSOR_LOG, On.PROCESSOR_ROLE),
    "events-transformer": (On.TRANSFORMER_FUNCTION, On.TRANSFORMER_LOG, On.TRANSFORMER_ROLE),
    "events-compactor": (On.COMPACTOR_FUNCTION, On.COMPACTOR_LOG, On.COMPACTOR_ROLE),
    "events-recovery": (On.RECOVERY_FUNCTION, On.RECOVERY_LOG, On.RECOVERY_ROLE),
    "events-sweeper": (On.SWEEPER_FUNCTION, On.SWEEPER_LOG, On.SWEEPER_ROLE),
}
_ROLES: Final = {
    "events-producer": On.PRODUCER_ROLE,
    "events-replication": On.REPLICATION_ROLE,
    "events-stream-rollout": On.STREAM_ROLLOUT_ROLE,
    "events-object-rollout": On.OBJECT_ROLLOUT_ROLE,
    "events-table-rollout": On.TABLE_ROLLOUT_ROLE,
}
_GLUE: Final = f"arn:aws:glue:{REGION}:{ACCOUNT}"


def things_of_events(deployed: Deployed, produced: Produced) -> dict[On, Thing]:
    """Return the resources that the event stream of a deployment has, and those beside it."""
    stream, key = deployed.one("kinesis/stream:Stream", "events-stream"), deployed.one("kms/key:Key", "events-stream")
    database = deployed.exports["eventsDatabase"]
    found = {
        On.STREAM: Thing(stream.outputs["arn"]),
        On.OTHER_STREAM: Thing(f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/another"),
        On.STREAM_KEY: Thing(key.outputs["arn"], produced.named("key", "events-stream")),
        On.OTHER_KEY: Thing(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/another", ROLES_DECIDE),
        On.CATALOG: Thing(f"{_GLUE}:catalog"),
        On.DATABASE: Thing(f"{_GLUE}:database/{database}"),
        On.TABLE: Thing(f"{_GLUE}:table/{database}/events"),
        On.REPLICATED_EVENT: Thing(f"{REPLICA}/raw/{_HOUR}/data.json"),
        On.OTHER_DATABASE: Thing(f"{_GLUE}:database/another"),
        On.OTHER_GLUE_TABLE: Thing(f"{_GLUE}:table/another/events"),
    }
    for part, keys in _BUCKETS.items():
        arn, policy = deployed.one("s3/bucket:Bucket", part).outputs["arn"], produced.named("bucket", part)
        found |= {on: Thing(f"{arn}{key}", policy) for on, key in keys.items()}
    for part, on in _QUEUES.items():
        found[on] = Thing(deployed.one("sqs/queue:Queue", part).outputs["arn"], produced.named("queue", part))
    for part, on in _TABLES.items():
        found[on] = Thing(deployed.one("dynamodb/table:Table", part).outputs["arn"])
    roles = dict(_ROLES)
    for part, (function, log, role) in _FUNCTIONS.items():
        found[function] = Thing(deployed.one("lambda/function:Function", part).outputs["arn"])
        found[log] = log_of(deployed, part)
        roles[part] = role
    for part, on in roles.items():
        found[on] = Thing(deployed.one("iam/role:Role", part).outputs["arn"], produced.named("trust", part))
    return found
