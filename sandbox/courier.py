"""The courier of a deployed stack, seen from outside: its secret, its breaker and its receipts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.files.aws.courier_table import COURIER, KEY, breaker_in
from baler.files.bundle.ids import bundle_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.files.courier.breaker import Breaker
    from baler.files.courier.delivery_record import DeliveryId
    from sandbox.deployed import DeployedCourier
    from sandbox.engine.endpoint import Endpoint

_DELIVERY: Final = "delivery#"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt, or what there is in its place while a bundle is refused.

    Attributes:
        attempts: sends that were refused, and the one that was acknowledged.
        delivered_at: when it was acknowledged, seconds since the epoch; 0 while it was not.
    """

    attempts: int
    delivered_at: float


def record_key(delivery: DeliveryId) -> str:
    """Return the key of a delivery's record in the courier's table."""
    return f"{_DELIVERY}{delivery.name}"


def put_credentials(aws: Endpoint, courier: DeployedCourier, credentials: Mapping[str, str]) -> None:
    """Give the receiver's secret its value, as a person does after the deployment, or a new one: a rotation."""
    aws.secrets.put_secret_value(SecretId=courier.secret, SecretString=json.dumps(dict(credentials)))


def breaker_of(aws: Endpoint, courier: DeployedCourier) -> Breaker:
    """Read the breaker's state."""
    answer = aws.dynamodb.get_item(TableName=courier.table, Key={KEY: {"S": COURIER}}, ConsistentRead=True)
    return breaker_in(answer.get("Item", {}))


def receipts_of(aws: Endpoint, courier: DeployedCourier) -> dict[str, Receipt]:
    """Read the record of every delivery by its bundle's key, and the replay behind a `#` where it is of one."""
    found: dict[str, Receipt] = {}
    for page in aws.dynamodb.get_paginator("scan").paginate(TableName=courier.table, ConsistentRead=True):
        for item in page["Items"]:
            key = item[KEY].get("S", "")
            if key.startswith(_DELIVERY):
                bundle_id, _, replay_id = key.removeprefix(_DELIVERY).partition("#")
                name = bundle_key(bundle_id) + (f"#{replay_id}" if replay_id else "")
                attempts, delivered_at = (item.get(field, {}).get("N", "0") for field in ("attempts", "delivered_at"))
                found[name] = Receipt(int(attempts), float(delivered_at))
    return found
