"""baler_wire: what a profile says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from baler_wire.profile import Fault, Latency, Profile, ProfileError, profile_named, profile_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_profile_is_read_as_it_is_written() -> None:
    document = {
        "name": "mine",
        "seed": 7,
        "spared": ["test"],
        "latency": {"s3": {"p50_ms": 30, "p99_ms": 200}},
        "faults": [{"kind": "silent", "service": "s3", "when": "midway", "about": "landing/", "count": 1}],
    }
    profile = profile_of(document)
    assert profile.latency == {"s3": Latency(30, 200)}
    assert profile.faults == (Fault("silent", service="s3", when="midway", about="landing/", count=1),)
    assert profile_of(profile.document()) == profile


@pytest.mark.parametrize("name", ["aws", "bad-day"])
def test_a_profile_of_a_name_has_the_seed_that_is_given(name: str) -> None:
    profile = profile_of({"name": name, "seed": 9})
    assert (profile.name, profile.seed) == (name, 9)
    # Nobody would notice a demo whose own deployer and checks meet faults until it fails by chance.
    assert profile.spared == ("test",)
    assert profile.latency["s3"] is not None
    assert profile.faults


def test_s3_and_dynamodb_take_as_long_on_an_ordinary_day_as_people_measure() -> None:
    latency = profile_named("aws").latency
    assert (latency["s3"], latency["dynamodb"]) == (Latency(30, 200), Latency(5, 25))


def test_nothing_becomes_of_requests_without_a_profile() -> None:
    assert profile_named("none") == profile_of({}) == Profile()


def test_a_file_is_a_profile_too(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[faults]]\nkind = "closed"\nrate = 0.5\n', encoding="utf-8")
    assert profile_named(str(file)) == Profile("mine", faults=(Fault("closed", rate=0.5),))


NO_PROFILES: list[tuple[dict[str, Any], str]] = [
    ({"delay": 1}, "unknown delay"),
    ({"name": "worst"}, "no profile worst; there are none, aws, bad-day"),
    ({"faults": [{"kind": "eaten"}]}, "kind is one of throttled"),
    ({"faults": [{"kind": "reset", "rate": 2}]}, "rate is a share"),
    ({"faults": [{"kind": "reset", "when": "soon"}]}, "when is before"),
    ({"faults": [{"kind": "reset", "often": True}]}, "unknown often"),
    ({"faults": [{"kind": "slow"}]}, "seconds above 0"),
    ({"faults": [{"kind": "reset", "seconds": 1}]}, "seconds above 0"),
    ({"faults": [{}]}, "kind"),
    ({"faults": ["reset"]}, "an object is expected"),
    ({"latency": {"s3": {"p50_ms": 30, "p99_ms": 20}}}, "p50_ms is above 0 and at most p99_ms"),
    ({"latency": {"s3": 30}}, "an object is expected"),
]


@pytest.mark.parametrize(("document", "reason"), NO_PROFILES)
def test_what_is_no_profile_is_refused_with_the_reason(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(ProfileError, match=reason):
        profile_of(document)


def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("faults", encoding="utf-8")
    with pytest.raises(ProfileError, match=r"mine\.toml"):
        profile_named(str(file))
