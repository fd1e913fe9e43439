"""The external party's machine: a folder of files, and a landing bucket in memory."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from baler.commands.send.landing import PutResult, PutState
from baler.commands.send.pace import Pace
from baler.commands.send.sender import Sender
from baler.commands.send.sent_ledger import SentLedger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from baler.cli.report import Event
    from baler.commands.send.sender import SendTotals


def nothing(_step: str) -> None:
    """Let every step happen."""


@dataclass
class MemoryLanding:
    """A versioned bucket that keeps every version; `hook` is told each step, from any thread, and may raise.

    Attributes:
        answers: of the next puts, in place of the true one; the put is made all the same where it is UNKNOWN.
    """

    hook: Callable[[str], None] = nothing
    versions: dict[str, list[bytes]] = field(default_factory=dict[str, list[bytes]])
    answers: list[PutResult] = field(default_factory=list[PutResult])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, key: str, path: Path, sha256: str, *, replace: bool) -> PutResult:
        with self.lock:
            self.hook(f"put {key}")
            result = self._put(key, path.read_bytes(), sha256, replace=replace)
            self.hook(f"stored {key}")
            return self.answers.pop(0) if self.answers else result

    def _put(self, key: str, content: bytes, sha256: str, *, replace: bool) -> PutResult:
        if hashlib.sha256(content).hexdigest() != sha256:
            return PutResult(PutState.CHANGED)
        if key in self.versions and not replace:
            return PutResult(PutState.TAKEN)
        self.versions.setdefault(key, []).append(content)
        return PutResult(PutState.STORED, f"version-{len(self.versions[key])}")


class HookedSentLedger(SentLedger):
    """The ledger, which tells `hook` before and after each write."""

    hook: Callable[[str], None] = staticmethod(nothing)

    def begin(self, *arguments: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # passed on
        self.hook("begin")
        super().begin(*arguments)
        self.hook("begun")

    def end(self, *arguments: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # passed on
        self.hook("end")
        super().end(*arguments)
        self.hook("ended")


@dataclass
class Party:
    """A machine with files to send.

    Attributes:
        folder: the files.
        landing: where they go.
        hook: told every step.
        events: what was reported so far.
        sender_type, ledger_type: broken ones, to show that they are caught.
    """

    folder: Path
    landing: MemoryLanding = field(default_factory=MemoryLanding)
    hook: Callable[[str], None] = nothing
    events: list[Event] = field(default_factory=list["Event"])
    resend_changed: bool = False
    adopt: bool = False
    sender_type: type[Sender] = Sender
    ledger_type: type[HookedSentLedger] = HookedSentLedger

    @property
    def ledger(self) -> Path:
        return self.folder.with_name("sent.sqlite")

    def write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def send(self) -> SendTotals:
        """Run one pass in a process of its own."""
        self.landing.hook = self._step
        with self.ledger_type(self.ledger) as ledger:
            ledger.hook = self._step
            sender = self.sender_type(
                self.folder,
                "",
                self.landing,
                ledger,
                Pace(None),
                lambda: self._step("interruption_point"),
                self.events.append,
                settled_seconds=0,
                resend_changed=self.resend_changed,
                adopt=self.adopt,
                wait=lambda _: None,
            )
            return sender.send()

    def _step(self, name: str) -> None:
        self.hook(name)
