"""What `baler deploy` tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baler.cli.report import Event


@dataclass(frozen=True, slots=True)
class NothingToDo(Event):
    """The alias needs no shifting."""

    kind: ClassVar[str] = "nothing"
    style: ClassVar[str] = "green"

    version: str
    why: str

    def sentence(self) -> str:
        """Return the line for people."""
        return f"the alias runs version {self.version}: {self.why}"


@dataclass(frozen=True, slots=True)
class Begun(Event):
    """A deployment is under way; `target` is None where somebody else started it."""

    kind: ClassVar[str] = "begun"
    style: ClassVar[str] = "bold"

    deployment_id: str
    version: str
    target: str | None

    def sentence(self) -> str:
        """Return the line for people."""
        if self.target is None:
            return f"following {self.deployment_id}, which was under way already"
        return f"{self.deployment_id} shifts version {self.version} to version {self.target}"


@dataclass(frozen=True, slots=True)
class Shift(Event):
    """The share of the batches that a version gets has changed."""

    kind: ClassVar[str] = "shift"
    style: ClassVar[str] = "cyan"

    version: str
    percent: float

    def sentence(self) -> str:
        """Return the line for people."""
        return f"version {self.version} gets {self.percent:g}% of the batches"


@dataclass(frozen=True, slots=True)
class Shifted(Event):
    """The deployment ended well."""

    kind: ClassVar[str] = "shifted"
    style: ClassVar[str] = "green"

    deployment_id: str
    version: str

    def sentence(self) -> str:
        """Return the line for people."""
        return f"{self.deployment_id} is done: version {self.version} gets every batch"


@dataclass(frozen=True, slots=True)
class TakenBack(Event):
    """The deployment ended otherwise; `split`: the alias still gives the new version a share."""

    kind: ClassVar[str] = "back"
    style: ClassVar[str] = "bold red"

    deployment_id: str
    version: str
    reason: str
    split: bool

    def sentence(self) -> str:
        """Return the line for people."""
        gets = "NOT yet every batch" if self.split else "every batch"
        return (
            f"{self.deployment_id} did not succeed, and version {self.version} gets {gets}: {self.reason}. "
            "See docs/runbooks/rolled-back.md"
        )


@dataclass(frozen=True, slots=True)
class Left(Event):
    """The deployment goes on, and nobody watches it here."""

    kind: ClassVar[str] = "left"
    style: ClassVar[str] = "yellow"

    deployment_id: str

    def sentence(self) -> str:
        """Return the line for people."""
        return (
            f"{self.deployment_id} goes on without being watched here. To follow it, run baler deploy again; to take "
            f"it back: aws deploy stop-deployment --deployment-id {self.deployment_id} --auto-rollback-enabled"
        )
