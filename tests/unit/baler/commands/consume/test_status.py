"""What a consumer shows of itself to programs beside it, and what it tells systemd."""

from __future__ import annotations

import json
import os
import re
import socket
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from baler.cli.log_file import LogFile, LogFileError, file_reporter
from baler.cli.main import app
from baler.cli.report import Event, failure
from baler.commands.consume.collector import Totals
from baler.commands.consume.status import ConsumerState, ConsumerStatus, StatusFiles
from baler.commands.consume.systemd import Systemd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DELIVERED = Event("bundle", "green", "a bundle", {})


@pytest.fixture
def status(tmp_path: Path) -> ConsumerStatus:
    return ConsumerStatus("mailbox", tmp_path / "received", "1.2.3", totals=Totals(bundles=2, files=7, bytes=99))


def test_the_document_says_what_it_does_and_did(status: ConsumerStatus) -> None:
    assert json.loads(status.document())["state"] == "starting"
    status.passed(ours=True)
    status.observe(DELIVERED)
    document = json.loads(status.document())
    assert (document["state"], document["bundles"], document["files"]) == ("working", 2, 7)
    assert document["last_pass_at"] <= document["last_delivered_at"] <= document["at"]
    assert (document["pid"], document["last_error"]) == (os.getpid(), None)
    status.passed(ours=False)
    assert json.loads(status.document())["state"] == "standing-by"
    status.observe(failure("a disk is full", "bundles/x"))
    assert json.loads(status.document())["last_error"] == "bundles/x: a disk is full"


def test_a_pass_that_does_not_end_leaves_the_time_of_the_last_that_did(status: ConsumerStatus) -> None:
    status.passed(ours=True)
    complete = status.last_pass_at
    status.failed("no route to S3")
    assert (status.state, status.last_pass_at) == (ConsumerState.FAILING, complete)
    assert status.line() == "failing: no route to S3"


# https://prometheus.io/docs/instrumenting/exposition_formats/
SAMPLE = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]* -?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?")
COMMENT = re.compile(r"# (HELP [a-z_]+ .+|TYPE [a-z_]+ (gauge|counter))")


def test_the_metrics_are_in_prometheus_format_each_once(status: ConsumerStatus) -> None:
    status.passed(ours=True)
    status.hooks_due = 3
    text = status.metrics()
    assert text.endswith("\n")
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in samples)
    assert all(COMMENT.fullmatch(line) for line in text.splitlines() if line.startswith("#"))
    values = dict(line.split(" ") for line in samples)
    assert len(values) == len(samples)
    assert values["baler_consumer_files_total"] == "7"
    assert (values["baler_consumer_working"], values["baler_consumer_failing"]) == ("1", "0")
    assert values["baler_consumer_hooks_due"] == "3"
    assert float(values["baler_consumer_last_pass_timestamp_seconds"]) > 1e9


def test_a_status_that_cannot_be_written_is_told_once_and_holds_nothing_up(
    status: ConsumerStatus, tmp_path: Path
) -> None:
    events: list[Event] = []
    files = StatusFiles(status, tmp_path / "nowhere" / "status.json", tmp_path / "baler.prom", events.append)
    files.write()
    files.write()
    assert [event.fields["key"] for event in events] == [str(tmp_path / "nowhere" / "status.json")]
    assert "baler_consumer_files_total 7" in (tmp_path / "baler.prom").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["baler.prom"]


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as bound:
        bound.bind(str(tmp_path / "notify"))
        yield bound


def told(listening: socket.socket) -> list[str]:
    messages: list[str] = []
    try:
        while True:
            messages.append(listening.recv(4096).decode())
    except BlockingIOError:
        return messages


def test_systemd_is_told_what_it_listens_for(listening: socket.socket, tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    systemd = Systemd({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())})
    systemd.ready()
    systemd.status("working")
    systemd.status("working")
    systemd.beat()
    systemd.beat()  # not yet due
    systemd.stopping()
    assert told(listening) == ["READY=1", "STATUS=working", "WATCHDOG=1", "STOPPING=1"]


@pytest.mark.parametrize(
    "environment",
    [{}, {"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "soon"}],
    ids=["none", "another's", "no number"],
)
def test_a_watchdog_that_is_not_ours_gets_no_beat(
    listening: socket.socket, tmp_path: Path, environment: dict[str, str]
) -> None:
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "notify"), **environment}).beat()
    assert told(listening) == []


def test_nobody_who_listens_is_no_error(tmp_path: Path) -> None:
    Systemd({}).ready()
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).ready()
    Systemd({"NOTIFY_SOCKET": "@nobody-listens-here"}).ready()


def test_a_log_file_has_a_line_an_event_with_its_time_and_survives_its_rotation(tmp_path: Path) -> None:
    path = tmp_path / "consume.log"
    path.write_text("an earlier line\n")
    report = file_reporter(LogFile(path), as_json=False)
    report(Event("bundle", "green", "one \x1b[31m", {}))
    path.rename(tmp_path / "consume.log.1")
    report(Event("bundle", "green", "two", {}))
    first, second = (tmp_path / "consume.log.1").read_text().splitlines()
    assert first == "an earlier line"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ bundle   one \\x1b\[31m", second)
    assert path.read_text().endswith("bundle   two\n")


def test_a_log_file_that_goes_away_holds_nothing_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    report = file_reporter(LogFile(folder / "consume.log"), as_json=True)
    (folder / "consume.log").unlink()
    folder.rmdir()
    for _ in range(2):
        report(DELIVERED)
    assert capsys.readouterr().err.count("The log file cannot be written") == 1
    folder.mkdir()
    report(DELIVERED)
    assert json.loads((folder / "consume.log").read_text())["event"] == "bundle"


def test_one_that_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LogFileError, match="No such file"):
        LogFile(tmp_path / "nowhere" / "consume.log")


@pytest.mark.parametrize("hook", ["", "'", "no-program-of-this-name --option"])
def test_a_hook_that_no_program_is_found_for_is_refused_at_the_start(tmp_path: Path, hook: str) -> None:
    arguments = ["consume", "--mailbox", "mailbox", "--into", str(tmp_path / "in"), "--hook", hook]
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert "--hook" in result.output
    assert not (tmp_path / "in").exists()
