"""The consumer's memory."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from operations.consume.ledger import SCHEMA_VERSION, BundleRecord, BundleState, Ledger, LedgerError

if TYPE_CHECKING:
    from pathlib import Path

RECORD = BundleRecord("id-1", "bundles/id-1", "ab" * 32, 3, 100, 50, "2026-11-20T09:01:00+00:00")


def test_a_bundle_is_remembered_with_its_state(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.state("id-1") is None
        ledger.add_unpacked(RECORD)
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.state("id-1") is BundleState.UNPACKED
        assert ledger.in_state(BundleState.UNPACKED) == [RECORD]
        ledger.advance("id-1", BundleState.DELIVERED)
        assert ledger.in_state(BundleState.UNPACKED) == []
        assert ledger.record("id-1") == RECORD


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
        assert ledger.state("id-1") is BundleState.UNPACKED
