"""The stack under test: what `pulumi stack output --json` says of it."""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path


class StackUnderTestError(Exception):
    """A stack that cannot be tested: a sentence that says why."""


@dataclass(frozen=True)
class StackUnderTest:
    """A stack's outputs, as far as the load test needs them: the program's names, without `files`, in snake case.

    Attributes:
        courier_table: "" where the delivery is not pushed.
        aggregator_log_group: "" where nobody says: then it is not known where the time went.
        ingest_queue_urls: of all lanes, with spaces between; "" where there is one.
    """

    region: str
    landing_bucket: str
    archive_bucket: str
    distribution_bucket: str
    ingest_queue_url: str
    dead_letter_queue_url: str
    courier_table: str = ""
    aggregator_log_group: str = ""
    ingest_queue_urls: str = ""

    @property
    def lanes(self) -> list[str]:
        """The URLs of the queues that the files come through."""
        return self.ingest_queue_urls.split() or [self.ingest_queue_url]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the outputs from a JSON file.

        Raises:
            StackUnderTestError: no such file, not JSON, or an output is missing.
        """
        optional = [field.name for field in fields(cls) if field.default is not MISSING]
        names = [field.name for field in fields(cls)]
        return cls(**read_outputs(path, "files", names, optional, doubt="is it of a stack of Baler?"))

    def write(self, path: Path) -> None:
        """Write the outputs as Pulumi does."""
        outputs = {_exported("files", field.name): getattr(self, field.name) for field in fields(self)}
        path.write_text(json.dumps(outputs, indent=2) + "\n", encoding="utf-8")


def read_outputs(
    path: Path, pipeline: str, names: Sequence[str], optional: Collection[str] = (), *, doubt: str
) -> dict[str, str]:
    """Read outputs of a pipeline from a JSON file, by their names without the pipeline's, in snake case.

    Args:
        path: what `pulumi stack output --json` wrote.
        pipeline: whose outputs.
        names: of the outputs.
        optional: those that may be missing, which are "" then.
        doubt: what to ask where one is missing.

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
    programs = {name: _exported(pipeline, name) for name in names}
    missing = [output for name, output in programs.items() if not found.get(output) and name not in optional]
    if missing:
        raise StackUnderTestError(f"{path} has no {', '.join(missing)}: {doubt}")
    return {name: str(found.get(output, "")) for name, output in programs.items()}


def _exported(pipeline: str, name: str) -> str:
    """Return what the program calls an output: all but the region are the pipeline's."""
    return name if name == "region" else pipeline + "".join(part.capitalize() for part in name.split("_"))
