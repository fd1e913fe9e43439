"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from baler.cli.report import Event


class Verdict(StrEnum):
    """How it is with what was checked."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """It could not be asked, or need not be wrong."""


_STYLES: Final = {Verdict.OK: "green", Verdict.WRONG: "red", Verdict.UNKNOWN: "yellow"}


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        check: what was checked: "clock".
        verdict: how it is.
        text: what is so, and what to do where it is wrong; never a secret.
    """

    check: str
    verdict: Verdict
    text: str

    def event(self) -> Event:
        """Return what is reported."""
        fields = {"check": self.check, "verdict": self.verdict.value, "text": self.text}
        return Event(self.verdict.value, _STYLES[self.verdict], f"{self.check}: {self.text}", fields)
