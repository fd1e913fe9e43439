"""`make demo` and `make sandbox` of the event stream, and its load test, as a newcomer runs them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from harness.pipeline import wait_until
from harness.sandbox_shell import line_of, typed

from sandbox.engine.program import PROJECT_DIR
from sandbox.localstack.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

RECORDS = 600
MET, MISSED, INCONCLUSIVE = 0, 1, 3


def environment() -> dict[str, str]:
    """The shell's, without what points at another LocalStack."""
    kept = {name: value for name, value in os.environ.items() if name not in {"AWS_ENDPOINT_URL", "LOCALSTACK_HOST"}}
    return {**kept, "PYTHONPATH": str(PROJECT_DIR)}


@contextmanager
def running(folder: Path, port: int, *arguments: str) -> Generator[subprocess.Popen[bytes]]:
    """Run a module of ours in a folder; what it says is in the file `said` there."""
    command = [sys.executable, "-m", *arguments, "--pipeline", "events", "--port", str(port)]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=said, stderr=said)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def said(folder: Path) -> str:
    return (folder / "said").read_text()


@pytest.mark.requirement("EVENT-FLOW-01")
def test_every_event_comes_out_once_and_right_through_a_reshard_and_what_is_delivered_again(tmp_path: Path) -> None:
    load = ("--events", str(RECORDS), "--rate", "100", "--faults", "aws")
    with running(tmp_path, free_port(), "sandbox", "demo", *load) as demo:
        code = demo.wait(1500)
    summary: dict[str, Any] = json.loads((tmp_path / "out" / "summary-events.json").read_text())
    assert summary["exact"], said(tmp_path)
    assert (code, summary["passed"]) == (MET, True)
    assert (summary["records"] - summary["sent_twice"], summary["shards"]) == (RECORDS, [2, 4])
    assert RECORDS // 40 <= summary["rejections"] <= RECORDS // 40 + summary["sent_twice"]
    assert summary["faults"]["by_service"]["s3"]["event-delayed"] > 0
    assert summary["redelivered"] >= 200
    assert not any(summary["proof"].values())
    assert summary["compacted_files"] <= summary["table_files"] <= summary["processed_objects"]
    assert 0 < summary["latency_seconds"]["p50"] <= summary["latency_seconds"]["p99"]
    for line in ("from 2 open shards to 4", "High-value transactions per hour", "exactly once and right"):
        assert line in said(tmp_path)
    assert "IAM:" not in said(tmp_path)


def test_the_sandbox_says_how_to_send_and_where_to_look_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port, "sandbox", "up") as sandbox:
        usage = wait_until("usage", lambda: said(tmp_path), lambda text: "Ctrl-C" in text or sandbox.poll() is not None)
        sent = typed(tmp_path, usage, line_of(usage, "events produce").replace("--duration 10", "--duration 2"))
        assert "sent" in sent.stdout.lower(), sent.stdout + sent.stderr
        batches = line_of(usage, "events batches")
        wait_until("a batch", lambda: typed(tmp_path, usage, batches).stdout, lambda text: "shardId-" in text)
        sandbox.send_signal(signal.SIGINT)
        assert sandbox.wait(120) == 0, said(tmp_path)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_short_load_ends_with_a_verdict(tmp_path: Path) -> None:
    load = ("--shape", "events-burst", "--duration", "5", "--rates", "20,50,20")
    port = free_port()
    with running(tmp_path, port, "loadtest", *load) as measuring:
        code = measuring.wait(1500)
    results = tmp_path / "out" / "loadtest" / f"events-burst-{port}"
    summary = json.loads((results / "summary.json").read_text())
    assert (summary["lost"], summary["twice"]) == (0, 0), said(tmp_path)
    assert summary["events"] == {"offered": 190, "sent": 190, "given_up": 0}
    assert (code, summary["result"]) in {(MET, "met"), (MISSED, "missed"), (INCONCLUSIVE, "inconclusive")}
    assert "stream to processed" in (results / "report.html").read_text()
