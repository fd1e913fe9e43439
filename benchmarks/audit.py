"""`python -m benchmarks.audit`: how long `baler audit` takes for a day, and in how much memory.

The command runs as an operator's does, in a process of its own. Its S3 and DynamoDB are another process, which makes
up the answers (benchmarks/day_store.py) and lets each wait as AWS does in the middle: 30 ms of S3's, 5 of DynamoDB's.
The store takes half of a machine of two cores, so on AWS the same machine is faster.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from typing import Annotated, Any, Final

import typer

from benchmarks.errors import BenchmarkError

app = typer.Typer(add_completion=False)
_LOST: Final = 8
_TWICE: Final = 4
_NAMES: Final = {"landing-bucket": "landing", "claim-table": "claims", "archive": "archive", "mailbox": "mailbox"}


@app.command()
def audit(
    files: Annotated[int, typer.Option(min=1000, help="Files of the day, a multiple of 1,000.")] = 864_000,
    per_bundle: Annotated[int, typer.Option(min=1, help="Files of a bundle.")] = 100,
    s3_ms: Annotated[float, typer.Option(help="What each answer of S3 waits.")] = 30.0,
    dynamodb_ms: Annotated[float, typer.Option(help="What each answer of DynamoDB waits.")] = 5.0,
) -> None:
    """Measure one audit; print what it reported at its end, the wall time and the memory."""
    lost_every, twice_every = files // _LOST, files // _TWICE
    store = subprocess.Popen(  # noqa: S603 - our own program
        [
            *(sys.executable, "-m", "benchmarks.day_store", str(files), str(per_bundle)),
            *(str(lost_every), str(twice_every), str(s3_ms / 1000), str(dynamodb_ms / 1000)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = store.stdout.readline().strip() if store.stdout is not None else ""
        began = time.monotonic()
        done = _run(url)
        seconds = time.monotonic() - began
        # The store has not ended yet, so all of it is the command's alone.
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    finally:
        store.kill()
        store.wait()
    events = [json.loads(line) for line in done.stdout.splitlines()]
    if not events or (events[-1]["states"].get("missing"), events[-1]["twice"]) != (_LOST, _TWICE):
        raise BenchmarkError(f"it has not found what is lost and what is twice: {done.stdout[-2000:]} {done.stderr}")
    typer.echo(json.dumps(_figures(events, seconds) | _machine(used), indent=2))


def _run(url: str) -> subprocess.CompletedProcess[str]:
    """Run the command at a store."""
    settings = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    options = [part for name, value in _NAMES.items() for part in (f"--{name}", value)]
    command = [sys.executable, "-m", "baler.cli.main", "audit", "--from", "2026-11-20", "--to", "2026-11-20", "--json"]
    return subprocess.run(  # noqa: S603 - our own program
        [*command, *options], env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )


def _figures(events: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    steps = {event["step"]: event for event in events if event["event"] == "progress"}
    summary = events[-1]
    return {
        "files": summary["files"],
        "bundles": summary["bundles"],
        "seconds": round(seconds, 1),
        "files_per_second": round(summary["files"] / seconds),
        "versions_listed_per_second": round(steps["landing bucket"]["done"] / steps["landing bucket"]["seconds"]),
        "manifests_per_second": round(steps["archive"]["done"] / steps["archive"]["seconds"]),
        "states": summary["states"],
        "twice": summary["twice"],
    }


def _machine(used: resource.struct_rusage) -> dict[str, float]:
    return {
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        # Kilobytes on Linux.
        "most_memory_mb": round(used.ru_maxrss / 1024),
        "load": os.getloadavg()[0],
    }


if __name__ == "__main__":
    app()
