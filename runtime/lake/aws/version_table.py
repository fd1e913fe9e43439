"""Versions of records in DynamoDB, as curation keeps them."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from baler.aws.attempts import attempt
from baler.aws.deadline import until
from baler.lake.aws.version_items import version_item
from baler.lake.retention import FOR_EVER
from baler.lake.versions import Version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from baler.aws.http.dynamodb import HttpDynamoDb
    from baler.lake.retention import Retention
    from runtime.lake.curation.sighting import Sighting

_AT_ONCE: Final = 8


class DynamoVersionTable:
    """The VersionTable port (see runtime/lake/curation/ports.py).

    An item has nothing of what a source sent but for its place, so that there is none that the store calls invalid: a
    table that does is of the wrong shape, and the message comes again.

    Args:
        client: boto3's, or `baler.aws.http`'s.
        table: its name.
        deadline: when its calls must be over, seconds since the epoch.
        retention: of versions.
    """

    def __init__(
        self,
        client: DynamoDBClient | HttpDynamoDb,
        table: str,
        deadline: float = math.inf,
        *,
        retention: Retention = FOR_EVER,
    ) -> None:
        # Both have the same calls, but boto3's types know only literal arguments.
        self._client: Any = until(client, deadline)
        self._table = table
        self._deadline = deadline
        self._retention = retention

    def put(self, sightings: Sequence[Sighting]) -> None:
        """Put sightings by id and order, some at once; the same again puts the same. An error is raised at the end."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._put, sightings))

    def _put(self, sighting: Sighting) -> None:
        version = Version(sighting.order, sighting.fingerprint, sighting.raw_s3_key)
        item = version_item(sighting.id, version, self._retention)
        attempt("keep a version", lambda: self._client.put_item(TableName=self._table, Item=item), self._deadline)
