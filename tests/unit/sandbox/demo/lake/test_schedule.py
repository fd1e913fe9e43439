"""How the demo has the schedule fire: until a run is over, and never for two fetches."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.demo.lake import schedule as module
from sandbox.demo.lake.schedule import Schedule, SourceRun
from sandbox.errors import SandboxError

EARLIER = "2026-03-08T10:00:00Z"


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AGAIN_SECONDS", -1.0)
    monkeypatch.setattr(module, "_POLL_SECONDS", 0.0)


class ScriptedSchedule(Schedule):
    """Says of its one source what a test wrote down, look by look; the last is said from then on.

    Each is whether the run for the event that was fired has begun, and whether no run is at work.
    """

    def __init__(self, *looks: tuple[bool, bool]) -> None:
        nobody: Any = None
        super().__init__(nobody, nobody)
        self.fired: list[str] = []
        self._looks = list(looks)

    def fire(self, at: str = "") -> None:
        self.fired.append(at)

    def runs(self) -> dict[str, SourceRun]:
        if not self.fired:
            return {"posts": _run(EARLIER, over=True)}
        begun, over = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        return {"posts": _run(self.fired[-1] if begun else EARLIER, over=over)}


def _run(last_event: str, *, over: bool) -> SourceRun:
    return SourceRun(last_event, over=over, well=True, failures=0, reason="")


def test_a_run_that_takes_its_time_is_waited_for_and_not_fired_again() -> None:
    schedule = ScriptedSchedule((True, False), (True, False), (True, False), (True, True))

    runs = schedule.fire_and_wait(["posts"])

    assert [runs["posts"].last_event] == schedule.fired


def test_an_event_that_was_dropped_is_fired_again_once_the_run_before_is_over_and_is_the_same_event() -> None:
    schedule = ScriptedSchedule((False, False), (False, False), (False, True), (True, True))

    schedule.fire_and_wait(["posts"])

    assert len(schedule.fired) == 2
    assert len(set(schedule.fired)) == 1


def test_a_run_that_is_never_over_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RUN_SECONDS", 0.0)

    with pytest.raises(SandboxError, match="was not over"):
        ScriptedSchedule((True, False)).fire_and_wait(["posts"])
