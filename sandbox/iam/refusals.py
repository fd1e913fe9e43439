"""The requests that IAM refused on a LocalStack of ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Refusal:
    """A request that was refused.

    Attributes:
        principal: ARN or service principal; `anonymous` without credentials.
        action: `s3:GetObject`, for example.
        resource: ARN, or "*".
        reason: what decided: the statement that refuses, or what kind of policy lacks one that allows.
    """

    principal: str
    action: str
    resource: str
    reason: str

    def __str__(self) -> str:
        return f"{self.principal} may not {self.action} on {self.resource}: {self.reason}"


class RefusalLog:
    """Reads the file that LocalStack writes, from where it was read before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def new(self) -> list[Refusal]:
        """Return what was refused since the last call."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            # The last line may be half written.
            whole, end, _ = file.read().rpartition(b"\n")
        self._offset += len(whole) + len(end)
        return [Refusal(**json.loads(line)) for line in whole.splitlines()]
