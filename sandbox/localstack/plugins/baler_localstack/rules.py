"""Runs a scheduled rule at once: `POST /_baler/rules/<name>/fire`; and none that is disabled.

The function gets what LocalStack's own job sends, at its own time or at the one in the body, `{"time": "..."}`. On AWS
`time` is that of the schedule; LocalStack's is the second in which the job runs, up to a minute before the schedule's.
"""

from __future__ import annotations

import json
import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from localstack.http import Response
from localstack.runtime import hooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.http import Request
    from localstack.services.events.rule import RuleService

_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
_DISABLED = "DISABLED"
_given: ContextVar[str | None] = ContextVar("time of the event", default=None)


@hooks.on_infra_start()
def fire_on_request() -> None:
    """Take requests to fire a rule."""
    from localstack.services.edge import ROUTER  # noqa: PLC0415 - it loads half of the gateway

    ROUTER.add("/_baler/rules/<name>/fire", endpoint=_fire, methods=["POST"])


@hooks.on_infra_start()
def heed_state() -> None:
    """Let a rule rest while it is disabled: LocalStack's clock looks at its state when it is made, and never again."""
    from localstack.services.events.rule import RuleService  # noqa: PLC0415 - it loads the service

    RuleService.create_schedule_job = _create_schedule_job


def _create_schedule_job(service: RuleService, send: Callable[..., None]) -> None:
    from localstack.services.events.scheduler import JobScheduler  # noqa: PLC0415 - when the service is loaded

    def unless_disabled(*arguments: Any, **named: Any) -> None:
        if service.rule.state != _DISABLED:
            send(*arguments, **named)

    service.job_id = JobScheduler.instance().add_job(unless_disabled, service.schedule_cron)


def _fire(request: Request, name: str, **_: str) -> Response:
    try:
        at = _wanted_time(request.get_data())
    except ValueError as error:
        return Response(json.dumps({"message": str(error)}), 400)
    services = [service for arn, service in scheduled() if arn.rpartition("/")[2] == name]
    if not services:
        return Response(json.dumps({"message": f"There is no scheduled rule {name} that is enabled"}), 404)
    for service in services:
        run(service, at)
    return Response(json.dumps({"fired": len(services)}), 200)


def _wanted_time(body: bytes) -> str | None:
    """Return the event's time; None where the caller leaves it to LocalStack.

    Raises:
        ValueError: the body is something else.
    """
    document = json.loads(body) if body else {}
    if not isinstance(document, dict) or document.keys() - {"time"}:
        raise ValueError('the body is {"time": ...}, or nothing')
    at = document.get("time")
    if at is not None and not _TIME.match(str(at)):
        raise ValueError("time is a second in UTC, such as 2026-11-26T10:05:00Z")
    return at


def scheduled() -> list[tuple[str, RuleService]]:
    """Return the rules that the clock runs, of all accounts and regions, with their ARNs."""
    return [
        (arn, service)
        for arn, service in list(_provider()._rule_services_store.items())  # noqa: SLF001 - nothing else knows the jobs
        if service.rule.state != _DISABLED and _job(service) is not None
    ]


def _provider() -> Any:
    from localstack.services.plugins import SERVICE_PLUGINS  # noqa: PLC0415 - when there are services

    return SERVICE_PLUGINS.require("events")._provider  # noqa: SLF001 - see above


def _job(service: RuleService) -> Any:
    from localstack.services.events.scheduler import JobScheduler  # noqa: PLC0415 - when the service may be loaded

    return JobScheduler.instance().get_job(service.job_id) if getattr(service, "job_id", None) else None


def run(service: RuleService, at: str | None = None) -> None:
    """Run a rule's job in this thread; targets are invoked as they always are, which waits for none.

    Args:
        service: of `scheduled`.
        at: the time of the event; None for the present one.
    """
    from localstack.services.events import provider  # noqa: PLC0415 - when the service may be loaded

    if not hasattr(provider.timestamp, "of_baler"):
        provider.timestamp = _timestamp(provider.timestamp)
    token = _given.set(at)
    try:
        _job(service).job_func()
    finally:
        _given.reset(token)


def _timestamp(own: Any) -> Any:
    def timestamp(*arguments: Any, **named: Any) -> str:
        return _given.get() or own(*arguments, **named)

    timestamp.of_baler = True  # so that it is put there once
    return timestamp
