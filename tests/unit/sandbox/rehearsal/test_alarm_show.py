"""What is shown while alarms are waited for."""

from __future__ import annotations

import io
from itertools import chain, repeat
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from sandbox.rehearsal import alarm_show as module
from sandbox.rehearsal.alarm_show import AlarmShow
from sandbox.rehearsal.alarm_watch import Change

if TYPE_CHECKING:
    from collections.abc import Sequence


class Script:
    """Alarms that are on, one look after the other; the last stays."""

    def __init__(self, looks: Sequence[set[str]]) -> None:
        self.on: frozenset[str] = frozenset()
        self.goes_on(looks)

    def goes_on(self, looks: Sequence[set[str]]) -> None:
        self._looks = chain(looks, repeat(looks[-1]))

    def changed(self) -> Change:
        before, self.on = self.on, frozenset(next(self._looks))
        return Change(self.on - before, before - self.on)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ASK_SECONDS", 0.001)


def test_each_alarm_is_shown_once_when_it_fires_and_when_it_clears() -> None:
    shown = io.StringIO()
    show = AlarmShow(Script([set(), {"one"}, {"one", "two"}, {"two"}, set()]), Console(file=shown))
    assert show.wait("both on", lambda on: on >= {"one", "two"})
    assert show.wait("all off", lambda on: not on)
    said = [line.split(" s  ")[1].split() for line in shown.getvalue().splitlines()]
    assert said == [["fires", "one"], ["fires", "two"], ["clears", "one"], ["clears", "two"]]


def test_an_alarm_that_does_not_fire_in_time_is_told_with_those_that_are_on() -> None:
    shown = io.StringIO()
    show = AlarmShow(Script([{"another"}]), Console(file=shown))
    assert not show.wait("one on", lambda on: "one" in on, patience=0.01)
    assert "one on. On: another." in shown.getvalue()


def test_what_others_do_is_done_when_somebody_presses_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    script, done = Script([{"one"}]), list[str]()

    def pressed(_: float) -> bool:
        return not done

    def start() -> None:
        done.append("started")
        script.goes_on([set()])

    monkeypatch.setattr(module, "_enter_within", pressed)
    assert AlarmShow(script, Console(file=io.StringIO())).wait("off", lambda on: not on, on_enter=start)
    assert done == ["started"]
