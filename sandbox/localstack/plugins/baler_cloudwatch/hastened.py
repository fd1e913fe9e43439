"""The time lapses of this LocalStack: `PUT /_baler/time-lapse` begins and ends one, `GET` tells them.

While one lasts, the schedules that it names run at once and then as much more often as its periods are shorter.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from typing import TYPE_CHECKING

from baler_localstack import rules
from localstack.http import Response

from baler_cloudwatch.functions import is_running
from baler_cloudwatch.time_lapse import AS_ON_AWS, Lapses, read_request

if TYPE_CHECKING:
    from localstack.http import Request
    from localstack.services.events.rule import RuleService

LOG = logging.getLogger(__name__)

LAPSES = Lapses()

_RATE = re.compile(r"\s*rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)\s*")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


def answer(request: Request, **_: str) -> Response:
    """Take a request."""
    if request.method == "PUT":
        try:
            prefix, lapse = read_request(json.loads(request.get_data() or b"{}"))
        except ValueError as error:
            return Response(json.dumps({"message": str(error)}), 400)
        LAPSES.put(prefix, lapse)
        if lapse != AS_ON_AWS:
            SCHEDULES.begin(prefix)
    return Response(json.dumps(LAPSES.document()), 200)


class Schedules:
    """Runs scheduled rules in time lapse, beside LocalStack's own clock."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, prefix: str) -> None:
        """Run the rules of a prefix at once, and go on as long as they are in time lapse."""
        with self._lock:
            self._due = {arn: due for arn, due in self._due.items() if not _name(arn).startswith(prefix)}
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="time-lapse", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                self._fire(time.monotonic())
            except Exception:
                LOG.exception("Scheduled rules were not run")
            time.sleep(1)

    def _fire(self, now: float) -> None:
        for arn, service in rules.scheduled():
            lapse = LAPSES.of(_name(arn))
            rate = _RATE.fullmatch(service.rule.schedule_expression or "")
            if lapse == AS_ON_AWS or rate is None:
                continue
            with self._lock:
                if self._due.get(arn, now) > now or any(map(is_running, _functions(service))):
                    continue
                # Twice as often as the periods end, so that each of them has a sample, wherever it begins.
                self._due[arn] = now + lapse.period(int(rate[1]) * _SECONDS[rate[2]]) / 2
            rules.run(service)


SCHEDULES = Schedules()


def _functions(service: RuleService) -> list[str]:
    """Return the names of the functions that a rule invokes: one that is still at work is not invoked again."""
    arns = [target["Arn"].split(":") for target in service.rule.targets.values()]
    return [parts[6] for parts in arns if parts[2] == "lambda"]


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
