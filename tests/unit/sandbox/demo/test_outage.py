from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from sandbox.demo.outage import OUTAGE_SECONDS, Outage, begins_after
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from sandbox.receivers.premises import Premises


class Receiver:
    """Notes what happens to it."""

    def __init__(self, *, comes_back: bool = True) -> None:
        self.happened: list[object] = []
        self._comes_back = comes_back

    def stop(self) -> None:
        self.happened.append("stopped")

    def start(self) -> None:
        if not self._comes_back:
            raise SandboxError("the port is taken")
        self.happened.append("started")


def go_through(outage: Outage, receiver: Receiver, *, waits: int = 2, met_after: int = 2) -> None:
    """Let an outage pass at once; the courier meets it, and it is abandoned, after so many of its waits."""

    def waited() -> int:
        return len([each for each in receiver.happened if isinstance(each, float)])

    def wait(seconds: float) -> bool:
        receiver.happened.append(seconds)
        return waited() > waits

    outage.go_through(cast("Premises", receiver), wait, 9.0, receiver.happened.append, lambda: waited() >= met_after)


@pytest.mark.parametrize(("uploads_seconds", "begins"), [(4.0, 1.0), (40.0, 10.0), (100.0, 40.0)])
def test_an_outage_lies_in_the_middle_of_the_uploads_and_something_is_delivered_before(
    uploads_seconds: float, begins: float
) -> None:
    assert begins_after(uploads_seconds) == begins
    assert OUTAGE_SECONDS == 20


def test_a_receiver_goes_away_once_and_comes_back_and_both_are_said() -> None:
    outage, receiver = Outage(), Receiver()
    go_through(outage, receiver)
    gone, back = "The receiver is gone, for 20 s.", "The receiver is back."
    assert receiver.happened == [9.0, "stopped", gone, OUTAGE_SECONDS, "started", back]
    assert outage.is_over
    outage.check()


def test_a_receiver_does_not_come_back_before_a_slow_courier_has_met_its_outage() -> None:
    outage, receiver = Outage(), Receiver()
    go_through(outage, receiver, waits=4, met_after=4)
    waited = [each for each in receiver.happened if isinstance(each, float)]
    assert (len(waited), waited[:2], outage.is_over) == (4, [9.0, OUTAGE_SECONDS], True)
    assert receiver.happened.index("started") > receiver.happened.index(waited[-1])


@pytest.mark.parametrize("waits", [0, 1, 2])
def test_an_outage_that_is_abandoned_starts_nothing(waits: int) -> None:
    outage, receiver = Outage(), Receiver()
    go_through(outage, receiver, waits=waits, met_after=9)
    assert "started" not in receiver.happened
    assert not outage.is_over


def test_a_receiver_that_does_not_come_back_ends_the_demo_with_its_reason() -> None:
    outage = Outage()
    go_through(outage, Receiver(comes_back=False))
    assert not outage.is_over
    with pytest.raises(SandboxError, match=r"^the port is taken$"):
        outage.check()
