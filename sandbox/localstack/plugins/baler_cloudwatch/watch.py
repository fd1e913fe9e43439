"""Evaluates every alarm whenever its window moves, in place of LocalStack's scheduler."""

from __future__ import annotations

import json
import logging
import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from localstack.aws.connect import connect_to
from localstack.services.cloudwatch.models import LocalStackCompositeAlarm, cloudwatch_stores

from baler_cloudwatch.evaluation import UNDECIDED, evaluate, window_end
from baler_cloudwatch.hastened import LAPSES
from baler_cloudwatch.queues import sample_queues
from baler_cloudwatch.samples import STORE

if TYPE_CHECKING:
    from baler_cloudwatch.evaluation import Verdict

LOG = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
LATE_SECONDS = 5
"""So long after its window has moved an alarm is evaluated once more: of what comes late, the most has come."""
ARRIVAL_SECONDS = 2.0
"""How long after the end of a period its samples have all arrived: those out of log lines come when a run has ended.
AWS publishes no figure, and evaluates once a minute."""


class AlarmWatch(threading.Thread):
    """A thread that evaluates alarms, and samples what is a state and no event: how much waits in queues."""

    def __init__(self, provider: Any) -> None:
        super().__init__(name="alarm-watch", daemon=True)
        self._provider = provider
        self._ended = threading.Event()
        self._evaluated: dict[str, Any] = {}

    def run(self) -> None:
        """Evaluate until it is shut down."""
        while not self._ended.wait(EVERY_SECONDS):
            try:
                sample_queues()
                self._evaluate_all(time.time() - ARRIVAL_SECONDS)
            except Exception:
                LOG.exception("Alarms were not evaluated")

    def shutdown_scheduler(self) -> None:
        """End."""
        self._ended.set()

    def schedule_metric_alarm(self, _arn: str) -> None:
        """Do nothing: all alarms are evaluated."""

    def delete_scheduler_for_alarm(self, _arn: str) -> None:
        """Do nothing: an alarm that is gone is not evaluated."""

    def restart_existing_alarms(self) -> None:
        """Do nothing: see above."""

    def _evaluate_all(self, now: float) -> None:
        for account, region, store in cloudwatch_stores.iter_stores():
            for held in list(store.alarms.values()):
                if isinstance(held, LocalStackCompositeAlarm):
                    self._begin(held, account, region, store)
                    continue
                alarm = held.alarm
                lapse = LAPSES.of(alarm["AlarmName"])
                # All alarms at every second would cost a large suite, which has hundreds of them, half a processor.
                late = now - window_end(alarm, now, lapse) >= LATE_SECONDS
                occasion = (id(alarm), lapse, window_end(alarm, now, lapse), late)
                if self._evaluated.get(alarm["AlarmArn"]) == occasion:
                    continue
                self._evaluated[alarm["AlarmArn"]] = occasion
                verdict = evaluate(alarm, STORE, now, lapse)
                if verdict.state != alarm["StateValue"]:
                    _set(alarm, verdict, account, region)

    def _begin(self, composite: LocalStackCompositeAlarm, account: str, region: str, store: Any) -> None:
        """Decide an alarm over others that is new: LocalStack waits until one of those changes."""
        if composite.alarm["StateValue"] != UNDECIDED:
            return
        arns = self._provider._get_alarm_arns(composite.alarm["AlarmRule"])  # noqa: SLF001 - it reads the rule
        if arns and arns[0] in store.alarms:
            context = SimpleNamespace(account_id=account, region=region)
            self._provider._evaluate_composite_alarm(context, composite, store.alarms[arns[0]])  # noqa: SLF001 - see above


def _set(alarm: dict[str, Any], verdict: Verdict, account: str, region: str) -> None:
    data = {
        "version": "1.0",
        "queryDate": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "recentDatapoints": [value for value in verdict.points if value is not None],
        "threshold": alarm.get("Threshold"),
    }
    cloudwatch = connect_to(region_name=region, aws_access_key_id=account).cloudwatch
    try:
        cloudwatch.set_alarm_state(
            AlarmName=alarm["AlarmName"],
            StateValue=verdict.state,
            StateReason=verdict.reason,
            StateReasonData=json.dumps(data),
        )
    except cloudwatch.exceptions.ResourceNotFound:
        LOG.info("The alarm %s was deleted meanwhile", alarm["AlarmName"])
