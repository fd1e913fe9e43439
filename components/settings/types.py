"""The kinds of values that settings have beyond numbers and words."""

import ipaddress
import re
from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_PRINCIPAL: Final = re.compile(r"arn:aws(-[a-z]+)*:iam::\d{12}:(root|(role|user)/[\w+=,.@/-]+)", re.ASCII)

_LOG_RETENTIONS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)

# No character that means something in a policy, and no slash in front, where clients differ.
_KEY_PREFIX: Final = re.compile(r"([A-Za-z0-9!_.'()-][A-Za-z0-9!_.'()/-]*/)?", re.ASCII)

PRINCIPAL_EXAMPLE: Final = "arn:aws:iam::<account id>:role/<name>"
NETWORK_EXAMPLE: Final = "<network>/<bits>"


def refusal(reason: str, use: object, *, item: str | None = None) -> PydanticCustomError:
    """Return the error that a validator raises: why a value is refused, and one that would be accepted.

    Args:
        reason: the rest of a sentence that begins with the key and its value.
        use: what to set instead; an empty text removes the key, or the item.
        item: the place in a list, `[1]`, where that is to be done if the whole list is refused.
    """
    return PydanticCustomError("refused", "{reason}", {"reason": reason, "use": use, "item": item})


def unset(alias: str, reason: str, use: object, *, state: str = "is not set") -> PydanticCustomError:
    """Return the error that a validator raises where another key of the stack would have to be set.

    Args:
        alias: the other key.
        reason: why.
        use: to what.
        state: what it is instead.
    """
    return PydanticCustomError("unset", "{reason}", {"alias": alias, "reason": reason, "use": use, "state": state})


def _principal_arn(value: str) -> str:
    if not _PRINCIPAL.fullmatch(value):
        raise refusal("it must be the ARN of one role, user or account root, without wildcards", PRINCIPAL_EXAMPLE)
    return value


def _principal_arn_or_nothing(value: str) -> str:
    return _principal_arn(value) if value else value


def _operator_arn(value: str) -> str:
    if value.endswith(":root"):
        raise refusal("a bucket's policy would take it for the root user alone: name a role or user", PRINCIPAL_EXAMPLE)
    return value


def _key_prefix(value: str) -> str:
    if not _KEY_PREFIX.fullmatch(value):
        raise refusal("it must be letters, digits and !_.'()-/ with a slash at the end and none in front", "<prefix>/")
    return value


def network(value: str) -> str:
    """Accept a network in CIDR notation that is not everything."""
    try:
        prefix_length = ipaddress.ip_network(value).prefixlen
    except ValueError as error:
        raise refusal(f"it must be a network in CIDR notation ({error})", NETWORK_EXAMPLE) from error
    if prefix_length == 0:
        raise refusal("it must name a network, and /0 is the whole internet", NETWORK_EXAMPLE)
    return value


def each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Accept a list that names nothing twice: of what each item names, the stack declares something."""
    for place, value in enumerate(values):
        if value in values[:place]:
            raise refusal(f"it names {value} twice", "", item=f"[{place}]")
    return values


def _some(networks: tuple[str, ...]) -> tuple[str, ...]:
    if not networks:
        raise refusal("it must name a network", NETWORK_EXAMPLE)
    return networks


def _log_retention(value: int) -> int:
    if value not in _LOG_RETENTIONS:
        longer = [days for days in _LOG_RETENTIONS if days > value]
        raise refusal(
            f"CloudWatch Logs accepts only {', '.join(map(str, _LOG_RETENTIONS))} days",
            longer[0] if longer else _LOG_RETENTIONS[-1],
        )
    return value


PrincipalArn = Annotated[str, AfterValidator(_principal_arn)]
"""One IAM principal: nothing that a wildcard could widen."""

PrincipalArnOrNothing = Annotated[str, AfterValidator(_principal_arn_or_nothing)]
"""The same, or empty."""

OperatorArns = tuple[Annotated[str, AfterValidator(_principal_arn), AfterValidator(_operator_arn)], ...]
"""IAM roles and users that a bucket's policy can tell from others."""

KeyPrefix = Annotated[str, AfterValidator(_key_prefix)]
"""What some keys begin with: nothing, for all of them, or up to a slash, so that no other prefix begins with it."""

Networks = Annotated[tuple[Annotated[str, AfterValidator(network)], ...], AfterValidator(_some)]
"""At least one network in CIDR notation, IPv4 or IPv6, none of them everything."""

LogRetentionDays = Annotated[int, AfterValidator(_log_retention)]
"""Days that CloudWatch Logs can keep a log (API reference, PutRetentionPolicy)."""
