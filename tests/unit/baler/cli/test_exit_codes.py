"""One table of exit codes, for all commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.command_line import commands
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.main import app

PAGE = Path(__file__).parents[4] / "docs" / "exit-codes.md"

NOBODY = "http://127.0.0.1:9"
DEAD_LETTERS = ("--dead-letter-queue-url", f"{NOBODY}/1/dead", "--landing-bucket", "landing", "--claim-table", "claims")
OF_FILES = (
    *("--landing-bucket", "landing", "--claim-table", "claims", "--archive", "archive", "--mailbox", "mailbox"),
    *("--dead-letter-queue-url", f"{NOBODY}/1/dead"),
)
OF_EVENTS = ("--stream", "stream", "--batch-table", "batches")
# Those that ask AWS and end by what it answers. `status` and `doctor` do not: they say what could not be asked.
VERBS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("consume",): ("--mailbox", "mailbox", "--into", "received", "--once"),
    ("deploy",): ("--function", "aggregator"),
    ("extract",): ("key", "--archive", "archive", "--into", "found"),
    ("audit",): ("--from", "2026-11-20", *OF_FILES[:-2]),
    ("find",): ("key", *OF_FILES),
    ("env",): ("--stack", "prod"),
    ("ls",): ("--archive", "archive", "--mailbox", "mailbox", "--from", "2026-11-20"),
    ("verify",): ("--archive", "archive", "--from", "2026-11-20"),
    ("redeliver",): ("--mailbox", "mailbox", "--all"),
    ("replay",): ("--archive", "archive", "--mailbox", "mailbox", "--from", "2026-11-20", "--dry-run"),
    ("dead-letters", "list"): DEAD_LETTERS,
    ("dead-letters", "show"): ("1f0c2a9b", *DEAD_LETTERS),
    ("dead-letters", "redrive"): ("--all", "--ingest-queue-url", f"{NOBODY}/1/ingest", *DEAD_LETTERS),
    ("events", "produce"): ("--stream", "stream", "--patience", "0"),
    ("events", "rebuild"): (
        *("--raw-bucket", "raw", "--processed-bucket", "processed", "--progress-table", "progress"),
        *("--processor-mapping", "5fea7756-0ea4-451a-a703-a558b933e274", *OF_EVENTS),
    ),
    ("events", "verify"): (
        *("--stream", "stream", "--progress-table", "progress"),
        *("--raw-bucket", "raw", "--processed-bucket", "processed"),
    ),
    ("events", "redrive"): ("--failure-bucket", "failures", "--recovery-function", "recovery"),
    ("events", "replay"): ("--stream", "stream", "--recovery-function", "recovery", "--from", "2026-11-20"),
    ("events", "reprocess"): (
        *("--raw-bucket", "raw", "--transform-queue-url", f"{NOBODY}/1/transform"),
        *("--from", "2026-11-20", "--to", "2026-11-20"),
    ),
    ("events", "batches"): OF_EVENTS,
    ("events", "rejected"): ("--raw-bucket", "raw"),
    ("events", "query"): ("SELECT 1", "--database", "events"),
    ("events", "compact"): ("--compactor-function", "compactor"),
    ("lake", "sources"): ("--sources-table", "sources"),
    ("lake", "record"): ("posts-1", "--records-table", "records", "--raw-bucket", "raw"),
    ("lake", "versions"): ("posts-1", "--versions-table", "versions"),
    ("lake", "rejected"): ("--raw-bucket", "raw"),
    ("lake", "verify"): ("--records-table", "records", "--counters-table", "counters"),
    ("lake", "rebuild"): (
        *("--raw-bucket", "raw", "--curation-queue-url", f"{NOBODY}/1/curation"),
        *("--from", "2026-11-20", "--to", "2026-11-20"),
    ),
    ("dead-letters", "discard"): ("1f0c2a9b", "--reason", "a test", "--yes", *DEAD_LETTERS),
}


def _at_once(_seconds: float) -> None: ...


@pytest.fixture
def nobody_answers(aws_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - none of the shell's
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOBODY)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setattr("botocore.endpoint.time.sleep", _at_once)  # between tries


def test_every_command_that_asks_aws_is_among_the_verbs() -> None:
    all_of_them = {words for words, command in commands() if not hasattr(command, "list_commands")}

    # A ledger is a file; `send` tries many files for a while, and tests/unit/baler/commands/send has how it ends.
    of_files = {("send",), *(words for words in all_of_them if words[0] == "ledger")}
    assert all_of_them - VERBS.keys() - of_files == {("cost",), ("doctor",), ("status",)}


@pytest.mark.usefixtures("nobody_answers")
@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_a_refused_connection_ends_every_verb_alike(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*words, *VERBS[words]])

    assert result.exit_code == ExitCode.RETRY
    assert f'Could not connect to the endpoint URL: "{NOBODY}/' in result.output


@pytest.mark.usefixtures("nobody_answers")
@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_missing_credentials_end_every_verb_alike(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    result = CliRunner().invoke(app, [*words, *VERBS[words]])

    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "AWS_PROFILE" in result.stderr


def test_the_page_has_every_code_and_says_what_the_code_says() -> None:
    table = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][2:]

    assert table == [f"| {code:d} | `{code.name}` | {code.meaning} | {code.action} |" for code in ExitCode]


def test_no_code_has_two_names() -> None:
    assert list(ExitCode.__members__) == [code.name for code in ExitCode]


def test_a_command_lists_its_codes_in_order_with_those_that_any_command_has() -> None:
    listed = exit_codes_help({ExitCode.NEEDS_ATTENTION: "look at it", ExitCode.OK: "done"})

    assert [line.split(":")[0] for line in listed.split("\n\n")[1:]] == ["- 0", "- 2", "- 3", "- 74"]


def test_every_command_lists_its_exit_codes_in_its_help() -> None:
    epilogs = {words: command.epilog or "" for words, command in commands() if not hasattr(command, "list_commands")}

    assert epilogs
    assert [words for words, epilog in epilogs.items() if "**Exit codes**" not in epilog] == []
