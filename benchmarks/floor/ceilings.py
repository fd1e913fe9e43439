"""The ceilings of a floor: what it gives at most of what the contestants ask for."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from baler.files.aws.claim_inserts import insert_statements
from baler.files.aws.claim_items import claim_item
from baler.files.claims.model import Claim
from baler.files.claims.ports import INSERTS_AT_ONCE
from benchmarks.floor.ceiling import requests_per_second
from benchmarks.floor.signed_requests import signed_call, signed_get
from benchmarks.stage import LANDING, REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.stage import Landed, Stage

GETS: Final = "GetObject of a version"
CLAIMS: Final = "claims by PutItem"
INSERTS: Final = "claims by INSERT, 25 a request"

# As the aggregator's.
_CONDITION: Final = "attribute_not_exists(pk) OR expires_at < :now"
_NOW: Final = "1790000000"


def ceilings_of(stage: Stage, files: Sequence[Landed]) -> dict[str, Callable[[], float]]:
    """Return what measures each, once per call, in files a second.

    Args:
        stage: the floor.
        files: which are read, and claimed in a new table.
    """
    return {
        GETS: partial(_gets, stage, files),
        CLAIMS: partial(_claims, stage, files),
        INSERTS: partial(_inserts, stage, files),
    }


def _gets(stage: Stage, files: Sequence[Landed]) -> float:
    url = f"{stage.endpoints.s3}/{LANDING}"
    asked = [signed_get(f"{url}/{quote(file.key)}?versionId={file.version_id}", REGION) for file in files]
    return requests_per_second(stage.endpoints.s3, asked)


def _claims(stage: Stage, files: Sequence[Landed]) -> float:
    url = stage.endpoints.dynamodb
    with stage.claim_table() as table:
        bodies = [json.dumps(_claim(table, file)).encode() for file in files]
        return requests_per_second(url, [signed_call(url, REGION, "PutItem", body) for body in bodies])


def _inserts(stage: Stage, files: Sequence[Landed]) -> float:
    url = stage.endpoints.dynamodb
    with stage.claim_table() as table:
        statements = insert_statements(table, [_claim_on(file) for file in files])
        batches = [statements[start : start + INSERTS_AT_ONCE] for start in range(0, len(files), INSERTS_AT_ONCE)]
        bodies = [json.dumps({"Statements": batch}).encode() for batch in batches]
        calls = [signed_call(url, REGION, "BatchExecuteStatement", body) for body in bodies]
        return requests_per_second(url, calls) * len(files) / len(calls)


def _claim(table: str, file: Landed) -> dict[str, Any]:
    return {
        "TableName": table,
        "Item": claim_item(_claim_on(file)),
        "ConditionExpression": _CONDITION,
        "ExpressionAttributeValues": {":now": {"N": _NOW}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _claim_on(file: Landed) -> Claim:
    return Claim(f"{file.etag}#{file.key}", "20261126T090102345Z-0000000000000000", float(_NOW), int(_NOW))
