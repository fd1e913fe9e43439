"""The event stream under test: what `pulumi stack output --json` says of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self, cast

from loadtest.stack_under_test import StackUnderTestError

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
        try:
            outputs: Any = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise StackUnderTestError(
                f"{path} cannot be read as a stack's outputs ({error}): write it with "
                f"`pulumi stack output --json > {path}`."
            ) from error
        found = cast("dict[str, Any]", outputs) if isinstance(outputs, dict) else {}
        names = {field.name: _exported(field.name) for field in fields(cls)}
        if missing := [name for name in names.values() if not found.get(name)]:
            raise StackUnderTestError(f"{path} has no {', '.join(missing)}: does the stack have the pipeline events?")
        return cls(**{name: str(found[exported]) for name, exported in names.items()})


def _exported(name: str) -> str:
    return name if name == "region" else "events" + "".join(part.capitalize() for part in name.split("_"))
