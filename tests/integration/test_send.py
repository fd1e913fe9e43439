"""From the external party's folder to a hook on the premises: both programs, with nothing but their parties' rights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from baler.cli.exit_codes import ExitCode
from sandbox.iam.parties import environment_of

if TYPE_CHECKING:
    from pathlib import Path

    from harness.pipeline import Pipeline

    from sandbox.iam.parties import Party

# Keys that no other test of the shared landing bucket has: the sender puts where nothing is.
FILES = {
    "party/plain.json": b"{}",
    "party/with space+plus%25.json": b"1",
    "party/ünïcödé": b"",
    "party/.dot": b"x" * 100_000,
}
HOOK = """
import json, pathlib, sys
document = json.load(sys.stdin)
contents = {file["key"]: (pathlib.Path(document["into"]) / file["path"]).stat().st_size for file in document["files"]}
print(json.dumps(contents), file=open(sys.argv[1], "a"))
"""


def run(pipeline: Pipeline, party: Party, *arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run(
        [sys.executable, "-m", "baler.cli.main", *map(str, arguments), "--json"],
        env={**os.environ, **environment_of(pipeline.deployed, party)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.requirement("PULL-REQ-01")
def test_what_the_party_sends_is_received_at_once_by_bundle_and_the_hook_is_told(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    outbox, into, seen = tmp_path / "outbox", tmp_path / "received", tmp_path / "seen"
    for name, content in FILES.items():
        (outbox / name).parent.mkdir(parents=True, exist_ok=True)
        (outbox / name).write_bytes(content)
    send = ("send", outbox, "--landing-bucket", pipeline.deployed.landing_bucket, "--settle", "0")

    code, events = run(pipeline, "external-party", *send)
    assert (code, events[-1]["sent"]) == (ExitCode.OK, len(FILES))
    # Without its ledger it neither overwrites nor believes: the party's one right is enough to know.
    (tmp_path / "outbox.sent.sqlite").unlink()
    code, events = run(pipeline, "external-party", *send)
    assert (code, events[-1]["taken"]) == (ExitCode.NEEDS_ATTENTION, len(FILES))
    assert run(pipeline, "external-party", *send, "--adopt")[0] == ExitCode.OK

    pipeline.wait_for_files(*FILES)
    program = tmp_path / "hook.py"
    program.write_text(HOOK)
    hook = f"{sys.executable} {program} {seen}"
    mailbox = pipeline.deployed.distribution_bucket
    consume = ("consume", "--mailbox", mailbox, "--into", into, "--once", "--whole-bundles", "--hook", hook)
    assert run(pipeline, "consumer", *consume)[0] == ExitCode.OK

    received = {path.relative_to(into).as_posix(): path for path in into.rglob("*") if path.is_file()}
    assert {name.partition("/")[2]: path.read_bytes() for name, path in received.items()} == FILES
    told = [json.loads(line) for line in seen.read_text().splitlines()]
    assert {key: size for each in told for key, size in each.items()} == {
        key: len(content) for key, content in FILES.items()
    }
