"""The progress of reconciliation: one item of the claim table."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import unavailable
from baler.aws.faults import code_of
from baler.files.aws.claim_items import KEY
from baler.files.reconciliation.ports import Marker
from runtime.files.reconciliation.ports import Superseded
from runtime.files.reconciliation.progress import Progress, Sweep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PROGRESS_KEY: Final = "reconciliation#progress"
"""No claim and no record is there: theirs begin with four hexadecimal characters, or with another word."""

_REFUSED: Final = "ConditionalCheckFailedException"


class DynamoProgressStore:
    """The ProgressStore port (see runtime/files/reconciliation/ports.py).

    Args:
        client: a DynamoDB client.
        table: the claim table's name.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def load(self) -> Progress | None:
        """Read the item, strongly consistent."""
        with unavailable("read the progress"):
            item = self._client.get_item(
                TableName=self._table, Key={KEY: {"S": PROGRESS_KEY}}, ConsistentRead=True
            ).get("Item")
        return None if item is None else _parse(item["progress"].get("S", ""))

    def save(self, progress: Progress) -> None:
        """Write the item over that of the generation before, or over this very one, from a try that seemed to fail."""
        text = json.dumps(asdict(progress))
        with unavailable("note the progress"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item={
                        KEY: {"S": PROGRESS_KEY},
                        "generation": {"N": str(progress.generation)},
                        "progress": {"S": text},
                    },
                    ConditionExpression="attribute_not_exists(pk) OR generation = :before OR progress = :same",
                    ExpressionAttributeValues={":before": {"N": str(progress.generation - 1)}, ":same": {"S": text}},
                )
            except ClientError as error:
                if code_of(error) != _REFUSED:
                    raise
                raise Superseded from error


def _parse(text: str) -> Progress:
    fields: dict[str, Any] = json.loads(text)
    sweep: dict[str, Any] | None = fields.pop("sweep")
    if sweep is None:
        return Progress(**fields)
    after: dict[str, str] | None = sweep.pop("after")
    return Progress(**fields, sweep=Sweep(**sweep, after=None if after is None else Marker(**after)))
