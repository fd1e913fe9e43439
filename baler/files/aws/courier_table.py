"""The courier's table in DynamoDB: one item for the lease and the breaker, and one for each delivery.

Each write is made again where its answer was lost. So each is either the same the second time, or its condition tells
an earlier attempt of its own from another's write.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.exceptions import ClientError

from baler.aws.attempts import ATTEMPTS, attempt
from baler.aws.deadline import until
from baler.aws.faults import code_of
from baler.aws.http.client import Service
from baler.files.courier.breaker import Breaker, Cause, Phase
from baler.files.courier.delivery_record import DeliveryId, DeliveryRecord
from baler.files.courier.lease import LEASE_SECONDS, FencedError, Lease

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from baler.aws.http.dynamodb import HttpDynamoDb

KEY: Final = "pk"
TTL: Final = "expires_at"

COURIER: Final = "courier"
"""The key of the item of lease and breaker."""

_DELIVERY: Final = "delivery#"
_REFUSED: Final = "ConditionalCheckFailedException"
# A lease that lasts longer was written by a clock that is wrong, and would stop all deliveries for as long.
_LEASE_MAX_SECONDS: Final = 10 * LEASE_SECONDS
# Some of the names are reserved words of DynamoDB.
_MINE: Final = "#owner = :owner AND #generation = :generation"

_Item = dict[str, "AttributeValueTypeDef"]


class DynamoCourierTable:
    """The CourierTable port (see runtime/files/courier/ports.py).

    Args:
        client: boto3's, or `baler.aws.http`'s.
        table: the table's name.
        record_lifetime_seconds: how long a record is kept after it was last written: receipts for as long as auditors
            look.
        deadline: when its calls must be over, seconds since the epoch.
        clock: for the end of records, seconds since the epoch.
    """

    def __init__(
        self,
        client: DynamoDBClient | HttpDynamoDb,
        table: str,
        record_lifetime_seconds: int,
        deadline: float = math.inf,
        clock: Callable[[], float] = time.time,
    ) -> None:
        # Both have the same calls, but boto3's types know only literal arguments.
        self._client: Any = until(client, deadline)
        self._table = table
        self._record_lifetime_seconds = record_lifetime_seconds
        self._deadline = deadline
        self._clock = clock
        # boto3's, which the `baler` command reads with, tries again by itself.
        self._attempts = ATTEMPTS if isinstance(client, Service) else 1
        # Of the breaker's state, as it stands since the lease was taken: only its holder writes it.
        self._revision = 0

    def acquire(self, owner: str, now: float) -> Lease | None:
        """Take the lease where it has run out, was given back, or never was; it is ours too where an answer was lost.

        An owner's name is used once, so whoever holds the lease under it is this very call.
        """
        taken = self._update(
            "take the courier's lease",
            "SET #owner = :owner, #until = :until, #generation = if_not_exists(#generation, :none) + :one, "
            "#bells = if_not_exists(#bells, :none)",
            "attribute_not_exists(#until) OR #until <= :now OR #until > :absurd",
            {"#owner": "owner", "#until": "lease_until", "#generation": "generation", "#bells": "bells"},
            {
                ":owner": {"S": owner},
                ":until": _number(now + LEASE_SECONDS),
                ":now": _number(now),
                ":absurd": _number(now + _LEASE_MAX_SECONDS),
                ":none": {"N": "0"},
                ":one": {"N": "1"},
            },
        )
        if not taken.done and _text(taken.item, "owner") != owner:
            return None
        self._revision = _revision_in(taken.item)
        return _lease_in(taken.item)

    def ring(self) -> Breaker:
        """Count a bell; one too many, after an answer that was lost, makes the holder look once more in vain."""
        rung = self._update(
            "ring the courier's bell",
            "SET #bells = if_not_exists(#bells, :none) + :one",
            None,
            {"#bells": "bells"},
            {":none": {"N": "0"}, ":one": {"N": "1"}},
        )
        return breaker_in(rung.item)

    def renew(self, lease: Lease, now: float) -> Lease:
        """Prolong the lease where it is still ours, if it had run out as well: nobody took it."""
        renewed = self._update(
            "renew the courier's lease",
            "SET #until = :until",
            _MINE,
            {"#owner": "owner", "#generation": "generation", "#until": "lease_until"},
            {**_owned(lease), ":until": _number(now + LEASE_SECONDS)},
        )
        if not renewed.done:
            raise FencedError
        return _lease_in(renewed.item)

    def release(self, lease: Lease, *, bells: int | None) -> bool:
        """Let the lease run out at once, unless a bell rang. The owner stays, so that a second attempt is the same."""
        names = {"#owner": "owner", "#generation": "generation", "#until": "lease_until"}
        values = {**_owned(lease), ":past": {"N": "0"}}
        condition = _MINE
        if bells is not None:
            condition += " AND #bells = :bells"
            names["#bells"] = "bells"
            values[":bells"] = {"N": str(bells)}
        released = self._update("give the courier's lease back", "SET #until = :past", condition, names, values)
        if released.done:
            return True
        if not _is_held(released.item, lease):
            raise FencedError
        return False

    def save(self, lease: Lease, breaker: Breaker) -> None:
        """Store the breaker's state, whole; an attempt that arrives after a later state replaces nothing.

        What was stored is not known after a failure: the lease is to be taken anew before another state is stored.
        """
        values = _attributes(breaker) | {"revision": {"N": str(self._revision + 1)}}
        is_next = "#revision = :before" if self._revision else "attribute_not_exists(#revision)"
        saved = self._update(
            "store the breaker's state",
            "SET " + ", ".join(f"#{name} = :{name}" for name in values),
            f"{_MINE} AND {is_next}",
            {"#owner": "owner", "#generation": "generation"} | {f"#{name}": name for name in values},
            _owned(lease)
            | {f":{name}": value for name, value in values.items()}
            | ({":before": {"N": str(self._revision)}} if self._revision else {}),
        )
        if not saved.done and not (_is_held(saved.item, lease) and _revision_in(saved.item) == self._revision + 1):
            raise FencedError
        self._revision += 1

    def breaker(self) -> Breaker:
        """Read the breaker's state, strongly consistent, as `baler status` shows it."""
        return breaker_in(self._read("read the breaker's state", COURIER) or {})

    def record(self, delivery: DeliveryId) -> DeliveryRecord | None:
        """Read what is known of a delivery, strongly consistent."""
        item = self._read("read a delivery's record", delivery_key(delivery))
        return None if item is None else record_in(item, delivery)

    def note(self, record: DeliveryRecord) -> None:
        """Write what is known of a delivery unless there is a receipt: the first one stays."""
        item: _Item = {
            KEY: {"S": delivery_key(record.delivery)},
            "attempts": {"N": str(record.attempts)},
            "refusals": {"N": str(record.refusals)},
            "reason": {"S": record.reason},
            TTL: {"N": str(int(self._clock()) + self._record_lifetime_seconds)},
        }
        if record.is_receipt:
            item |= {
                "sha256": {"S": record.sha256},
                "status": {"N": str(record.status)},
                "delivered_at": _number(record.delivered_at),
            }

        def put() -> None:
            try:
                self._client.put_item(
                    TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(delivered_at)"
                )
            except ClientError as error:
                if code_of(error) != _REFUSED:
                    raise

        attempt("note a delivery", put, self._deadline, self._attempts)

    def _read(self, what: str, key: str) -> _Item | None:
        def get() -> _Item | None:
            return self._client.get_item(TableName=self._table, Key={KEY: {"S": key}}, ConsistentRead=True).get("Item")

        return attempt(what, get, self._deadline, self._attempts)

    def _update(
        self, what: str, update: str, condition: str | None, names: Mapping[str, str], values: Mapping[str, Any]
    ) -> _Written:
        """Update the courier's item; DynamoDB returns what stands there, changed or in the condition's way."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": {KEY: {"S": COURIER}},
            "UpdateExpression": update,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ReturnValues": "ALL_NEW",
        }
        if condition is not None:
            request |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}

        def write() -> _Written:
            try:
                return _Written(self._client.update_item(**request)["Attributes"], done=True)
            except ClientError as error:
                if code_of(error) != _REFUSED:
                    raise
                return _Written(cast("_Item", error.response.get("Item", {})), done=False)

        return attempt(what, write, self._deadline, self._attempts)


@dataclass(frozen=True, slots=True)
class _Written:
    """What stands in the table after a conditional write, and whether it took effect."""

    item: _Item
    done: bool


def breaker_in(item: Mapping[str, AttributeValueTypeDef]) -> Breaker:
    """Read the breaker's state in the courier's item.

    One that cannot be read, of another version or written by hand, counts as closed: the receiver says what it is.
    """
    try:
        cause = _text(item, "cause")
        return Breaker(
            phase=Phase(_text(item, "phase")),
            cause=Cause(cause) if cause else None,
            reason=_text(item, "reason"),
            failures=int(_float(item, "failures")),
            refused=_names(item, "refused"),
            opened_at=_float(item, "opened_at"),
            probe_at=_float(item, "probe_at"),
            probes=int(_float(item, "probes")),
            probed=_text(item, "probed"),
            accused=_names(item, "accused"),
            suspects=_names(item, "suspects"),
        )
    except ValueError:
        return Breaker()


def _attributes(breaker: Breaker) -> _Item:
    return {
        "phase": {"S": breaker.phase.value},
        "cause": {"S": breaker.cause.value if breaker.cause else ""},
        "reason": {"S": breaker.reason},
        "failures": {"N": str(breaker.failures)},
        "refused": {"L": [{"S": name} for name in breaker.refused]},
        "opened_at": _number(breaker.opened_at),
        "probe_at": _number(breaker.probe_at),
        "probes": {"N": str(breaker.probes)},
        "probed": {"S": breaker.probed},
        "accused": {"L": [{"S": name} for name in breaker.accused]},
        "suspects": {"L": [{"S": name} for name in breaker.suspects]},
    }


def delivery_key(delivery: DeliveryId) -> str:
    """Return the key of the item of a delivery."""
    return f"{_DELIVERY}{delivery.name}"


def record_in(item: Mapping[str, AttributeValueTypeDef], delivery: DeliveryId) -> DeliveryRecord:
    """Read an item that is the record of a delivery."""
    return DeliveryRecord(
        delivery,
        attempts=int(_float(item, "attempts")),
        refusals=int(_float(item, "refusals")),
        reason=_text(item, "reason"),
        sha256=_text(item, "sha256"),
        status=int(_float(item, "status")),
        delivered_at=_float(item, "delivered_at"),
    )


def _lease_in(item: Mapping[str, AttributeValueTypeDef]) -> Lease:
    return Lease(_text(item, "owner"), int(_float(item, "generation")), int(_float(item, "bells")), breaker_in(item))


def _is_held(item: Mapping[str, AttributeValueTypeDef], lease: Lease) -> bool:
    return (_text(item, "owner"), int(_float(item, "generation"))) == (lease.owner, lease.generation)


def _revision_in(item: Mapping[str, AttributeValueTypeDef]) -> int:
    return int(_float(item, "revision"))


def _owned(lease: Lease) -> _Item:
    return {":owner": {"S": lease.owner}, ":generation": {"N": str(lease.generation)}}


def _number(value: float) -> AttributeValueTypeDef:
    return {"N": f"{value:.3f}"}


def _text(item: Mapping[str, AttributeValueTypeDef], name: str) -> str:
    return item.get(name, {}).get("S", "")


def _names(item: Mapping[str, AttributeValueTypeDef], name: str) -> tuple[str, ...]:
    return tuple(each.get("S", "") for each in item.get(name, {}).get("L", []))


def _float(item: Mapping[str, AttributeValueTypeDef], name: str) -> float:
    return float(item.get(name, {}).get("N", "0"))
