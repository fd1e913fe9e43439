"""The load test as people run it: short, and judged by what it finds, not by how fast this machine is."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from loadtest.parts import PARTS
from loadtest.samples import EMULATOR, FILE, GENERATOR, read_samples
from loadtest.stack_under_test import StackUnderTest
from sandbox.engine.program import PROJECT_DIR
from sandbox.iam.parties import environment_of
from sandbox.localstack.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import DeployPipeline
    from harness.pipeline import Pipeline

MET, MISSED, CANNOT_RUN, INCONCLUSIVE = 0, 1, 2, 3


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"AWS_ENDPOINT_URL", "LOCALSTACK_HOST"}
    }
    return subprocess.Popen(
        [sys.executable, "-m", "loadtest", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(PROJECT_DIR)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    with start(folder, *arguments) as process:
        out, err = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def judged(results: Path, code: int, offered: int) -> dict[str, Any]:
    """Return the summary of a run in which everything came once, on a machine that may have been too busy for it.

    Nothing is lost, twice or damaged: what it says to have missed is then that all of it was in time.
    """
    summary = json.loads((results / "summary.json").read_text())
    assert (summary["files"]["uploaded"], summary["files"]["offered"]) == (offered, offered)
    assert (summary["lost"], summary["twice"], summary["damaged"], summary["bundles_broken"]) == (0, 0, 0, [])
    assert summary["ending"] == "drained"
    assert (code, summary["result"]) in {(MET, "met"), (MISSED, "missed"), (INCONCLUSIVE, "inconclusive")}
    assert (code == MET) is (summary["reasons"] == []), summary["reasons"]
    assert (results / "latency.png").read_bytes().startswith(b"\x89PNG")
    assert (results / "index.html").read_text().startswith("<!doctype html>")
    # Each file's way is in the function's log, and its parts add up to what was measured from outside.
    parts = summary["parts"]
    assert (parts["known"], parts["files"], parts["absent"]) == (offered, offered, "")
    for column in parts["columns"].values():
        assert sum(column[part] for part in PARTS) == pytest.approx(column["whole"], abs=0.01)
        assert column["not explained"] < 0.5 * column["whole"]
    return summary


@pytest.mark.requirement("PUSH-LOAD-01", "PUSH-LOAD-02")
def test_a_short_burst_ends_with_a_verdict_and_its_files(tmp_path: Path) -> None:
    port = free_port()
    ran = run(tmp_path, "--shape", "burst", "--duration", "5", "--rates", "5,20,5", "--port", str(port))
    results = tmp_path / "out" / "loadtest" / f"burst-{port}"
    assert ran.stderr == ""
    summary = judged(results, ran.returncode, offered=70)
    assert [phase["offered_per_second"] for phase in summary["load"]] == [5, 20, 5]
    assert 0 < summary["latency_seconds"]["p50"] <= summary["latency_seconds"]["p99.9"]
    assert summary["cpu_ms_per_upload"] > 0
    report = (results / "report.html").read_text()
    assert "DELIVER" in report
    assert "upload to mailbox" in report
    assert "70 of 70 files" in ran.stdout
    assert {use.split(" ")[0] for sample in read_samples(results / FILE) for use in sample.uses} >= {
        "LocalStack",
        "function",
        "load",
    }
    assert summary["pressure"]["parts"][EMULATOR] > 0
    assert str((results / "index.html").resolve()) in ran.stdout


def test_ctrl_c_in_the_middle_still_writes_a_report(tmp_path: Path) -> None:
    port = free_port()
    results = tmp_path / "out" / "loadtest" / f"soak-{port}"
    with start(tmp_path, "--shape", "soak", "--duration", "10m", "--port", str(port)) as soak:
        deadline = time.monotonic() + 400
        # A file that has come makes the report more than empty; the generator's first sample is before that.
        while not any(GENERATOR in sample.uses for sample in read_samples(results / FILE)[:-5]):
            assert soak.poll() is None, "it ended before it was interrupted"
            assert time.monotonic() < deadline, "no load in 400 s"
            time.sleep(0.2)
        soak.send_signal(signal.SIGINT)
        out, err = soak.communicate(timeout=400)
    assert (soak.returncode, err) == (INCONCLUSIVE, "")
    summary = json.loads((results / "summary.json").read_text())
    assert (summary["result"], summary["ending"], summary["lost"]) == ("inconclusive", "interrupted", 0)
    assert "it was interrupted" in out
    assert "inconclusive" in (results / "index.html").read_text()


def test_a_run_that_cannot_begin_leaves_what_is_there(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        earlier = tmp_path / "out" / "loadtest" / f"burst-{port}" / "summary.json"
        earlier.parent.mkdir(parents=True)
        earlier.write_text("{}")
        ran = run(tmp_path, "--port", str(port))
    assert ran.returncode == CANNOT_RUN
    assert str(port) in ran.stderr
    assert earlier.exists()


def test_a_pushed_delivery_is_measured_to_the_receipt(tmp_path: Path) -> None:
    port = free_port()
    load = ("--shape", "baseline", "--duration", "4", "--rates", "5", "--port", str(port))
    ran = run(tmp_path, "--delivery", "http", *load)
    results = tmp_path / "out" / "loadtest" / f"baseline-{port}"
    assert ran.stderr == ""
    summary = judged(results, ran.returncode, offered=20)
    assert summary["watched"] == "receipts"
    assert "upload to receipt" in ran.stdout
    assert len(list((results / "receiver" / "received").rglob("*.jsonl"))) == 20


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--shape", "tsunami"), "no load shape 'tsunami'"),
        (("--rates", "1,2"), "takes 3"),
        (("--shape", "soak", "--duration", "8 hours"), "'8 hours' is not a duration: write it as 90, 90s, 15m or 8h"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_starts(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    ran = run(tmp_path, *arguments)
    assert ran.returncode == CANNOT_RUN
    assert says in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert "LocalStack" not in ran.stdout


class Locust:
    """Locust's own processes against a deployed pipeline."""

    def __init__(self, pipeline: Pipeline, folder: Path) -> None:
        self.folder = folder
        self.outputs = folder / "outputs.json"
        deployed = pipeline.deployed
        StackUnderTest(
            region=deployed.region,
            landing_bucket=deployed.landing_bucket,
            archive_bucket=deployed.archive_bucket,
            distribution_bucket=deployed.distribution_bucket,
            ingest_queue_url=deployed.ingest_queue_url,
            dead_letter_queue_url=deployed.dead_letter_queue_url,
            aggregator_log_group=deployed.aggregator_log_group,
        ).write(self.outputs)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(PROJECT_DIR),
            **environment_of(deployed, "operator"),
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "locust", "-f", str(PROJECT_DIR / "loadtest" / "locustfile.py"), *arguments]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def measure(self, *arguments: str) -> subprocess.Popen[str]:
        return self.start("--headless", "--only-summary", "--outputs", str(self.outputs), *arguments)


@pytest.fixture(scope="module")
def target(deploy_pipeline: DeployPipeline) -> Pipeline:
    return deploy_pipeline()


@pytest.fixture
def locust(target: Pipeline, tmp_path: Path) -> Locust:
    return Locust(target, tmp_path)


def test_workers_share_the_load_and_the_master_judges_it(locust: Locust) -> None:
    port = str(free_port())
    results = locust.folder / "results"
    with ExitStack() as processes:
        load = ("--shape", "baseline", "--duration", "3", "--rates", "20", "--results", str(results))
        bind = ("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--expect-workers", "2")
        master = processes.enter_context(locust.measure(*bind, *load))
        processes.callback(master.kill)
        workers = [locust.start("--worker", "--master-host", "127.0.0.1", "--master-port", port) for _ in range(2)]
        for worker in workers:
            processes.enter_context(worker)
            processes.callback(worker.kill)
        said, _ = master.communicate(timeout=1200)
        worker_codes = [worker.wait(240) for worker in workers]
    assert (results / "summary.json").exists(), said
    summary = judged(results, master.returncode, offered=60)
    assert summary["processes"] == 2
    assert worker_codes == [0, 0]


def test_the_archive_can_be_watched_in_place_of_the_mailbox(locust: Locust) -> None:
    results = locust.folder / "archive"
    with locust.measure(
        "--duration", "2", "--rates", "10", "--watch", "archive", "--results", str(results)
    ) as measuring:
        measuring.communicate(timeout=1200)
    summary = judged(results, measuring.returncode, offered=20)
    assert summary["watched"] == "archive"


def test_an_interrupted_run_says_so_and_counts_nothing_as_lost(locust: Locust) -> None:
    with locust.measure("--duration", "10m", "--results", str(locust.folder)) as measuring:
        assert measuring.stdout is not None
        for line in measuring.stdout:
            if line.startswith("progress: "):
                measuring.terminate()
                break
        measuring.communicate(timeout=1200)
    summary = json.loads((locust.folder / "summary.json").read_text())
    assert (measuring.returncode, summary["result"], summary["lost"]) == (INCONCLUSIVE, "inconclusive", 0)
    assert summary["ending"] == "interrupted"


def test_a_stack_that_cannot_be_watched_is_one_sentence(locust: Locust) -> None:
    outputs = json.loads(locust.outputs.read_text())
    locust.outputs.write_text(json.dumps({**outputs, "filesDistributionBucket": "no-such-bucket"}))
    with locust.measure("--duration", "2", "--results", str(locust.folder)) as measuring:
        said, _ = measuring.communicate(timeout=1200)
    assert measuring.returncode == CANNOT_RUN
    assert "The stack cannot be watched" in said
    assert "Traceback" not in said
