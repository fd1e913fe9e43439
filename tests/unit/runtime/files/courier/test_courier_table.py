"""The courier's table on moto, and what answers that were lost do to it."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, HTTPClientError

from baler.aws.http.client import Service
from baler.files.aws.courier_table import COURIER, KEY, DynamoCourierTable, breaker_in
from baler.files.courier.breaker import Breaker, Cause, Phase
from baler.files.courier.delivery_record import DeliveryId, DeliveryRecord
from baler.files.courier.lease import LEASE_SECONDS, FencedError, Lease
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from runtime.files.aws.clients import CourierClients

pytestmark = pytest.mark.usefixtures("aws")

NOW = 1_795_165_262.0
LIFETIME = 2555 * 86_400
DELIVERY = DeliveryId("20261120T090102000Z-3132333435363738")
REPLAY = DeliveryId(DELIVERY.bundle_id, "20261125T080000Z-1a2b3c4d")
RECEIPT = DeliveryRecord(DELIVERY, attempts=2, refusals=1, reason="422", sha256="ab" * 32, status=200, delivered_at=NOW)
OPEN = Breaker(
    Phase.HALF_OPEN,
    Cause.CREDENTIALS,
    "client-credentials-unusable",
    refused=("b1", "b2"),
    opened_at=NOW,
    probe_at=NOW + 30.25,
    probes=7,
    probed="b2",
    accused=("b3",),
    suspects=("b4", "b5"),
)


@pytest.fixture(params=["our client", "boto3"])
def table(request: pytest.FixtureRequest, clients: CourierClients) -> DynamoCourierTable:
    client = clients.table if request.param == "our client" else boto3.client("dynamodb")
    return DynamoCourierTable(client, "courier", LIFETIME, clock=lambda: NOW)


def held(table: DynamoCourierTable, owner: str = "one", now: float = NOW) -> Lease:
    lease = table.acquire(owner, now)
    assert lease is not None, "the lease is free"
    return lease


def item_of(key: str) -> dict[str, Any]:
    answer: Any = boto3.client("dynamodb").get_item(TableName="courier", Key={KEY: {"S": key}})
    return answer["Item"]


# The lease


def test_the_first_courier_finds_a_closed_breaker_and_no_bell(table: DynamoCourierTable) -> None:
    assert held(table) == Lease("one", 1, 0, Breaker())


def test_a_lease_is_one_couriers_until_it_has_run_out_or_was_given_back(table: DynamoCourierTable) -> None:
    first = held(table)
    assert table.acquire("two", NOW + LEASE_SECONDS - 0.01) is None
    second = held(table, "two", NOW + LEASE_SECONDS)
    assert second.generation == first.generation + 1
    assert table.release(second, bells=0)
    assert held(table, "three", NOW + LEASE_SECONDS).generation == 3


def test_a_renewal_prolongs_it_also_when_it_had_run_out_and_nobody_took_it(table: DynamoCourierTable) -> None:
    lease = held(table)
    table.renew(lease, NOW + 25)
    assert table.acquire("two", NOW + 54) is None
    table.renew(lease, NOW + 100)
    assert table.acquire("two", NOW + 129) is None
    assert table.acquire("two", NOW + 130) is not None


@pytest.mark.requirement("PUSH-AVAIL-02")
def test_a_courier_whose_lease_was_taken_over_can_do_nothing(table: DynamoCourierTable) -> None:
    old = held(table)
    held(table, "two", NOW + 31)
    calls: list[Callable[[], object]] = [
        lambda: table.renew(old, NOW + 31),
        lambda: table.save(old, OPEN),
        lambda: table.release(old, bells=None),
        lambda: table.release(old, bells=0),
    ]
    for call in calls:
        with pytest.raises(FencedError):
            call()
    assert table.breaker() == Breaker()


def test_an_owner_that_takes_it_again_later_is_of_another_generation(table: DynamoCourierTable) -> None:
    old = held(table)
    held(table, "one", NOW + 31)
    with pytest.raises(FencedError):
        table.renew(old, NOW + 31)


def test_a_lease_that_a_wrong_clock_wrote_stops_nobody_for_days(table: DynamoCourierTable) -> None:
    held(table, now=NOW + 86_400)
    assert table.acquire("two", NOW) is not None


# The bell


def test_a_bell_keeps_the_lease_from_being_given_back_once(table: DynamoCourierTable) -> None:
    lease = held(table)
    table.ring()
    table.ring()
    assert not table.release(lease, bells=lease.bells)
    assert table.acquire("two", NOW) is None
    again = table.renew(lease, NOW)
    assert again.bells == 2
    assert table.release(again, bells=again.bells)


def test_at_the_end_of_its_time_it_gives_the_lease_back_whatever_rang(table: DynamoCourierTable) -> None:
    lease = held(table)
    table.ring()
    assert table.release(lease, bells=None)
    assert held(table, "two").bells == 1


def test_a_bell_rings_before_there_is_any_courier_and_says_how_the_breaker_stands(table: DynamoCourierTable) -> None:
    assert table.ring() == Breaker()
    lease = held(table)
    table.save(lease, OPEN)
    assert table.ring() == OPEN


# The breaker


@pytest.mark.requirement("PUSH-AVAIL-02")
def test_the_breaker_is_read_as_it_was_stored_and_replaced_whole(table: DynamoCourierTable) -> None:
    lease = held(table)
    assert table.breaker() == Breaker()
    table.save(lease, OPEN)
    assert table.breaker() == table.renew(lease, NOW).breaker == OPEN
    table.save(lease, Breaker())
    assert table.breaker() == Breaker()


def test_an_attempt_to_store_a_state_that_arrives_after_a_later_one_replaces_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = boto3.client("dynamodb")
    table = DynamoCourierTable(client, "courier", LIFETIME, clock=lambda: NOW)
    sent: list[dict[str, Any]] = []
    update = client.update_item

    def record(**request: Any) -> Any:
        sent.append(request)
        return update(**request)

    monkeypatch.setattr(client, "update_item", record)
    lease = held(table)
    for number in range(1, 4):
        table.save(lease, replace(OPEN, probes=number))
    for late in sent[1:]:
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            update(**late)
    assert table.breaker().probes == 3


def test_a_state_whose_answer_was_lost_is_stored_once_and_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    client = boto3.client("dynamodb")
    table = DynamoCourierTable(client, "courier", LIFETIME, clock=lambda: NOW)
    update = client.update_item

    def twice(**request: Any) -> Any:
        update(**request)
        return update(**request)

    lease = held(table)
    table.save(lease, Breaker())
    monkeypatch.setattr(client, "update_item", twice)
    table.save(lease, OPEN)
    monkeypatch.setattr(client, "update_item", update)
    table.save(lease, replace(OPEN, probes=8))
    assert table.breaker().probes == 8


def test_the_next_holder_stores_after_whatever_the_last_one_stored(table: DynamoCourierTable) -> None:
    lease = held(table)
    table.save(lease, OPEN)
    table.save(lease, OPEN)
    table.release(lease, bells=None)
    table.save(held(table, "two"), Breaker())
    assert table.breaker() == Breaker()


@pytest.mark.parametrize("field", [{"phase": {"S": "ajar"}}, {"cause": {"S": "moon"}}, {"failures": {"N": "x"}}, {}])
def test_a_state_that_cannot_be_read_counts_as_closed(field: dict[str, Any]) -> None:
    whole: dict[str, Any] = {"phase": {"S": "open"}, "cause": {"S": "unreachable"}} if field else {}
    assert breaker_in({**whole, **field}).closed


# Records


def test_what_is_noted_of_a_delivery_is_read_again_and_a_replay_is_another(table: DynamoCourierTable) -> None:
    refused = DeliveryRecord(DELIVERY, attempts=1, refusals=1, reason="422")
    assert table.record(DELIVERY) is None
    table.note(refused)
    assert table.record(DELIVERY) == refused
    table.note(RECEIPT)
    assert table.record(DELIVERY) == RECEIPT
    assert table.record(REPLAY) is None


def test_a_receipt_is_never_replaced(table: DynamoCourierTable) -> None:
    table.note(RECEIPT)
    table.note(DeliveryRecord(DELIVERY, attempts=9, refusals=9, reason="413"))
    table.note(DeliveryRecord(DELIVERY, attempts=3, sha256="cd" * 32, status=201, delivered_at=NOW + 9))
    assert table.record(DELIVERY) == RECEIPT


def test_a_record_is_kept_for_as_long_as_the_setting_says(table: DynamoCourierTable) -> None:
    table.note(RECEIPT)
    assert item_of(f"delivery#{DELIVERY.name}")["expires_at"] == {"N": str(int(NOW) + LIFETIME)}


def test_lease_and_breaker_never_expire(table: DynamoCourierTable) -> None:
    table.save(held(table), OPEN)
    assert "expires_at" not in item_of(COURIER)


# Answers that are lost


class Lossy(Service):
    """A client whose answers are lost: the calls take effect, and what comes back is a cut connection."""

    def __init__(self, client: Any, losses: int) -> None:
        self._calls = client
        self._losses = losses
        self.made = 0
        self.between: Callable[[], object] = lambda: None

    def until(self, deadline: float) -> Any:  # noqa: ARG002 - the client's
        return self

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            self.made += 1
            answer = getattr(self._calls, name)(**request)
            if self.made <= self._losses:
                self.between()
                raise HTTPClientError(error=ConnectionResetError())
            return answer

        return call


@contextmanager
def lossy(losses: int = 1) -> Generator[tuple[DynamoCourierTable, Lossy]]:
    with closing(boto3.client("dynamodb")) as client:
        losing: Any = Lossy(client, losses)
        yield DynamoCourierTable(losing, "courier", LIFETIME, clock=lambda: NOW), losing


def test_a_lease_that_was_taken_by_a_call_whose_answer_was_lost_is_known_to_be_ours() -> None:
    with lossy() as (table, client):
        assert held(table) == Lease("one", 1, 0, Breaker())
        assert client.made == 2
        assert table.renew(held(table), NOW).generation == 1


def test_a_lease_of_another_is_not_taken_for_ours_when_an_answer_was_lost(clients: CourierClients) -> None:
    held(DynamoCourierTable(clients.table, "courier", LIFETIME), "another")
    client = Lossy(boto3.client("dynamodb"), 0)
    losing: Any = client
    assert DynamoCourierTable(losing, "courier", LIFETIME).acquire("one", NOW) is None


def test_every_other_write_is_the_same_when_it_is_made_again(clients: CourierClients) -> None:
    plain = DynamoCourierTable(clients.table, "courier", LIFETIME, clock=lambda: NOW)
    lease = held(plain)
    with lossy() as (table, _):
        table.save(lease, OPEN)
    assert plain.breaker() == OPEN
    with lossy() as (table, _):
        table.note(RECEIPT)
    assert plain.record(DELIVERY) == RECEIPT
    with lossy() as (table, _):
        assert table.renew(lease, NOW + 20).owner == "one"
    with lossy() as (table, _):
        assert table.release(lease, bells=0)
    assert plain.acquire("two", NOW) is not None


def test_a_lease_that_was_given_back_and_taken_by_another_meanwhile_is_not_ours_to_give_back_again(
    clients: CourierClients,
) -> None:
    plain = DynamoCourierTable(clients.table, "courier", LIFETIME)
    lease = held(plain)
    with lossy() as (table, client):
        client.between = lambda: held(plain, "two")
        with pytest.raises(FencedError):
            table.release(lease, bells=0)
    assert plain.acquire("three", NOW) is None


def test_a_table_that_never_answers_is_unavailable() -> None:
    with lossy(losses=99) as (table, client):
        with pytest.raises(Unavailable, match="ring the courier's bell"):
            table.ring()
        assert client.made == 4
