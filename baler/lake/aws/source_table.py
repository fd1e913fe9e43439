"""States of sources, as an operator reads them. Ingestion alone writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from baler.lake.aws.named_table import named_table
from baler.lake.ids import SOURCE_NAME
from baler.lake.order import read_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

KEY: Final = "source"
"""The partition key: the source's name."""


@dataclass(frozen=True, slots=True)
class SourceReading:
    """How a source fares.

    Attributes:
        source: its name.
        last_event: time of the latest event that a run began for; None if none did.
        last_success: time of the latest event whose run ended well; None if none did.
        failures: runs in a row that did not end well.
        last_reason: why the last run did not, or "".
        leased_until: when the lease of a run ends, seconds since the epoch; None where no run has one.
    """

    source: str
    last_event: datetime | None = None
    last_success: datetime | None = None
    failures: int = 0
    last_reason: str = ""
    leased_until: float | None = None


def source_readings(client: DynamoDBClient, table: str) -> dict[str, SourceReading]:
    """Return all states that are there, by source, read consistently; other items of the table are left out.

    Raises:
        ClientError, BotoCoreError: the table does not answer.
        Refused: it is none of states.
    """
    with named_table(table, "states of sources"):
        pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        items: list[Mapping[str, Any]] = [item for page in pages for item in page["Items"]]
        found = [_reading(item) for item in items if SOURCE_NAME.fullmatch(item[KEY]["S"])]
    return {each.source: each for each in found}


def _reading(item: Mapping[str, Any]) -> SourceReading:
    return SourceReading(
        source=item[KEY]["S"],
        last_event=_time(item, "last_event"),
        last_success=_time(item, "last_success"),
        failures=int(item["failures"]["N"]),
        last_reason=item["last_reason"]["S"],
        leased_until=float(item["lease_until"]["N"]) if item["lease"]["S"] else None,
    )


def _time(item: Mapping[str, Any], name: str) -> datetime | None:
    return read_time(item[name]["S"]) if name in item else None
