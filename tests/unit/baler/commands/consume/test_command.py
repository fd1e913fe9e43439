"""The command line: what people type and read, and the exit codes that programs read."""

from __future__ import annotations

import hashlib
import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import boto3
import pytest
from harness.consumer import make_bundle
from moto import mock_aws
from rich.console import Console
from typer.testing import CliRunner

from baler.cli.main import app
from baler.cli.report import human_reporter, json_reporter
from baler.cli.s3 import s3_client
from baler.commands.consume.lock import sole_consumer, sole_consumer_of
from baler.commands.consume.report import quarantined
from baler.commands.consume.state import FolderError
from baler.files.bundle.ids import bundle_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client
    from typer.testing import Result

REGION = "eu-west-2"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith(("AWS_", "BALER_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture
def s3() -> Iterator[S3Client]:
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="mailbox", CreateBucketConfiguration={"LocationConstraint": REGION})
        yield client


def put(s3: S3Client, files: list[tuple[str, bytes]], number: int = 1, sha256: str | None = None) -> str:
    bundle_id, body = make_bundle(files, number)
    digest = sha256 or hashlib.sha256(body).hexdigest()
    s3.put_object(Bucket="mailbox", Key=bundle_key(bundle_id), Body=body, Metadata={"content-sha256": digest})
    return bundle_id


def consume(*arguments: object, environment: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, ["consume", "--once", *map(str, arguments)], env=environment)


@pytest.mark.usefixtures("s3")
def test_an_empty_mailbox_is_all_delivered(tmp_path: Path) -> None:
    result = consume("--mailbox", "mailbox", "--into", tmp_path / "received")
    assert result.exit_code == 0
    assert (tmp_path / "received").is_dir()
    assert (tmp_path / "received.state" / "ledger.sqlite").is_file()


def test_it_prints_a_line_a_bundle(s3: S3Client, tmp_path: Path) -> None:
    bundle_id = put(s3, [("a", b"1"), ("b", b"2")])
    result = consume("--mailbox", "mailbox", "--into", tmp_path / "received")
    times, lines = zip(*(line.split(" ", maxsplit=1) for line in result.output.splitlines()), strict=True)
    assert all(datetime.fromisoformat(time).tzinfo is UTC for time in times)
    started, bundle, stopped = lines
    assert started.startswith("started")
    assert bundle.startswith(f"bundle   {bundle_id}  2 files, 2 bytes in ")
    assert stopped.startswith("stopped  1 bundle, 2 files, 2 bytes in ")


def test_settings_may_come_from_the_environment(s3: S3Client, tmp_path: Path) -> None:
    put(s3, [("a", b"1")])
    environment = {
        "BALER_MAILBOX": "mailbox",
        "BALER_INTO": str(tmp_path / "in"),
        "BALER_STATE": str(tmp_path / "elsewhere"),
    }
    assert consume(environment=environment).exit_code == 0
    assert (tmp_path / "in" / "a").read_bytes() == b"1"
    assert (tmp_path / "elsewhere" / "ledger.sqlite").is_file()


def test_json_tells_what_programs_need_and_no_content(s3: S3Client, tmp_path: Path) -> None:
    secret = b"the content of a file"
    bundle_id = put(s3, [("a", secret)])
    bad = put(s3, [("b", b"2")], 2, sha256="0" * 64)
    [head] = [item for item in s3.list_objects_v2(Bucket="mailbox").get("Contents", []) if bundle_id in item["Key"]]  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 always tells

    result = consume("--mailbox", "mailbox", "--into", tmp_path / "received", "--json")

    assert result.exit_code == 3
    started, bundle, refused, stopped = (json.loads(line) for line in result.output.splitlines())
    assert started["event"] == "started"
    assert (started["mailbox"], started["into"]) == ("mailbox", str(tmp_path / "received"))
    assert bundle["event"] == "bundle"
    assert (bundle["bundle_id"], bundle["key"]) == (bundle_id, bundle_key(bundle_id))
    assert (bundle["files"], bundle["bytes"], bundle["redelivered"]) == (1, len(secret), False)
    assert (bundle["compressed_bytes"], bundle["last_modified"]) == (
        head["Size"],  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 always tells
        head["LastModified"].isoformat(),  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 always tells
    )
    assert (refused["event"], refused["bundle_id"]) == ("quarantine", bad)
    assert Path(refused["report"]).is_file()
    assert (stopped["event"], stopped["bundles"], stopped["files"], stopped["quarantined"]) == ("stopped", 1, 1, 1)
    assert secret.decode() not in result.output


def test_the_limits_are_settings(s3: S3Client, tmp_path: Path) -> None:
    put(s3, [("a", b"1"), ("b", b"2")])
    arguments = ("--mailbox", "mailbox", "--into")
    assert consume(*arguments, tmp_path / "one", "--max-files", 1).exit_code == 3
    assert consume(*arguments, tmp_path / "two", "--max-files", 2).exit_code == 0
    put(s3, [("zeros", bytes(2_000_000))], 2)
    assert consume(*arguments, tmp_path / "three", "--max-unpacked-megabytes", 1).exit_code == 3


def test_a_prefix_narrows_what_is_taken(s3: S3Client, tmp_path: Path) -> None:
    put(s3, [("a", b"1")])
    assert consume("--mailbox", "mailbox", "--into", tmp_path / "in", "--prefix", "bundles/1999/").exit_code == 0
    assert list((tmp_path / "in").iterdir()) == []


def refused(result: Result) -> str:
    """Return the one sentence of a refused start."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    return result.stderr


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_does_not_exist_is_a_sentence(tmp_path: Path) -> None:
    message = refused(consume("--mailbox", "nowhere", "--into", tmp_path / "in"))
    assert message == "There is no such bucket: could not list the mailbox 'nowhere' (S3 says NoSuchBucket).\n"


def test_missing_credentials_are_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    message = refused(consume("--mailbox", "mailbox", "--into", tmp_path / "in"))
    assert message.startswith("Found no usable AWS credentials")
    assert message.count("\n") == 1


@pytest.mark.usefixtures("s3")
def test_a_profile_that_does_not_exist_is_a_sentence(tmp_path: Path) -> None:
    result = consume("--mailbox", "mailbox", "--into", tmp_path / "in", environment={"AWS_PROFILE": "nobody"})
    assert "check AWS_PROFILE" in refused(result)


def test_an_unreachable_endpoint_can_be_tried_again(tmp_path: Path) -> None:
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_CONFIG_FILE": str(tmp_path / "none")}
    result = consume("--mailbox", "mailbox", "--into", tmp_path / "in", environment=environment)
    assert result.exit_code == 4
    assert "Could not connect to the endpoint URL" in result.stdout


@pytest.mark.parametrize(
    ("into", "state"), [("in", "in/state"), ("all/in", "all"), ("same", "same"), ("in", "in/../in/x")]
)
def test_state_and_files_in_one_another_are_refused(tmp_path: Path, into: str, state: str) -> None:
    message = refused(consume("--mailbox", "mailbox", "--into", tmp_path / into, "--state", tmp_path / state))
    assert "lie in one another" in message


def test_state_on_another_file_system_is_refused(tmp_path: Path) -> None:
    shared_memory = Path("/dev/shm")  # noqa: S108 - not a temporary file: a file system that machines have
    if not shared_memory.is_dir() or shared_memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second file system to write to")
    with TemporaryDirectory(dir=shared_memory) as state:
        message = refused(consume("--mailbox", "mailbox", "--into", tmp_path / "in", "--state", state))
        assert "not on the same file system" in message
    assert list((tmp_path / "in").iterdir()) == []


@pytest.mark.usefixtures("s3")
def test_the_state_of_a_linked_folder_lies_beside_the_folder_itself(tmp_path: Path) -> None:
    (tmp_path / "volume" / "in").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "volume" / "in")
    assert consume("--mailbox", "mailbox", "--into", tmp_path / "link").exit_code == 0
    assert (tmp_path / "volume" / "in.state" / "ledger.sqlite").is_file()


def test_a_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"")
    assert "Cannot use" in refused(consume("--mailbox", "mailbox", "--into", tmp_path / "in"))


def test_a_ledger_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "in.state").mkdir()
    (tmp_path / "in.state" / "ledger.sqlite").write_bytes(b"hello" * 1000)
    assert "not a database" in refused(consume("--mailbox", "mailbox", "--into", tmp_path / "in"))


def test_a_damaged_ledger_stops_everything_with_one_sentence_whose_way_out_works(s3: S3Client, tmp_path: Path) -> None:
    arguments = ("--mailbox", "mailbox", "--into", tmp_path / "in")
    put(s3, [("before", b"1")])
    assert consume(*arguments).exit_code == 0
    ledger = tmp_path / "in.state" / "ledger.sqlite"
    ledger.write_bytes(ledger.read_bytes()[:5000])
    put(s3, [("after", b"2")], 2)

    message = refused(consume(*arguments))

    assert f"The ledger {ledger} is damaged" in message
    assert f"Move ledger.sqlite* out of {ledger.parent} and start again" in message
    assert message.count("\n") == 1
    assert s3.list_objects_v2(Bucket="mailbox")["KeyCount"] == 1

    (tmp_path / "moved").mkdir()
    for file in ledger.parent.glob("ledger.sqlite*"):
        file.rename(tmp_path / "moved" / file.name)
    assert consume(*arguments).exit_code == 0
    assert (tmp_path / "in" / "after").read_bytes() == b"2"


def test_a_held_lock_is_a_sentence_that_names_the_process(tmp_path: Path) -> None:
    (tmp_path / "in.state").mkdir()
    with sole_consumer(tmp_path / "in.state" / "lock"):
        message = refused(consume("--mailbox", "mailbox", "--into", tmp_path / "in"))
    assert f"(process {os.getpid()})" in message


def test_a_lock_is_free_again_after_its_holder(tmp_path: Path) -> None:
    for _ in range(2):
        with sole_consumer(tmp_path / "lock"):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


HOSTILE = quarantined(None, "[red]\x1b[2J\r\nfake line\u202e[/red]:smile: \ud800 é", "reason\x07", Path("report"))


def test_a_hostile_key_drives_no_terminal() -> None:
    printed = io.StringIO()
    human_reporter(Console(file=printed, force_terminal=True, width=40))(HOSTILE)
    line = printed.getvalue()
    assert line.count("\n") == 1
    assert r"[red]\x1b[2J\r\nfake line\u202e[/red]:smile: \ud800 é: reason\x07" in line
    assert "\x1b[2J" not in line


def test_a_hostile_key_is_exact_in_json() -> None:
    lines: list[str] = []
    json_reporter(lines.append)(HOSTILE)
    [line] = lines
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["key"] == HOSTILE.fields["key"]


def test_help_shows_examples_and_exit_codes() -> None:
    result = CliRunner().invoke(app, ["consume", "--help"], env={"COLUMNS": "120"})
    assert result.exit_code == 0
    for expected in ("AWS_ENDPOINT_URL=", "--once --json", "BALER_MAILBOX", "Exit codes"):
        assert expected in result.output


def test_the_command_alone_lists_its_commands() -> None:
    result = CliRunner().invoke(app, [])
    assert "consume" in result.output


@pytest.mark.parametrize("name", ["mailbox", "s3://mailbox", "s3://mailbox/", "S3://mailbox"])
def test_a_bucket_may_be_named_as_an_address(s3: S3Client, tmp_path: Path, name: str) -> None:
    put(s3, [("a", b"1")])
    result = CliRunner().invoke(app, ["consume", "--once", "--mailbox", name, "--into", str(tmp_path / "received")])
    assert result.exit_code == 0
    assert (tmp_path / "received" / "a").read_bytes() == b"1"


@pytest.mark.parametrize("name", ["", "s3://", "/"])
def test_an_address_of_no_bucket_is_refused(tmp_path: Path, name: str) -> None:
    result = CliRunner().invoke(app, ["consume", "--once", "--mailbox", name, "--into", str(tmp_path / "received")])
    assert result.exit_code == 2
    assert "names no bucket" in result.stderr


def test_an_address_of_more_than_a_bucket_is_refused(tmp_path: Path) -> None:
    arguments = ["consume", "--once", "--mailbox", "s3://mailbox/bundles", "--into", str(tmp_path / "received")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "give its name alone" in result.stderr


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["device-7/reading.json", "other.json"], "as a landing bucket does"),
        (["manifests/2026/11/20/x.json.gz", bundle_key("20261120T090101000Z-0000000000000001")], "is an archive"),
    ],
    ids=["landing", "archive"],
)
def test_another_bucket_of_the_stack_is_not_taken_for_the_mailbox(
    s3: S3Client, tmp_path: Path, keys: list[str], said: str
) -> None:
    for key in keys:
        s3.put_object(Bucket="mailbox", Key=key, Body=b"x")
    arguments = ["consume", "--once", "--mailbox", "mailbox", "--into", str(tmp_path / "received")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert s3.list_objects_v2(Bucket="mailbox")["KeyCount"] == len(keys)
    assert list((tmp_path / "received").iterdir()) == []
    assert list((tmp_path / "received.state" / "quarantine").iterdir()) == []


def test_a_stray_object_in_a_mailbox_is_said_and_stops_nothing(s3: S3Client, tmp_path: Path) -> None:
    put(s3, [("a", b"1")])
    s3.put_object(Bucket="mailbox", Key="stray", Body=b"x")
    arguments = ["consume", "--once", "--json", "--mailbox", "mailbox", "--into", str(tmp_path / "received")]
    for code, kinds in ((0, ["started", "foreign", "bundle", "stopped"]), (0, ["started", "foreign", "stopped"])):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == code
        assert [json.loads(line)["event"] for line in result.stdout.splitlines()] == kinds


def test_a_second_consumer_of_the_same_mailbox_on_this_machine_is_refused(s3: S3Client, tmp_path: Path) -> None:
    put(s3, [("a", b"1")])
    with sole_consumer_of(f"{s3_client().meta.endpoint_url} mailbox bundles/"):
        arguments = ["consume", "--once", "--mailbox", "mailbox", "--into", str(tmp_path / "second")]
        result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "every file would be delivered twice" in result.stderr
    assert f"(process {os.getpid()})" in result.stderr
    assert CliRunner().invoke(app, arguments).exit_code == 0


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert "symlinks lead in a circle" in refused(consume("--mailbox", "mailbox", "--into", loop))
    assert "File name too long" in refused(consume("--mailbox", "mailbox", "--into", tmp_path / ("n" * 300)))


def test_a_lock_that_cannot_be_had_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="Cannot lock and write"), sole_consumer(tmp_path):
        pass


def test_a_retention_that_no_stack_can_have_is_a_wrong_command_line(tmp_path: Path) -> None:
    into = tmp_path / "received"
    result = consume("--mailbox", "mailbox", "--into", into, "--landing-retention-days", 10**9)
    assert result.exit_code == 2
    assert not into.exists()
