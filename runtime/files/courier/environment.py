"""The function's environment: read once, and refused by the variable's name before any work is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from baler.environment_variables import InvalidEnvironment, text, whole_number
from baler.files.courier.breaker import BreakerLimits
from runtime.files.courier.limits import CourierLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

DeliveryKind = Literal["http", "s3"]
Checksums = Literal["when-required", "when-supported"]

_BOOLEANS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class StoreVariables:
    """What is said of an S3-compatible store alone.

    Attributes:
        bucket: its name.
        prefix: what the keys of bundles begin with; may be "".
        region: in the signature.
        path_style: the bucket is in the path, not in the host's name.
        conditional_puts: the store has If-None-Match.
        verify_by_read: each bundle is read again after the put.
        checksums: whether checksums are sent that older stores refuse.
    """

    bucket: str
    prefix: str
    region: str
    path_style: bool
    conditional_puts: bool
    verify_by_read: bool
    checksums: Checksums


@dataclass(frozen=True, slots=True)
class Environment:
    """What the stack tells the function.

    Attributes:
        stack: the stack's name, a dimension of every metric.
        distribution_bucket: the mailbox's name.
        courier_table: the name of the table of lease, breaker and receipts.
        delivery: what the receiver is.
        receiver_url: https; its name is asked for and must be in the certificate.
        receiver_address: IPv4, which is dialled: nothing resolves names in the function's network.
        receiver_secret: ARN of the credentials.
        store: of the delivery `s3`; None of `http`.
        limits: of sends, breaker and refusals.
        credentials_grace_seconds: for how long after a rotation the version before is tried too.
        receipt_lifetime_seconds: how long a delivery's record is kept.
    """

    stack: str
    distribution_bucket: str
    courier_table: str
    delivery: DeliveryKind
    receiver_url: str
    receiver_address: str
    receiver_secret: str
    store: StoreVariables | None
    limits: CourierLimits
    credentials_grace_seconds: int
    receipt_lifetime_seconds: int

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Read the variables.

        Raises:
            InvalidEnvironment: one is missing, empty, or not what it must be.
        """
        delivery = cast("DeliveryKind", _one_of(variables, "DELIVERY", get_args(DeliveryKind)))
        return cls(
            stack=text(variables, "STACK"),
            distribution_bucket=text(variables, "DISTRIBUTION_BUCKET"),
            courier_table=text(variables, "COURIER_TABLE"),
            delivery=delivery,
            receiver_url=text(variables, "RECEIVER_URL"),
            receiver_address=text(variables, "RECEIVER_ADDRESS"),
            receiver_secret=text(variables, "RECEIVER_SECRET"),
            store=_store(variables) if delivery == "s3" else None,
            limits=CourierLimits(
                breaker=BreakerLimits(
                    failures_to_open=whole_number(variables, "FAILURES_TO_OPEN"),
                    probe_interval_seconds=whole_number(variables, "PROBE_INTERVAL_SECONDS"),
                ),
                send_timeout_seconds=whole_number(variables, "SEND_TIMEOUT_SECONDS"),
                parallel_sends=whole_number(variables, "PARALLEL_SENDS"),
                refusal_tries=whole_number(variables, "REFUSAL_TRIES"),
            ),
            credentials_grace_seconds=whole_number(variables, "CREDENTIALS_GRACE_SECONDS", least=0),
            receipt_lifetime_seconds=whole_number(variables, "RECEIPT_LIFETIME_SECONDS"),
        )


def _store(variables: Mapping[str, str]) -> StoreVariables:
    return StoreVariables(
        bucket=text(variables, "RECEIVER_BUCKET"),
        prefix=variables.get("RECEIVER_PREFIX", ""),
        region=text(variables, "RECEIVER_REGION"),
        path_style=_boolean(variables, "RECEIVER_PATH_STYLE"),
        conditional_puts=_boolean(variables, "RECEIVER_CONDITIONAL_PUTS"),
        verify_by_read=_boolean(variables, "RECEIVER_VERIFY_BY_READ"),
        checksums=cast("Checksums", _one_of(variables, "RECEIVER_CHECKSUMS", get_args(Checksums))),
    )


def _boolean(variables: Mapping[str, str], name: str) -> bool:
    return _BOOLEANS[_one_of(variables, name, tuple(_BOOLEANS))]


def _one_of(variables: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = text(variables, name)
    if value not in allowed:
        raise InvalidEnvironment(f"the environment variable {name} is {value!r}: it must be {' or '.join(allowed)}")
    return value
