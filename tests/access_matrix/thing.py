"""A resource of a row, as IAM sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.recorded_program import ACCOUNT

if TYPE_CHECKING:
    from harness.recorded_program import Deployed


@dataclass(frozen=True)
class Thing:
    """A resource.

    Attributes:
        policy: the name of the document attached to it.
        account: who owns it.
    """

    arn: str
    policy: str | None = None
    account: str = ACCOUNT


def log_of(deployed: Deployed, part: str) -> Thing:
    """Return a stream of the log that a part writes."""
    return Thing(f"{deployed.one('cloudwatch/logGroup:LogGroup', part).outputs['arn']}:log-stream:today")
