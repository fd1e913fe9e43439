"""What the resources of rows about the data lake are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harness.recorded_program import ACCOUNT, REGION

from access_matrix.thing import Thing
from access_matrix.vocabulary import On

if TYPE_CHECKING:
    from harness.recorded_program import Deployed

    from access_matrix.produced import Produced

SOURCES_FILE: Final = "tests/access_matrix/sources_of_lake.toml"
ITEMS: Final = {
    On.SOURCE_STATE: "orders",
    On.FORGOTTEN_STATE: "no-longer-declared",
    On.PAGING_KEY: "#paging-key",
}
"""Keys of items of the table of sources."""

_BUCKETS: Final = {
    "lake-raw": {
        On.LAKE_RAW: "",
        On.RAW_OBJECT: f"/raw/source=orders/date=2026-01-02/20260102T030000Z-{'0' * 64}.json",
        On.SET_ASIDE: "/rejected/source=orders/date=2026-01-02/why.json",
        On.LAKE_STRAY: "/elsewhere/data.json",
    },
    "lake-site": {On.SITE: "", On.SITE_FILE: "/index.html"},
}
_QUEUES: Final = {"lake-curation": On.CURATION_QUEUE, "lake-curation-dead-letters": On.CURATION_DEAD_LETTERS}
_TABLES: Final = {"lake-records": On.RECORDS, "lake-counters": On.COUNTERS, "lake-versions": On.VERSIONS}
_FUNCTIONS: Final = {
    "lake-ingestion": (On.INGESTION_FUNCTION, On.INGESTION_LOG, On.INGESTION_ROLE),
    "lake-curation": (On.CURATION_FUNCTION, On.CURATION_LOG, On.CURATION_ROLE),
    "lake-api": (On.API_FUNCTION, On.API_LOG, On.API_ROLE),
}
_ROLES: Final = {
    "lake-schedule-rollout": On.SCHEDULE_ROLLOUT_ROLE,
    "lake-object-rollout": On.CURATION_ROLLOUT_ROLE,
    "lake-api-rollout": On.API_ROLLOUT_ROLE,
}


def things_of_lake(deployed: Deployed, produced: Produced) -> dict[On, Thing]:
    """Return the resources that the data lake of a deployment has."""
    sources = deployed.one("dynamodb/table:Table", "lake-sources").outputs["arn"]
    secret = deployed.one("secretsmanager/secret:Secret", "lake-source-orders").outputs["arn"]
    found = {on: Thing(sources) for on in ITEMS}
    found[On.SOURCE_SECRET] = Thing(secret, produced.named("secret", "lake-source-orders"))
    for part, keys in _BUCKETS.items():
        arn, policy = deployed.one("s3/bucket:Bucket", part).outputs["arn"], produced.named("bucket", part)
        found |= {on: Thing(f"{arn}{key}", policy) for on, key in keys.items()}
    for part, on in _QUEUES.items():
        found[on] = Thing(deployed.one("sqs/queue:Queue", part).outputs["arn"], produced.named("queue", part))
    for part, on in _TABLES.items():
        found[on] = Thing(deployed.one("dynamodb/table:Table", part).outputs["arn"])
    found[On.RECORD_INDEX] = Thing(f"{found[On.RECORDS].arn}/index/SourceIndex")
    roles = dict(_ROLES)
    for part, (function, log, role) in _FUNCTIONS.items():
        name = deployed.one("lambda/function:Function", part).outputs
        found[function] = Thing(name["arn"])
        # The API has a log of accesses beside that of its function, by the same logical name.
        found[log] = Thing(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{name['name']}:log-stream:today")
        roles[part] = role
    for part, on in roles.items():
        found[on] = Thing(deployed.one("iam/role:Role", part).outputs["arn"], produced.named("trust", part))
    return found
