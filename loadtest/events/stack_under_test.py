"""The event stream under test: what `pulumi stack output --json` says of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

from loadtest.stack_under_test import read_outputs

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class EventsUnderTest:
    """A stack's outputs, as far as the load test needs them: the program's names, without `events`, in snake case."""

    region: str
    stream: str
    producer_role_arn: str
    processed_bucket: str
    transform_queue_url: str
    transform_dead_letter_queue_url: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the outputs from a JSON file.

        Raises:
            StackUnderTestError: no such file, not JSON, or an output is missing.
        """
        names = [field.name for field in fields(cls)]
        return cls(**read_outputs(path, "events", names, doubt="does the stack have the pipeline events?"))
