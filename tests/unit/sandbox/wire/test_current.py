"""baler_wire: what is drawn for requests, and counted."""

from __future__ import annotations

from baler_wire.current import InForce
from baler_wire.profile import Profile, profile_of
from baler_wire.requests import RequestHead

GET = RequestHead("GET", "/bucket/landing/a", "s3", "GetObject", "AKIA")
PUT = RequestHead("PUT", "/bucket/landing/a", "s3", "PutObject", "AKIA")
CLAIM = RequestHead("POST", "/", "dynamodb", "PutItem", "AKIA")


def kinds(wire: InForce, head: RequestHead, count: int, body: bytes = b"") -> list[str]:
    return [fault.kind if (fault := wire.fault_of(head, body)) else "" for _ in range(count)]


def test_the_same_requests_meet_the_same_with_the_same_seed() -> None:
    profile = profile_of({"name": "bad-day", "seed": 5})
    first, again, other = InForce(profile), InForce(profile), InForce(profile_of({"name": "bad-day", "seed": 6}))
    drawn = kinds(first, GET, 500)
    # What others send meanwhile changes nothing of it.
    kinds(again, CLAIM, 77)
    assert drawn == kinds(again, GET, 500)
    assert [first.latency_seconds(GET) for _ in range(9)] == [again.latency_seconds(GET) for _ in range(9)]
    assert drawn != kinds(other, GET, 500)


def test_a_rate_is_the_share_of_requests_that_meet_a_fault() -> None:
    wire = InForce(profile_of({"faults": [{"kind": "reset", "rate": 0.1}]}))
    met = kinds(wire, GET, 10_000).count("reset")
    assert 850 < met < 1150
    assert wire.counts.document()["faults"] == {"s3": {"reset": met}}


def test_latency_has_the_percentiles_that_the_profile_names() -> None:
    wire = InForce(profile_of({"latency": {"s3": {"p50_ms": 30, "p99_ms": 200}}}))
    drawn = sorted(wire.latency_seconds(GET) for _ in range(20_000))
    assert 0.028 < drawn[10_000] < 0.032
    assert 0.170 < drawn[19_800] < 0.235
    assert not wire.latency_seconds(CLAIM)


def test_a_service_without_a_latency_of_its_own_has_that_of_all_others() -> None:
    wire = InForce(profile_of({"latency": {"*": {"p50_ms": 10, "p99_ms": 10}}}))
    assert round(wire.latency_seconds(CLAIM), 6) == 0.01


def test_a_fault_is_for_the_requests_that_it_names() -> None:
    fault = {"kind": "throttled", "service": "dynamodb", "operation": "PutItem", "about": '"claims"'}
    wire = InForce(profile_of({"faults": [fault]}))
    assert kinds(wire, CLAIM, 1, b'{"TableName": "claims"}') == ["throttled"]
    assert kinds(wire, CLAIM, 1, b'{"TableName": "receipts"}') == [""]
    assert kinds(wire, GET, 1) == [""]


def test_a_text_may_be_in_the_target_too() -> None:
    wire = InForce(profile_of({"faults": [{"kind": "reset", "about": "/landing/"}]}))
    assert kinds(wire, GET, 1) == ["reset"]


def test_some_requests_pass_first_and_so_many_meet_it() -> None:
    wire = InForce(profile_of({"faults": [{"kind": "silent", "operation": "GetObject", "skip": 2, "count": 1}]}))
    assert kinds(wire, PUT, 3) == ["", "", ""]
    assert kinds(wire, GET, 5) == ["", "", "silent", "", ""]


def test_a_moment_that_the_profile_leaves_open_is_drawn() -> None:
    wire = InForce(profile_of({"faults": [{"kind": "reset"}]}))
    assert {fault.when for _ in range(50) if (fault := wire.fault_of(GET, b""))} == {"before", "midway", "after"}
    wire = InForce(profile_of({"faults": [{"kind": "failed"}]}))
    assert {fault.when for _ in range(50) if (fault := wire.fault_of(GET, b""))} == {"before", "after"}


def test_who_is_spared_meets_nothing_and_is_not_counted() -> None:
    wire = InForce(Profile(spared=("test",)))
    assert wire.concerns(GET)
    assert not wire.concerns(RequestHead("GET", "/b/a", "s3", "GetObject", "test"))
    assert not wire.concerns(RequestHead("GET", "/b/a", "s3", "GetObject", "AKIA", internal=True))
    assert not wire.concerns(RequestHead("GET", "/_localstack/health"))
    assert wire.counts.document()["requests"] == {"s3": 1}
