"""A ledger that another process holds, and one that is damaged: it is told, and nothing is delivered or deleted."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from harness.consumer import Crash

from baler.cli.exit_codes import ExitCode
from baler.files.ledger import ledger_file
from baler.files.ledger.ledger import Ledger
from baler.files.ledger.ledger_file import LedgerDamagedError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from harness.consumer import Site


HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    database.execute(statement)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(ledger: Path, *statements: str) -> Generator[None]:
    """Another process holds a lock on the ledger."""
    command = [sys.executable, "-c", HOLD, str(ledger), *statements]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield
        finally:
            process.kill()


@pytest.fixture
def used(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site that has had many bundles and has one to take."""
    for number in range(1, 60):
        site.mailbox.put_bundle([(f"old/{number}", b"old"), ("../up", b"%d" % number)], number)
    site.run()
    site.take_files_away()
    site.mailbox.put_bundle([("new", b"new")], 100)
    monkeypatch.setattr(ledger_file, "PATIENCE_SECONDS", 0.3)
    return site


def test_a_ledger_that_cannot_be_written_because_another_process_holds_it_is_waited_for(used: Site) -> None:
    with held(used.state.ledger, "BEGIN EXCLUSIVE"):
        assert used.run() is ExitCode.RETRY
    [trouble] = used.events_of("error")
    assert f"The ledger {used.state.ledger} is locked" in trouble.fields["message"]
    assert (used.files(), len(used.mailbox.objects)) == ({}, 1)

    assert used.run() is ExitCode.OK
    assert (used.files(), len(used.mailbox.objects)) == ({"new": b"new"}, 0)


def test_a_ledger_that_cannot_even_be_read_because_another_process_holds_it_is_a_sentence(used: Site) -> None:
    exclusively = ("PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE")
    with held(used.state.ledger, *exclusively), pytest.raises(LedgerError, match="is locked"):
        used.run()
    assert used.run() is ExitCode.OK
    assert used.files() == {"new": b"new"}


def cut_to(size: int) -> Callable[[Path], None]:
    return lambda ledger: os.truncate(ledger, size)


def overwritten(position: int, noise: bytes) -> Callable[[Path], None]:
    def damage(ledger: Path) -> None:
        with ledger.open("r+b") as file:
            file.seek(position)
            file.write(noise)

    return damage


def gone_but_for_its_journal(ledger: Path) -> None:
    ledger.rename(ledger.with_name("ledger.sqlite-wal"))


PAGE = 4096
DAMAGES: dict[str, Callable[[Path], None]] = {
    "empty": cut_to(0),
    "cut within the header": cut_to(50),
    "cut": cut_to(2 * PAGE),
    "another header": overwritten(0, b"rubbish"),
    "a page of zeros": overwritten(PAGE, bytes(PAGE)),
    "a page that is seldom read": overwritten(5 * PAGE, b"\xff" * PAGE),
    "gone but for its journal": gone_but_for_its_journal,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_ledger_is_refused_and_nothing_is_delivered_or_deleted(
    used: Site, damage: Callable[[Path], None]
) -> None:
    damage(used.state.ledger)
    way_out = r"is damaged .* Move ledger\.sqlite\* out of .* and start again"
    with pytest.raises(LedgerDamagedError, match=way_out) as told:
        used.run()
    assert "\n" not in str(told.value)
    assert (used.files(), len(used.mailbox.objects)) == ({}, 1)

    for file in used.state.path.glob("ledger.sqlite*"):
        file.unlink()
    assert used.run() is ExitCode.OK
    assert (used.files(), len(used.mailbox.objects)) == ({"new": b"new"}, 0)


def test_a_ledger_that_breaks_while_the_service_runs_ends_it(used: Site) -> None:
    def corrupt(name: str) -> None:
        if name == "add_unpacked":
            error = sqlite3.DatabaseError("database disk image is malformed")
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            with ledger_file.explained(used.state.ledger):
                raise error
        if name == "wait":
            used.shutdown.requested = True

    used.hook = corrupt
    with pytest.raises(LedgerDamagedError):
        used.run(once=False)
    assert (used.files(), len(used.mailbox.objects), used.waits) == ({}, 1, [])


@pytest.mark.parametrize("made", [b"", b"half of a page"])
def test_a_consumer_that_dies_while_it_makes_its_ledger_leaves_none_that_would_be_taken_for_damaged(
    site: Site, monkeypatch: pytest.MonkeyPatch, made: bytes
) -> None:
    def die(path: Path) -> None:
        path.write_bytes(made)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(ledger_file, "_connect", die)
        with pytest.raises(Crash):
            site.run()
    site.mailbox.put_bundle([("a", b"1")])
    assert site.run() is ExitCode.OK
    assert not list(site.state.path.glob("*.draft"))


def test_text_that_is_none_is_damage_and_its_bytes_are_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path):
        pass
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "INSERT INTO quarantine (object_key, fingerprint, reason) VALUES (CAST(x'ff41' AS TEXT), 'f', 'r')"
        )
        database.commit()
    with Ledger(path) as ledger, pytest.raises(LedgerDamagedError, match="what should be text in it is none"):
        ledger.keep_quarantined(())


def test_a_damaged_schema_that_sqlite_quotes_is_damage_too(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path):
        pass
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_schema SET name = CAST(x'ff41' AS TEXT), sql = 'x' WHERE name = 'bundles'")
        database.commit()
    with pytest.raises(LedgerDamagedError, match="what should be text in it is none"):
        Ledger(path)
