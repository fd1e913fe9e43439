"""The shipped flow keeps before it notes and notes before it answers, whatever fails on the way."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import pytest
from nifi_flow.component_types import PROCESSORS
from nifi_flow.definition import Flow, flow
from nifi_flow.interpreter import FILES, Answer, Receiver

FLOW: Final = flow()
BUNDLE: Final = "20261126T090102345Z-9f86d081884c7d65#"
OK: Final = Answer(200, "")


def failures(graph: Flow) -> list[tuple[str, str]]:
    """Return each processor with each way in which it may not go on."""
    found = [
        (processor.name, relationship)
        for processor in graph.processors.values()
        for relationship in ("failure", "unmatched")
        if relationship in PROCESSORS[processor.type].relationships and processor.kind != "HandleHttpResponse"
    ]
    assert len(found) > 10
    return found


def check(receiver: Receiver, answer: Answer) -> None:
    """What holds after each request."""
    assert answer.body == ""
    for bundle in receiver.noted:
        assert receiver.complete(bundle)
    if answer == OK:
        assert receiver.noted
    seen = [what for what, _ in receiver.history]
    if "noted" in seen:
        assert seen.index("noted") > max(
            place for place, what in enumerate(seen[: seen.index("noted")]) if what == "kept"
        )


def test_a_bundle_is_kept_then_noted_then_answered() -> None:
    receiver = Receiver(FLOW)
    assert receiver.post(BUNDLE) == OK
    assert [what for what, _ in receiver.history] == ["kept"] * FILES + ["marked", "noted", "answered"]


@pytest.mark.requirement("PUSH-REQ-04")
def test_a_bundle_that_is_known_is_answered_200_and_not_kept_again() -> None:
    receiver = Receiver(FLOW)
    receiver.post(BUNDLE)
    kept = dict(receiver.kept)
    assert receiver.post(BUNDLE) == OK
    assert receiver.kept == kept
    assert set(kept.values()) == {1}


def test_a_replay_is_kept_though_the_bundle_is_known() -> None:
    receiver = Receiver(FLOW)
    receiver.post(BUNDLE)
    assert receiver.post(f"{BUNDLE}replay-1") == OK
    assert receiver.complete(f"{BUNDLE}replay-1")


def test_an_unpacking_that_fails_once_is_answered_503_and_the_second_try_keeps_it_once() -> None:
    """A flow that notes first would call the second one a duplicate, and the bundle would be lost."""
    receiver = Receiver(FLOW)
    assert receiver.post(BUNDLE, {"Unpack": "failure"}) == Answer(503, "")
    assert not receiver.noted
    assert receiver.post(BUNDLE) == OK
    assert receiver.complete(BUNDLE)
    assert set(receiver.kept.values()) == {1}


@pytest.mark.parametrize(("processor", "relationship"), failures(FLOW))
def test_whatever_fails_once_the_next_try_ends_kept(processor: str, relationship: str) -> None:
    receiver = Receiver(FLOW)
    first = receiver.post(BUNDLE, {processor: relationship})
    assert first != OK
    assert not receiver.noted
    check(receiver, first)
    second = receiver.post(BUNDLE)
    assert second == OK
    assert receiver.complete(BUNDLE)
    check(receiver, second)


@pytest.mark.parametrize("failing", [*combinations(failures(FLOW), 2)])
def test_two_things_that_fail_lose_nothing_either(failing: tuple[tuple[str, str], tuple[str, str]]) -> None:
    receiver = Receiver(FLOW)
    for outcomes in (dict(failing), dict([failing[0]]), dict([failing[1]]), {}):
        check(receiver, receiver.post(BUNDLE, outcomes))
    assert receiver.complete(BUNDLE)
    assert BUNDLE in receiver.noted


def test_work_that_outlasts_the_request_ends_kept_once() -> None:
    """The first answer is the 503 of the expired request; the flow goes on, keeps and notes; the second is 200."""
    receiver = Receiver(FLOW)
    assert receiver.post(BUNDLE, patience=False) == Answer(503, "")
    assert receiver.complete(BUNDLE)
    assert receiver.post(BUNDLE) == OK
    assert set(receiver.kept.values()) == {1}


def test_a_note_that_was_forgotten_costs_the_same_bytes_once_more() -> None:
    receiver = Receiver(FLOW)
    receiver.post(BUNDLE)
    receiver.noted.clear()
    assert receiver.post(BUNDLE) == OK
    assert set(receiver.kept.values()) == {2}


@pytest.mark.parametrize(
    ("processor", "relationship", "status"),
    [
        ("Is it the courier?", "unmatched", 403),
        ("Are the headers a bundle's?", "unmatched", 400),
        ("Is the hash the sender's?", "unmatched", 422),
        ("Hash the body", "failure", 503),
        ("Look for a note of it", "failure", 503),
        ("Decompress", "failure", 503),
        ("Keep the file", "failure", 503),
        ("Mark the bundle complete", "failure", 503),
        ("Note it", "failure", 503),
    ],
)
def test_each_failure_has_its_answer_and_no_body(processor: str, relationship: str, status: int) -> None:
    assert Receiver(FLOW).post(BUNDLE, {processor: relationship}) == Answer(status, "")


def test_an_answer_whose_status_nobody_set_is_500() -> None:
    assert Receiver(FLOW.rewired({("Unpack", "failure"): "Empty the answer"})).post(
        BUNDLE, {"Unpack": "failure"}
    ) == Answer(500, "")


MISTAKES: Final = {
    "notes before it keeps": {
        ("Look for a note of it", "not-found"): "Write the mark",
        ("Write the mark", "success"): "Note it",
        ("Note it", "success"): "Decompress",
        ("Wait until all are kept", "merged"): "Say 200",
    },
    "answers before it keeps": {("Look for a note of it", "not-found"): "Say 200"},
    "notes without the last file": {("Keep the file", "failure"): "Drop the content"},
    "answers with the bundle": {("Say 503", "success"): "Answer"},
    "notes nothing": {("Name the mark", "success"): "Note it"},
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_flow_with_a_mistake_is_noticed(mistake: str) -> None:
    """What the tests above would say of it."""
    broken = FLOW.rewired(MISTAKES[mistake])

    def fails() -> bool:
        for outcomes in ({}, *({name: relationship} for name, relationship in failures(FLOW))):
            receiver = Receiver(broken)
            try:
                check(receiver, receiver.post(BUNDLE, outcomes))
                answer = receiver.post(BUNDLE)
                check(receiver, answer)
            except (AssertionError, ValueError):
                return True
            if answer != OK or not receiver.complete(BUNDLE):
                return True
        return False

    assert fails()
