"""The consumer's memory."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from harness.consumer import LANDED_AT

from baler.files.bundle.ids import new_bundle_id
from baler.files.bundle.manifest import ManifestFile
from baler.files.horizon import claim_days, horizon
from baler.files.ledger.ledger import (
    _SCHEMA,  # pyright: ignore[reportPrivateUsage]  # as an older program left it
    SCHEMA_VERSION,
    DeliveryState,
    Ledger,
    LedgerEntry,
    LedgerError,
    PublicationProgress,
)
from components.files.timing import claim_lifetime_days

if TYPE_CHECKING:
    from pathlib import Path

FILE = ManifestFile("../x", None, 1, "2026-11-20T09:01:00.000Z", "ab" * 32, "files/x")
RECORD = LedgerEntry("id-1", "bundles/id-1", "ab" * 32, 3, 100, 50, "2026-11-20T09:01:00+00:00")


def test_a_bundle_is_remembered_with_its_state(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.state("id-1") is None
        ledger.add_unpacked(RECORD)
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.state("id-1") is DeliveryState.UNPACKED
        assert ledger.in_state(DeliveryState.UNPACKED) == [RECORD]
        ledger.advance("id-1", DeliveryState.DELIVERED)
        assert ledger.in_state(DeliveryState.UNPACKED) == []
        assert ledger.entry("id-1") == RECORD


def test_a_commit_survives_a_power_cut(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger") as ledger:
        [(journal,)] = ledger._run("PRAGMA journal_mode")  # pyright: ignore[reportPrivateUsage]  # a setting of the connection
        [(synchronous,)] = ledger._run("PRAGMA synchronous")  # pyright: ignore[reportPrivateUsage]  # a setting of the connection
    assert journal == "wal"
    assert synchronous == 2  # FULL


def test_a_ledger_of_another_version_is_refused_untouched(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(LedgerError, match=f"version 99, this program knows {SCHEMA_VERSION}"):
        Ledger(tmp_path / "ledger")


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_bytes(b"hello" * 1000)
    with pytest.raises(LedgerError, match="not a database"):
        Ledger(tmp_path / "ledger")


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="Could not open the ledger"):
        Ledger(tmp_path / "missing" / "ledger")


def test_a_ledger_that_someone_reads_meanwhile_takes_writes(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger") as ledger:
        reader = sqlite3.connect(tmp_path / "ledger")
        try:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM bundles").fetchall()
            ledger.add_unpacked(RECORD)
        finally:
            reader.close()
        assert ledger.state("id-1") is DeliveryState.UNPACKED


def year_of_bundles(ledger: Ledger, bundles_a_day: int) -> list[int]:
    """Let a year pass, its days coarse: bundles come, are delivered and deleted; return the bytes after each day."""
    sizes: list[int] = []
    for day in range(365):
        put = LANDED_AT + timedelta(days=day)
        for number in range(bundles_a_day):
            bundle_id = new_bundle_id(put.timestamp() + number, number.to_bytes(8, "big"))
            ledger.add_unpacked(replace(RECORD, bundle_id=bundle_id, last_modified=put.isoformat()))
            ledger.note_place(bundle_id, 0, FILE, "unsafe-keys/x")
            ledger.advance(bundle_id, DeliveryState.DELIVERED)
            ledger.advance(bundle_id, DeliveryState.REMOVED)
        while ledger.prune(horizon(put, 7), 10):
            pass
        sizes.append(ledger.bytes)
    return sizes


def test_over_a_year_the_ledger_keeps_the_bundles_of_its_horizon_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = LANDED_AT + timedelta(days=365)
    monkeypatch.setattr("baler.files.horizon._now", lambda: now)
    with Ledger(tmp_path / "ledger") as ledger:
        ledger._run("PRAGMA synchronous = OFF")  # pyright: ignore[reportPrivateUsage]  # a year in seconds
        sizes = year_of_bundles(ledger, 6)
        days = claim_days(7) + 2
        assert len(ledger.in_state(DeliveryState.REMOVED)) <= 6 * days
        assert len(ledger.places()) <= 6 * days
    # What days after the first horizon add is what others have left.
    assert max(sizes) <= 1.5 * max(sizes[: 2 * days])


def test_what_a_roll_forward_or_a_replay_can_bring_again_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = LANDED_AT + timedelta(days=30)
    monkeypatch.setattr("baler.files.horizon._now", lambda: newest)
    with Ledger(tmp_path / "ledger") as ledger:
        for name, days_old, replay_id in (
            ("old", 17, None),
            ("young", 15, None),
            ("replayed", 85, "r"),
            ("long ago", 92, "r"),
        ):
            put = (newest - timedelta(days=days_old)).isoformat()
            ledger.add_unpacked(replace(RECORD, bundle_id=name, last_modified=put, replay_id=replay_id))
            ledger.advance(name, DeliveryState.REMOVED)
        ledger.add_unpacked(replace(RECORD, bundle_id="waits", last_modified=LANDED_AT.isoformat()))
        ledger.advance("waits", DeliveryState.DELIVERED)
        ledger.prune(horizon(newest, 7), 100)
        kept = {name for name in ("old", "young", "replayed", "long ago", "waits") if ledger.state(name)}
        assert kept == {"young", "replayed", "waits"}
        assert ledger.was_replayed("replayed", "r")
        assert not ledger.was_replayed("long ago", "r")


def test_a_clock_that_is_ahead_makes_the_ledger_forget_nothing() -> None:
    assert horizon(LANDED_AT, 7).delivered == LANDED_AT - timedelta(days=16)


def test_the_claims_live_as_long_as_the_stack_says() -> None:
    for retention in (2, 7, 365):
        for letters in (1, 14):
            assert claim_days(retention) >= claim_lifetime_days(
                landing_retention=retention, dead_letter_retention=letters
            )


def test_a_ledger_of_the_first_version_is_upgraded_and_knows_what_it_knew(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger") as database:
        database.executescript(f"{_SCHEMA[0]} PRAGMA user_version = 1;")
        for state in DeliveryState:
            values = (f"id-{state}", "k", "ab", 3, 100, 50, "2026-11-20T09:01:00+00:00", state)
            database.execute("INSERT INTO bundles VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    database.close()
    with Ledger(tmp_path / "ledger") as ledger:
        assert [ledger.state(f"id-{state}") for state in DeliveryState] == list(DeliveryState)
        assert ledger.progress("id-unpacked").begun is None
        assert ledger.delivered_at("id-delivered") is None
        consumer = ledger.consumer_id
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.consumer_id == consumer


def test_a_large_ledger_that_pruning_has_emptied_is_made_small_and_only_its_end_is_checked_while_it_is_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baler.files.ledger.ledger_file._LARGE_BYTES", 200_000)
    with Ledger(tmp_path / "ledger") as ledger:
        ledger._run("PRAGMA synchronous = OFF")  # pyright: ignore[reportPrivateUsage]  # quicker
        for number in range(1500):
            ledger.add_unpacked(replace(RECORD, bundle_id=f"id-{number:05d}"))
            ledger.advance(f"id-{number:05d}", DeliveryState.REMOVED)
        large = ledger.bytes
        assert large > 200_000
    later = LANDED_AT + timedelta(days=300)
    monkeypatch.setattr("baler.files.horizon._now", lambda: later)
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.prune(horizon(later, 7), 1490) == 1490
        assert ledger.bytes == large
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.bytes < large / 4
        assert ledger.state("id-01499") is DeliveryState.REMOVED


@pytest.mark.parametrize(("boot", "begun"), [("first", 1), ("second", 3), (None, 3)])
def test_after_a_power_cut_every_file_that_was_due_may_have_moved_and_after_a_kill_one_at_the_most(
    tmp_path: Path, boot: str | None, begun: int
) -> None:
    with Ledger(tmp_path / "ledger", "first") as ledger:
        ledger.add_unpacked(RECORD)
        ledger.begin_files(RECORD.bundle_id, 0, 3)
        ledger.begin_file(RECORD.bundle_id, 0)
    with Ledger(tmp_path / "ledger", boot) as ledger:
        assert ledger.progress(RECORD.bundle_id) == PublicationProgress(begun, 0)
