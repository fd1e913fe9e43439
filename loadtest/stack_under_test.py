"""The stack under test: what `pulumi stack output --json` says of it."""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from pathlib import Path


class StackUnderTestError(Exception):
    """A stack that cannot be tested: a sentence that says why."""


@dataclass(frozen=True)
class StackUnderTest:
    """A stack's outputs, as far as the load test needs them: the program's names, without `files`, in snake case.

    Attributes:
        courier_table: "" where the delivery is not pushed.
    """

    region: str
    landing_bucket: str
    archive_bucket: str
    distribution_bucket: str
    ingest_queue_url: str
    dead_letter_queue_url: str
    courier_table: str = ""

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
        names = {field.name: _exported(field.name) for field in fields(cls)}
        optional = {_exported(field.name) for field in fields(cls) if field.default is not MISSING}
        found = cast("dict[str, Any]", outputs) if isinstance(outputs, dict) else {}
        missing = [name for name in names.values() if not found.get(name) and name not in optional]
        if missing:
            raise StackUnderTestError(f"{path} has no {', '.join(missing)}: is it of a stack of Baler?")
        return cls(**{name: str(found.get(exported, "")) for name, exported in names.items()})

    def write(self, path: Path) -> None:
        """Write the outputs as Pulumi does."""
        outputs = {_exported(field.name): getattr(self, field.name) for field in fields(self)}
        path.write_text(json.dumps(outputs, indent=2) + "\n", encoding="utf-8")


def _exported(name: str) -> str:
    """Return what the program calls an output: all but the region are the pipeline's."""
    return name if name == "region" else "files" + "".join(part.capitalize() for part in name.split("_"))
