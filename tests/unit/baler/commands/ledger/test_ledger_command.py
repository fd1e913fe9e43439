"""`baler ledger` answers from the ledger of a consumer, also while that works, and changes nothing."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from harness.consumer import Hooks
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app
from baler.files.ledger.ledger import SCHEMA_VERSION, Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from harness.consumer import Site
    from typer.testing import Result

FILES = [("a/1", b"one"), ("../up", b"two")]


@pytest.fixture
def bundle_id(site: Site) -> str:
    """A consumer has received one bundle and put an object into quarantine."""
    bundle_id = site.mailbox.put_bundle(FILES)
    site.mailbox.put("bundles/rubbish", b"rubbish")
    site.run()
    return bundle_id


def ask(site: Site, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["ledger", *arguments], env={"BALER_STATE": str(site.state.path)})


def answers(site: Site, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ask(site, *arguments, "--json").output.splitlines()]


def test_it_lists_what_was_received_and_when(site: Site, bundle_id: str) -> None:
    bundle, total = answers(site, "list")
    with Ledger(site.state.ledger) as ledger:
        moment = ledger.delivered_at(bundle_id)
    assert moment is not None
    assert (bundle["event"], bundle["bundle_id"]) == ("removed", bundle_id)
    assert bundle["delivered_at"] == moment.isoformat(timespec="milliseconds")
    assert (total["bundles"], total["files"], total["bytes"]) == (1, 2, 6)
    assert f"{bundle_id}  2 files, 6 bytes" in ask(site, "list").output


@pytest.mark.parametrize(
    ("period", "bundles"),
    [
        (("--from", "2026-01-01"), 1),
        (("--to", "2026-01-01"), 0),
        (("--from", "2026-01-01", "--to", "2126-01-01"), 1),
        (("--from", "2126-01-01"), 0),
    ],
)
@pytest.mark.usefixtures("bundle_id")
def test_a_period_is_one_of_delivery(site: Site, period: tuple[str, ...], bundles: int) -> None:
    assert answers(site, "list", *period)[-1]["bundles"] == bundles


def test_what_is_not_done_with_can_be_asked_for_alone(site: Site, bundle_id: str) -> None:
    assert answers(site, "list", "--unfinished")[-1]["bundles"] == 0
    with sqlite3.connect(site.state.ledger) as database:
        database.execute("UPDATE bundles SET state = 'delivered'")
    assert [bundle["bundle_id"] for bundle in answers(site, "list", "--unfinished")[:-1]] == [bundle_id]


def test_it_shows_when_each_file_was_in_place_and_where(site: Site, bundle_id: str) -> None:
    bundle, first, second = answers(site, "show", bundle_id)
    assert bundle["files"] == 2
    assert (first["number"], first["path"]) == (0, None)
    assert second["path"] == f"unsafe-keys/{hashlib.sha256(f'../up{chr(0)}version-1-1'.encode()).hexdigest()}"
    assert first["at"] <= second["at"] <= bundle["delivered_at"]


@pytest.mark.usefixtures("bundle_id")
def test_a_bundle_that_it_does_not_have_is_told(site: Site) -> None:
    assert ask(site, "show", "nothing").exit_code == ExitCode.NEEDS_ATTENTION


@pytest.mark.usefixtures("bundle_id")
def test_it_lists_what_is_in_quarantine_and_why(site: Site) -> None:
    result = ask(site, "quarantine")
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert "bundles/rubbish" in result.output


def test_it_lists_the_hooks_that_are_due(site: Site) -> None:
    def fails(_document: dict[str, Any]) -> None:
        raise OSError(13, "Permission denied")

    site.hooks = Hooks(fails)
    bundle_id = site.mailbox.put_bundle(FILES)
    site.run()
    due, total = answers(site, "hooks")
    assert (due["bundle_id"], due["failures"], due["failure"]) == (bundle_id, 1, "cannot be started: Permission denied")
    assert total["hooks"] == 1
    assert ask(site, "hooks").exit_code == ExitCode.NEEDS_ATTENTION


def test_it_answers_while_a_consumer_has_the_ledger_open_and_writes(site: Site, bundle_id: str) -> None:
    with Ledger(site.state.ledger) as ledger, ledger._transaction():  # pyright: ignore[reportPrivateUsage]
        ledger.forget_quarantine()
        assert ask(site, "show", bundle_id).exit_code == ExitCode.OK
        assert ask(site, "quarantine").exit_code == ExitCode.NEEDS_ATTENTION  # as it was before


@pytest.mark.usefixtures("bundle_id")
def test_it_checks_the_ledger(site: Site) -> None:
    assert [event["event"] for event in answers(site, "check")] == ["whole"]
    with sqlite3.connect(site.state.ledger) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(root,)] = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'unfinished'").fetchall()
        [(size,)] = database.execute("PRAGMA page_size").fetchall()
        database.execute("PRAGMA journal_mode = DELETE")
    with site.state.ledger.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * 64)
    assert ask(site, "check").exit_code in {ExitCode.NEEDS_ATTENTION, ExitCode.CANNOT_PROCEED}


def test_a_copy_is_whole_and_a_consumer_can_work_with_it(site: Site, bundle_id: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    copy.write_text("what was there")
    with Ledger(site.state.ledger):
        assert ask(site, "backup", str(copy)).exit_code == ExitCode.OK
    site.state.ledger.unlink()
    copy.rename(site.state.ledger)
    site.mailbox.put_bundle(FILES)
    site.take_files_away()
    site.run()
    assert site.files() == {}
    assert site.events_of("bundle")[-1].fields["redelivered"]
    assert answers(site, "show", bundle_id)[0]["bundle_id"] == bundle_id


def test_a_copy_that_cannot_be_written_is_a_sentence(site: Site, bundle_id: str, tmp_path: Path) -> None:
    assert bundle_id
    result = ask(site, "backup", str(tmp_path / "nowhere" / "copy"))
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "Traceback" not in result.output


def test_where_there_is_no_ledger_none_is_made(site: Site, tmp_path: Path) -> None:
    assert ask(site, "list").exit_code == ExitCode.CANNOT_PROCEED
    assert list(tmp_path.rglob("ledger*")) == []
    assert CliRunner().invoke(app, ["ledger", "list"], env={"BALER_STATE": "", "BALER_INTO": ""}).exit_code == 2


@pytest.mark.usefixtures("bundle_id")
def test_a_ledger_of_another_version_is_left_as_it_is(site: Site) -> None:
    with sqlite3.connect(site.state.ledger) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION - 1}")
    result = ask(site, "list")
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert f"schema version {SCHEMA_VERSION - 1}" in result.output
