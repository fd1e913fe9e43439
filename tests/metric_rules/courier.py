"""A courier at work beside the pipeline, as its own code works: invoked by each bundle and each minute."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from harness.courier import ACCEPTED, NOW, CourierWorld

from baler.files.courier.breaker import BreakerLimits
from metric_rules.cloudwatch import key_of
from runtime.files.courier.limits import CourierLimits
from runtime.files.courier.observability import logger, report_run
from runtime.files.courier.run_report import RunReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.recorded_program import Deployed

    from baler.files.courier.answer import Answer
    from metric_rules.causes import Cause
    from metric_rules.cloudwatch import Metrics
    from runtime.files.courier.ports import Parcel

_NAME: Final = "files-courier"
_MINUTE: Final = 60
# The second of a minute at which the courier's rule fires.
_TICK_SECOND: Final = 40
# Nothing is put into its mailbox while a run is made here, so long runs are made of short ones: a few sends each.
_RUN_SECONDS: Final = 60.0
_CREDENTIALS_AGE: Final = 86_400.0


def courier_of(deployed: Deployed) -> CourierAtWork | None:
    """Return the courier of a stack; None where a consumer pulls."""
    functions = {each.name: each for each in deployed.all("lambda/function:Function")}
    function = functions.get(f"baler-{deployed.stack}-{_NAME}")
    if function is None:
        return None
    variables = function.inputs["environment"]["variables"]
    limits = CourierLimits(
        breaker=BreakerLimits(
            failures_to_open=int(variables["FAILURES_TO_OPEN"]),
            probe_interval_seconds=float(variables["PROBE_INTERVAL_SECONDS"]),
        ),
        send_timeout_seconds=float(variables["SEND_TIMEOUT_SECONDS"]),
        parallel_sends=int(variables["PARALLEL_SENDS"]),
        refusal_tries=int(variables["REFUSAL_TRIES"]),
    )
    return CourierAtWork(function.outputs["name"], deployed.stack, CourierWorld(limits))


@dataclass
class CourierAtWork:
    """The function, its mailbox and its receiver.

    Attributes:
        function: its name.
        stack: the stack's name.
        world: mailbox, table and receiver.
    """

    function: str
    stack: str
    world: CourierWorld
    _busy_until: float = 0.0
    _rung: bool = False
    _numbers: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def waiting(self) -> list[float]:
        """When each bundle that waits was put, by the pipeline's clock."""
        return [stored.put_at - NOW for stored in self.world.objects.values()]

    @property
    def set_aside(self) -> int:
        """How many bundles were set aside."""
        return len(self.world.quarantine)

    def put(self, now: float) -> None:
        """Take a bundle into the mailbox, whose event rings the bell."""
        self.world.now = max(self.world.now, NOW + now)
        (bundle_id,) = self.world.put()
        self._numbers[bundle_id] = len(self._numbers)
        self._rung = True

    def step(self, now: float, cause: Cause, metrics: Metrics, published: Callable[..., None]) -> None:
        """Run where the bell rang, or the rule fires."""
        if not (self._rung or now % _MINUTE == _TICK_SECOND):
            return
        self._rung = False
        if not cause.courier:
            return
        crashed = int(cause.courier_crashes)
        metrics.put(key_of("AWS/Lambda", "Errors", {"FunctionName": self.function}), now, crashed)
        metrics.put(key_of("AWS/Lambda", "Invocations", {"FunctionName": self.function}), now, 1)
        if crashed:
            return
        if now < self._busy_until:
            # Another holds the lease, and looks once more when it has heard the bell.
            self._rung = True
            self._report(RunReport(held=False, breaker=self.world.breaker), now, published)
            return
        self.world.now = NOW + now
        self.world.answers = self._answers(cause)
        report = self.world.courier().run(
            self.world.now + _RUN_SECONDS, lambda part: self._report(part, self.world.now - NOW, published)
        )
        self._busy_until = self.world.now - NOW
        self._rung = self.world.breaker.closed and bool(self.world.objects)
        self._report(report, self._busy_until, published)

    def _answers(self, cause: Cause) -> Callable[[Parcel], Answer]:
        def answer(parcel: Parcel) -> Answer:
            self.world.now += cause.answer_seconds
            refused = self._numbers[parcel.delivery.bundle_id] % cause.answers_every == 0
            return cause.answer if refused and cause.answer else ACCEPTED

        return answer

    def _report(self, report: RunReport, now: float, published: Callable[..., None]) -> None:
        # Of what it writes, the metrics alone are read; it logs each bundle besides.
        level = logger.log_level
        logger.setLevel(logging.CRITICAL)
        published(now, lambda: report_run(report, self.stack, NOW + now, _CREDENTIALS_AGE))
        logger.setLevel(level)
