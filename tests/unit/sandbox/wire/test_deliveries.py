"""The parts of a profile that are about what is on its way."""

from __future__ import annotations

from typing import Any

import pytest
from baler_wire.current import InForce
from baler_wire.deliveries import Events, Functions, Invocations, Items, Messages
from baler_wire.latency import Latency
from baler_wire.profile import Profile, ProfileError, profile_named, profile_of


def test_a_document_says_what_is_late_and_what_comes_twice() -> None:
    profile = profile_of(
        {
            "events": {"delay": {"p50_ms": 5, "p99_ms": 9}, "twice": 0.5},
            "messages": {"early": 0.1, "undeleted": 0.2},
            "invocations": {"twice": 1},
            "functions": {"connections_die": 0.3, "clock_seconds": 2},
            "items": {"expire": 1},
        }
    )
    assert profile.events == Events(Latency(5, 9), 0.5)
    assert profile.messages == Messages(0.1, 0.2)
    assert profile.invocations == Invocations(None, 1)
    assert profile.functions == Functions(0.3, 2)
    assert profile.items == Items(1)
    assert profile_of(profile.document()) == profile


def test_without_a_word_nothing_is_late_and_nothing_comes_twice() -> None:
    profile = Profile()
    assert (profile.events, profile.messages, profile.invocations) == (Events(), Messages(), Invocations())
    assert profile.events.delay is None


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"events": {"twice": 1.5}}, "events: twice is a share"),
        ({"messages": {"early": -1}}, "messages: early is a share"),
        ({"functions": {"clock_seconds": -1}}, "clock_seconds is 0 or more"),
        ({"events": {"late": True}}, "events: unknown late"),
        ({"events": {"delay": {"p50_ms": 9, "p99_ms": 5}}}, "latency: p50_ms"),
        ({"items": 4}, "items: an object is expected"),
    ],
)
def test_what_is_no_profile_is_refused_by_the_name_of_the_part(document: Any, why: str) -> None:
    with pytest.raises(ProfileError, match=why):
        profile_of(document)


def test_a_named_profile_can_spare_one_more() -> None:
    profile = profile_of({"name": "aws", "spared": ["judge"]})
    assert profile.spared == (*profile_named("aws").spared, "judge")
    assert profile.events == profile_named("aws").events


@pytest.mark.parametrize("name", ["aws", "bad-day"])
def test_a_day_that_has_a_name_makes_every_kind_of_delivery_late_or_double(name: str) -> None:
    profile = profile_named(name)
    assert profile.events.delay
    assert profile.invocations.delay
    shares = (profile.events.twice, profile.messages.early, profile.messages.undeleted, profile.invocations.twice)
    assert all(shares)
    assert profile.functions.connections_die
    assert profile.functions.clock_seconds
    assert profile.items.expire


def test_what_happens_is_counted_and_is_the_same_for_the_same_seed() -> None:
    def drawn(seed: int) -> list[bool]:
        now = InForce(Profile(seed=seed))
        happened = [now.happens("sqs", "message-early", 0.3) for _ in range(100)]
        assert now.counts.document()["faults"] == {"sqs": {"message-early": sum(happened)}}
        return happened

    assert drawn(1) == drawn(1) != drawn(2)
    assert not InForce().happens("sqs", "message-early", 0)
