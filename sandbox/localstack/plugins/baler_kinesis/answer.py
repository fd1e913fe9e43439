"""What a function's answer to a batch means.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html: nothing reported is success;
an identifier that is empty, null or no sequence number of the batch is a failure of all of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Succeeded:
    """The function took the batch."""


@dataclass(frozen=True)
class Failed:
    """The function ended with an error, or with an answer that says nothing.

    Attributes:
        request: as the invocation record has it.
        status: HTTP status of the invocation.
        version: of the function that ran.
        error: `Unhandled`; empty where the function returned.
    """

    request: str
    status: int
    version: str
    error: str


@dataclass(frozen=True)
class Reported:
    """The function took what lies before a record.

    Attributes:
        lowest: the first sequence number that it reports.
        invocation: as of a batch that failed.
    """

    lowest: str
    invocation: Failed


@dataclass(frozen=True)
class NotInvoked:
    """Lambda did not run the function: throttled, or an error of its own. Retried without end, and never counted."""

    reason: str


Outcome = Succeeded | Failed | Reported | NotInvoked


def outcome(answer: bytes, invocation: Failed, numbers: Sequence[str], *, reports: bool) -> Outcome:
    """Return what an invocation that was made amounts to.

    Args:
        answer: what the function returned, as bytes.
        invocation: how it went; its `error` decides where it is set.
        numbers: sequence numbers of the batch.
        reports: the mapping asks for failures item by item.
    """
    if invocation.error:
        return invocation
    if not reports:
        return Succeeded()
    try:
        named = _reported(json.loads(answer or b"null"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return invocation
    if not named:
        return Succeeded()
    return Reported(min(named), invocation) if set(named) <= set(numbers) else invocation


def _reported(answer: Any) -> list[str]:
    if not answer:
        return []
    return [item["itemIdentifier"] for item in answer.get("batchItemFailures") or ()]
