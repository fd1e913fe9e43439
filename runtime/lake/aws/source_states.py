"""States of sources in DynamoDB: one item each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.deadline import until
from baler.aws.faults import code_of
from baler.lake.order import read_time, written_time
from runtime.lake.ingestion.ports import ConflictError
from runtime.lake.ingestion.source_state import Remembered, SourceState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from baler.aws.http.dynamodb import HttpDynamoDb

KEY: Final = "source"
"""The partition key: the source's name."""

_REFUSED: Final = "ConditionalCheckFailedException"


class DynamoStates:
    """The States port (see runtime/lake/ingestion/ports.py).

    Args:
        client: boto3's, or `baler.aws.http`'s.
        table: the table's name.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: DynamoDBClient | HttpDynamoDb, table: str, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._table = table
        self._deadline = deadline

    def get(self, source: str) -> SourceState:
        """Read the state, strongly consistent."""

        def read() -> Mapping[str, AttributeValueTypeDef]:
            answer = self._client.get_item(TableName=self._table, Key={KEY: {"S": source}}, ConsistentRead=True)
            return answer.get("Item", {})

        item = attempt("read the state of a source", read, self._deadline)
        return _state_in(item) if item else SourceState.new(source)

    def replace(self, new: SourceState) -> None:
        """Write the state over that of the revision before, or over this very one, from a try that seemed to fail."""

        def put() -> None:
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=_item_of(new),
                    ConditionExpression=(
                        "revision = :before OR (revision = :this AND written_by = :us)"
                        if new.revision > 1
                        else "attribute_not_exists(revision) OR (revision = :this AND written_by = :us)"
                    ),
                    ExpressionAttributeValues={
                        ":this": {"N": str(new.revision)},
                        ":us": {"S": new.written_by},
                        **({":before": {"N": str(new.revision - 1)}} if new.revision > 1 else {}),
                    },
                )
            except ClientError as error:
                if code_of(error) != _REFUSED:
                    raise
                raise ConflictError from error

        attempt("write the state of a source", put, self._deadline)


def _item_of(state: SourceState) -> dict[str, AttributeValueTypeDef]:
    item: dict[str, AttributeValueTypeDef] = {
        KEY: {"S": state.source},
        "revision": {"N": str(state.revision)},
        "written_by": {"S": state.written_by},
        "lease": {"S": state.lease},
        "lease_until": {"N": f"{state.lease_until:.3f}"},
        "generation": {"N": str(state.generation)},
        "event_done": {"BOOL": state.event_done},
        "failures": {"N": str(state.failures)},
        "last_reason": {"S": state.last_reason},
    }
    for name, moment in (("last_event", state.last_event), ("last_success", state.last_success)):
        if moment is not None:
            item[name] = {"S": written_time(moment)}
    if state.remembered is not None:
        item["remembered"] = {
            "M": {
                "content": {"S": state.remembered.content},
                "declaration": {"S": state.remembered.declaration},
                "etag": {"S": state.remembered.etag},
                "last_modified": {"S": state.remembered.last_modified},
            }
        }
    return item


def _state_in(item: Mapping[str, AttributeValueTypeDef]) -> SourceState:
    remembered = item.get("remembered", {}).get("M")
    return SourceState(
        source=_text(item, KEY),
        revision=int(_number(item, "revision")),
        written_by=_text(item, "written_by"),
        lease=_text(item, "lease"),
        lease_until=_number(item, "lease_until"),
        generation=int(_number(item, "generation")),
        remembered=None
        if remembered is None
        else Remembered(
            _text(remembered, "content"),
            _text(remembered, "declaration"),
            _text(remembered, "etag"),
            _text(remembered, "last_modified"),
        ),
        last_event=_time(item, "last_event"),
        event_done=item["event_done"].get("BOOL", False),
        failures=int(_number(item, "failures")),
        last_success=_time(item, "last_success"),
        last_reason=_text(item, "last_reason"),
    )


def _text(item: Mapping[str, AttributeValueTypeDef], name: str) -> str:
    return item[name].get("S", "")


def _number(item: Mapping[str, AttributeValueTypeDef], name: str) -> float:
    return float(item[name].get("N", "0"))


def _time(item: Mapping[str, AttributeValueTypeDef], name: str) -> datetime | None:
    return read_time(_text(item, name)) if name in item else None
