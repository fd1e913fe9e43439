"""What is wrong with a file's path into the ingest queue and out of it, as S3, SQS and Lambda say that they are set up.

None of it shows in a metric of AWS: a bucket whose notification was replaced looks like a party that sends nothing, and
a mapping that was disabled over night looks like one until the first file of the morning is late.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, cast

from baler.files.path_fault import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping


_EVERY_CREATION: Final = "s3:ObjectCreated:*"
_STOPPED: Final = frozenset({"Disabling", "Disabled", "Deleting"})
_SEND: Final = "sqs:sendmessage"
_SENDER: Final = "s3.amazonaws.com"
_COMPARISONS: Final = frozenset({"arnequals", "arnlike", "stringequals", "stringlike"})


class Part(StrEnum):
    """What is read: the dimension of the metric of what could not be, and the word in the logs."""

    NOTIFICATION = "notification"
    QUEUE = "queue"
    MAPPING = "mapping"


@dataclass(frozen=True, slots=True)
class Lane:
    """A queue, and what leads into it and out of it.

    Attributes:
        prefix: what the keys of its files begin with; empty for any key.
        queue_url, queue_arn: the queue.
        mapping: UUID of the event source mapping.
    """

    prefix: str
    queue_url: str
    queue_arn: str
    mapping: str


@dataclass(frozen=True, slots=True)
class IngestPath:
    """The parts of the path, by name.

    Attributes:
        bucket: the landing bucket.
        lanes: of the ingest queue.
        alias_arn: what their mappings should invoke.
    """

    bucket: str
    lanes: tuple[Lane, ...]
    alias_arn: str


def read_lanes(variable: str) -> tuple[Lane, ...]:
    """Read the variable that the program sets: a list of objects, as JSON."""
    return tuple(Lane(**each) for each in json.loads(variable))


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found.

    Attributes:
        faults: of all parts that could be read, each once.
        unread: the parts that could not.
        messages: in all lanes, visible or not; None where one could not be read.
    """

    faults: tuple[Fault, ...]
    unread: tuple[Part, ...]
    messages: int | None


def notification_faults(configuration: Mapping[str, Any], queue_arn: str, prefix: str) -> list[Fault]:
    """Return what is wrong with a bucket's notification configuration, as GetBucketNotificationConfiguration has it.

    Args:
        configuration: that.
        queue_arn: which of its queues is meant.
        prefix: of the files that the queue is to hear of; empty for all.
    """
    ours = [each for each in configuration.get("QueueConfigurations", ()) if each.get("QueueArn") == queue_arn]
    if not ours:
        return [Fault.NOTIFICATION_REPLACED]
    if any(_EVERY_CREATION in each.get("Events", ()) and _takes(each, prefix) for each in ours):
        return []
    return [Fault.NOTIFICATION_NARROWED]


def _takes(configuration: Mapping[str, Any], prefix: str) -> bool:
    """Tell whether every key with the prefix meets what the configuration says that keys must begin or end with."""
    rules = [
        rule for rule in configuration.get("Filter", {}).get("Key", {}).get("FilterRules", ()) if rule.get("Value")
    ]
    return all(str(rule.get("Name")).lower() == "prefix" and prefix.startswith(rule["Value"]) for rule in rules)


def queue_faults(attributes: Mapping[str, str], queue_arn: str, bucket_arn: str) -> list[Fault]:
    """Return what is wrong with the queue, given its attributes `Policy` and `RedrivePolicy`."""
    faults: list[Fault] = []
    if not _may_send(attributes.get("Policy", ""), bucket_arn, account=queue_arn.split(":")[4]):
        faults.append(Fault.QUEUE_POLICY)
    if not attributes.get("RedrivePolicy"):
        faults.append(Fault.REDRIVE_POLICY)
    return faults


def mapping_faults(mapping: Mapping[str, Any] | None, queue_arn: str, alias_arn: str) -> list[Fault]:
    """Return what is wrong with an event source mapping, as GetEventSourceMapping has it; None where there is none.

    A mapping that is being created, enabled or updated is none that is at fault.
    """
    if mapping is None:
        return [Fault.MAPPING_MISSING]
    if mapping.get("State") in _STOPPED:
        return [Fault.MAPPING_DISABLED]
    if (mapping.get("EventSourceArn"), mapping.get("FunctionArn")) != (queue_arn, alias_arn):
        return [Fault.MAPPING_CHANGED]
    return []


def _may_send(policy: str, bucket_arn: str, *, account: str) -> bool:
    """Whether a statement lets S3 send for the bucket, and none without a condition refuses it.

    It is not all of IAM: a condition that it does not know counts as one that S3 does not meet where it is on an
    allowance, and as one that S3 does not run into where it is on a refusal (the program's own, about TLS, is such).
    """
    try:
        document = json.loads(policy)
    except ValueError:
        return False
    about = [each for each in _listed(document.get("Statement")) if _is_about_sending(each)]
    allowed = any(each.get("Effect") == "Allow" and _lets(each.get("Condition"), bucket_arn, account) for each in about)
    refused = any(each.get("Effect") == "Deny" and not each.get("Condition") for each in about)
    return allowed and not refused


def _is_about_sending(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    services = _listed(cast("dict[str, Any]", principal).get("Service")) if isinstance(principal, dict) else []
    everybody = principal == "*" or (isinstance(principal, dict) and "*" in _listed(principal.get("AWS")))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  # JSON
    actions = (str(action).lower() for action in _listed(statement.get("Action")))
    return (everybody or _SENDER in services) and any(fnmatchcase(_SEND, action) for action in actions)


def _lets(condition: Mapping[str, Mapping[str, Any]] | None, bucket_arn: str, account: str) -> bool:
    """Whether S3 meets a condition when it sends for this bucket of this account."""
    sent = {"aws:sourcearn": bucket_arn, "aws:sourceaccount": account}
    for operator, keys in (condition or {}).items():
        for key, values in keys.items():
            value = sent.get(key.lower())
            if operator.lower() not in _COMPARISONS or value is None:
                return False
            if not any(fnmatchcase(value, str(pattern)) for pattern in _listed(values)):
                return False
    return True


def _listed(value: Any) -> list[Any]:
    """Return what a policy writes alone or in a list as a list."""
    if value is None:
        return []
    return cast("list[Any]", value) if isinstance(value, list) else [value]
