"""`make demo` and `make sandbox` of the lake, and its load test, as a newcomer runs them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest
from harness.pipeline import wait_until
from harness.sandbox_shell import line_of, typed

from sandbox.engine.program import PROJECT_DIR
from sandbox.localstack.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

MET, MISSED, INCONCLUSIVE = 0, 1, 3


def environment() -> dict[str, str]:
    """The shell's, without what points at another LocalStack."""
    kept = {name: value for name, value in os.environ.items() if name not in {"AWS_ENDPOINT_URL", "LOCALSTACK_HOST"}}
    return {**kept, "PYTHONPATH": str(PROJECT_DIR)}


@contextmanager
def running(folder: Path, port: int, *arguments: str) -> Generator[subprocess.Popen[bytes]]:
    """Run a module of ours in a folder; what it says is in the file `said` there."""
    command = [sys.executable, "-m", *arguments, "--pipeline", "lake", "--port", str(port)]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=said, stderr=said)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def said(folder: Path) -> str:
    return (folder / "said").read_text()


@pytest.mark.requirement("LAKE-FLOW-01", "LAKE-FUTURE-04")
def test_every_record_is_there_once_and_right_whatever_happens_to_its_source(tmp_path: Path) -> None:
    with running(tmp_path, free_port(), "sandbox", "demo", "--faults", "aws") as demo:
        code = demo.wait(1500)
    summary: dict[str, Any] = json.loads((tmp_path / "out" / "summary-lake.json").read_text())
    assert summary["exact"], said(tmp_path)
    assert (code, summary["passed"]) == (MET, True)
    assert summary["faults"]["total"] > 0
    assert (summary["records"]["jsonplaceholder"], summary["records"]["tide-gauges"]) == (101, 100)
    assert summary["records"]["randomuser"] == 10 * summary["raw_objects"]["randomuser"]
    assert not any(summary["proof"].values())
    assert all(check["met"] for check in summary["checks"])
    for line in ("A post is red, blue, and red again", "A third source is declared", "exactly once and right"):
        assert line in said(tmp_path)
    assert "IAM:" not in said(tmp_path)


def test_the_sandbox_says_what_to_open_and_how_to_change_a_source_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port, "sandbox", "up") as sandbox:
        usage = wait_until("usage", lambda: said(tmp_path), lambda text: "Ctrl-C" in text or sandbox.poll() is not None)
        api, page = after(usage, "HTTP API "), after(usage, "dashboard ")
        for part in ("/_control/add", "/fire"):
            asked = typed(tmp_path, usage, line_of(usage, part))
            assert asked.returncode == 0, asked.stderr
        wait_until("the new post", lambda: titles(api), lambda found: "A new post" in found)
        wait_until("the people beside", lambda: get(f"{page}api/analytics")["total"], lambda total: total >= 111)
        assert b"<html" in fetch(page)
        verified = typed(tmp_path, usage, line_of(usage, "baler lake verify"))
        assert verified.returncode == 0, verified.stdout + verified.stderr
        sandbox.send_signal(signal.SIGINT)
        assert sandbox.wait(120) == 0, said(tmp_path)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.requirement("LAKE-SCALE-01")
def test_a_short_load_ends_with_a_verdict(tmp_path: Path) -> None:
    load = ("--shape", "lake-read", "--duration", "6", "--rates", "2,5,2")
    port = free_port()
    with running(tmp_path, port, "loadtest", *load) as measuring:
        code = measuring.wait(1500)
    summary = json.loads((tmp_path / "out" / "loadtest" / f"lake-read-{port}" / "summary.json").read_text())
    assert summary["requests"]["answered"] == summary["requests"]["offered"] == 24, said(tmp_path)
    assert summary["curation"]["records"] >= 9_900
    assert summary["curation"]["records_per_second"] > 0, said(tmp_path)
    assert (code, summary["result"]) in {(MET, "met"), (MISSED, "missed"), (INCONCLUSIVE, "inconclusive")}


def after(usage: str, label: str) -> str:
    """Return what stands behind a label."""
    return next(line.split()[-1] for line in usage.splitlines() if line.strip().startswith(label))


def titles(api: str) -> list[str]:
    """The newest hundred of the posts."""
    return [record["title"] for record in get(f"{api}/records?source=jsonplaceholder&limit=100")["records"]]


def get(url: str) -> Any:
    return json.loads(fetch(url))


def fetch(url: str, method: str = "GET") -> bytes:
    with urlopen(Request(url, method=method)) as answer:  # noqa: S310 - http, on this machine
        return answer.read()
