"""Faults of the event stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.rehearsal.fault import Broken, Fault, Typed
from sandbox.rehearsal.functions import bad_release, mapping_off

if TYPE_CHECKING:
    from sandbox.rehearsal.stages import EventsStage

_UNHEALTHY: Final = "pipeline-unhealthy"
_USUAL: Final = 5


def _stalled(stage: EventsStage) -> Broken:
    return mapping_off(stage.aws, stage.deployed.processor_function)


def _function_broken(stage: EventsStage) -> Broken:
    return bad_release(stage.aws, stage.deployed.processor_function)


def _not_transformed(stage: EventsStage) -> Broken:
    return mapping_off(stage.aws, stage.deployed.transformer_function)


def _table_late(stage: EventsStage) -> Broken:
    return mapping_off(stage.aws, stage.deployed.compactor_function)


def _rejected(stage: EventsStage) -> Broken:
    def send(bad: int) -> None:
        stage.load.bad = bad

    send(100)
    return Broken(others=lambda: send(0), who="whoever runs the producer corrects it")


def _traffic(stage: EventsStage) -> Broken:
    def send(events: int) -> None:
        stage.load.events = events

    send(200)
    return Broken(others=lambda: send(_USUAL), who="the burst is over")


def _throttled(stage: EventsStage) -> Broken:
    def send(hot: int) -> None:
        stage.load.hot = hot

    send(2500)
    return Broken(others=lambda: send(0), who="the producers spread what they send over more keys")


def _of_events(*, typed: tuple[Typed, ...], **fault: Any) -> Fault[EventsStage]:
    return Fault(**fault, typed=typed, pipeline="events")


FAULTS_OF_EVENTS: Final[tuple[Fault[Any], ...]] = (
    _of_events(
        name="events-stalled",
        summary="somebody has disabled the mapping that reads the stream",
        page="events-stalled",
        alarms=("events-stalled", _UNHEALTHY),
        break_it=_stalled,
        typed=(Typed("export MAPPING"), Typed("--enabled")),
    ),
    _of_events(
        name="events-function-broken",
        summary="a release of the processor that cannot even be loaded",
        page="events-function-broken",
        alarms=("events-processor-errors",),
        break_it=_function_broken,
        typed=(Typed("export PROCESSOR"), Typed("update-alias")),
    ),
    _of_events(
        name="events-not-transformed",
        summary="somebody has disabled the mapping of the transformer's queue",
        page="events-not-transformed",
        alarms=("events-not-transformed", _UNHEALTHY),
        break_it=_not_transformed,
        typed=(Typed("export LOG"), Typed("pulumi up --refresh")),
    ),
    _of_events(
        name="events-table-late",
        summary="somebody has disabled the mapping of the compactor's queue",
        page="events-table-late",
        alarms=("events-not-compacted",),
        break_it=_table_late,
        typed=(Typed("export DEAD="), Typed("pulumi up --refresh")),
        factor=90.0,
    ),
    _of_events(
        name="events-rejected",
        summary="a producer sends what can never be an event",
        page="events-rejected",
        alarms=("events-rejected-flood",),
        break_it=_rejected,
        typed=(Typed("--prefix rejected/"),),
    ),
    _of_events(
        name="events-traffic",
        summary="producers send forty times what was agreed",
        page="events-traffic",
        alarms=("events-traffic-high",),
        break_it=_traffic,
        typed=(Typed("for type in"),),
        settings={"baler:eventsExpectedPerSecond": 5},
        factor=30.0,
    ),
    _of_events(
        name="events-throttled",
        summary="one partition key is hot, and its shard refuses what comes",
        page="events-throttled",
        alarms=("events-stream-write-throttles",),
        break_it=_throttled,
        typed=(Typed("describe-stream-summary"),),
    ),
)
