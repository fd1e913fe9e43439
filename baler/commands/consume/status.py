"""How a running consumer is, for programs beside it: a JSON document, Prometheus metrics, systemd's status line."""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from baler.cli.failures import FailureReporter
from baler.cli.report import printable, quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from baler.cli.report import Event
    from baler.commands.consume.collector import Totals


_PREFIX: Final = "baler_consumer_"


class ConsumerState(StrEnum):
    """What the consumer does."""

    STARTING = "starting"  # it has made no pass yet
    WORKING = "working"  # its latest pass went to the end
    STANDING_BY = "standing-by"  # another one has the lease
    FAILING = "failing"  # its latest pass did not go to the end
    STOPPED = "stopped"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class ConsumerStatus:
    """What is known of this process.

    Attributes:
        mailbox: the bucket.
        into: the folder of files.
        version: of Baler.
        state: what it does.
        started_at, last_pass_at, last_delivered_at: moments; None where there was none. A
            pass counts that went to its end.
        last_error, last_error_at: what failed last, and when.
        hooks_due: for how many bundles the hook has not succeeded; None where there is no hook.
        hooks_failed: how often it failed since the start.
        totals: what the run did; None before its first pass.
    """

    mailbox: str
    into: Path
    version: str
    state: ConsumerState = ConsumerState.STARTING
    started_at: datetime = field(default_factory=_now)
    last_pass_at: datetime | None = None
    last_delivered_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    hooks_due: int | None = None
    hooks_failed: int = 0
    totals: Totals | None = None

    def observe(self, event: Event) -> None:
        """Take notice of what is reported."""
        if event.kind == "bundle":
            self.last_delivered_at = _now()
        elif event.kind == "error":
            self.last_error, self.last_error_at = event.text, _now()

    def passed(self, *, ours: bool) -> None:
        """Take notice of a pass that went to its end; `ours`: this consumer is the one that works."""
        self.last_pass_at = _now()
        self.state = ConsumerState.WORKING if ours else ConsumerState.STANDING_BY

    def failed(self, message: str) -> None:
        """Take notice of a pass that did not."""
        self.state = ConsumerState.FAILING
        self.last_error, self.last_error_at = message, _now()

    def document(self) -> str:
        """Return it as JSON, a line."""
        fields: dict[str, Any] = {
            "at": _text(_now()),
            "state": self.state,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "version": self.version,
            "mailbox": self.mailbox,
            "into": str(self.into),
            "started_at": _text(self.started_at),
            "last_pass_at": _text(self.last_pass_at),
            "last_delivered_at": _text(self.last_delivered_at),
            "last_error": self.last_error,
            "last_error_at": _text(self.last_error_at),
            "hooks_due": self.hooks_due,
            "hooks_failed": self.hooks_failed,
            **({} if self.totals is None else asdict(self.totals)),
        }
        return json.dumps(fields) + "\n"

    def metrics(self) -> str:
        """Return it in Prometheus' text format, https://prometheus.io/docs/instrumenting/exposition_formats/."""
        return "".join(
            f"# HELP {_PREFIX}{name} {about}\n# TYPE {_PREFIX}{name} {kind}\n{_PREFIX}{name} {value}\n"
            for name, kind, about, value in self._metrics()
        )

    def line(self) -> str:
        """Return it as a line for systemd."""
        if self.state is ConsumerState.FAILING and self.last_error is not None:
            return f"failing: {printable(self.last_error)}"
        bundles, files = (0, 0) if self.totals is None else (self.totals.bundles, self.totals.files)
        return f"{self.state}: {quantity(bundles, 'bundle')}, {quantity(files, 'file')} delivered"

    def _metrics(self) -> Iterator[tuple[str, str, str, float]]:
        for state in ConsumerState:
            name = state.replace("-", "_")
            yield f"{name}", "gauge", f"1 while the consumer is {state}.", int(self.state is state)
        for name, about, moment in (
            ("start", "it started", self.started_at),
            ("last_pass", "its latest complete pass over the mailbox ended", self.last_pass_at),
            ("last_delivery", "it last delivered a bundle", self.last_delivered_at),
        ):
            if moment is not None:
                yield f"{name}_timestamp_seconds", "gauge", f"When {about}.", round(moment.timestamp(), 3)
        if self.totals is not None:
            for name, about, count in (
                ("bundles_total", "Bundles delivered since the start.", self.totals.bundles),
                ("files_total", "Files delivered since the start.", self.totals.files),
                ("bytes_total", "Bytes of the files delivered since the start.", self.totals.bytes),
                ("redelivered_total", "Bundles that had been delivered before.", self.totals.redelivered),
            ):
                yield name, "counter", about, count
            yield "quarantined", "gauge", "Bundles in quarantine at the latest pass.", self.totals.quarantined
            yield "failed", "gauge", "Bundles that failed in the latest pass.", self.totals.failed
        if self.hooks_due is not None:
            yield "hooks_due", "gauge", "Bundles for which the hook has not succeeded yet.", self.hooks_due
            yield "hook_failures_total", "counter", "Failures of the hook since the start.", self.hooks_failed


# How often the files are written at the most while a pass goes on; each pass writes them at its end.
_WRITTEN_EVERY_SECONDS: Final = 10.0


class StatusFiles:
    """Writes the status where somebody asked for it: whole or not at all, so that a reader never sees half of it.

    Args:
        status: what is written.
        document: the JSON file, or None.
        metrics: the file of Prometheus metrics, or None.
        report: gets a failure where one cannot be written.
    """

    def __init__(
        self,
        status: ConsumerStatus,
        document: Path | None,
        metrics: Path | None,
        report: Callable[[Event], None],
    ) -> None:
        self._files = [
            (path, text) for path, text in ((document, status.document), (metrics, status.metrics)) if path is not None
        ]
        self._failures = FailureReporter(report)
        self._due_at = 0.0

    def write_if_due(self) -> None:
        """Write them where that was not done for some seconds: called often."""
        if self._files and time.monotonic() >= self._due_at:
            self.write()

    def write(self) -> None:
        """Write them. One that cannot be written does not hold up deliveries."""
        self._due_at = time.monotonic() + _WRITTEN_EVERY_SECONDS
        for path, text in self._files:
            # A collector of Prometheus takes what ends in .prom: the draft does not.
            draft = path.with_name(f"{path.name}.draft")
            try:
                draft.write_text(text(), encoding="utf-8")
                draft.replace(path)
            except OSError as error:
                self._failures.report(f"It cannot be written ({error.strerror}): delivering goes on.", str(path))
            else:
                self._failures.clear(str(path))


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")
