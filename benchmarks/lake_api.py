"""`python -m benchmarks.lake_api`: what a request to the lake's API costs its function, with few records and with many.

The function itself (logs, metrics and signed calls included) runs in this process. DynamoDB is moto in another, behind
a proxy that repeats its answers (benchmarks/replaying_proxy.py). Only this process's processor time counts, of all its
threads. Beside it stands a plain handler as requirement document 4 describes it: boto3, and a Scan for /analytics.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Final

import boto3
import typer
from rich.console import Console
from rich.table import Table

from baler.aws.http.dynamodb import HttpDynamoDb
from baler.lake.declarations import shipped_declarations
from benchmarks import moto_store
from benchmarks.errors import BenchmarkError
from benchmarks.machine import facts
from benchmarks.results import to_json
from benchmarks.spread import Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from mypy_boto3_dynamodb import DynamoDBClient

FEW: Final = 1_000
MANY: Final = 100_000
CPU_MS_AT_MOST: Final = 3.0
"""Of the function's own processor time a request, in the middle: the target."""
_ZONE: Final = "us-east-1"
_STARTS_SECONDS: Final = 600.0
_TRIES: Final = 30


@dataclass(frozen=True)
class Cost:
    """What requests of one kind cost.

    Attributes:
        cpu_ms: processor time of the function's process, one sample for each request.
        calls: of DynamoDB, for each request.
        items: that DynamoDB answered with, for each request.
        body_bytes: of the answer.
    """

    cpu_ms: Spread
    calls: float
    items: float
    body_bytes: int


def measure(requests: int, records: int) -> dict[str, Cost]:
    """Measure every kind of request over tables of so many records, after a tenth as many to warm up."""
    with _store(records) as (endpoint, store), tempfile.TemporaryDirectory(prefix="baler-bench-") as folder:
        os.environ.update(_variables(Path(folder), endpoint))
        client = boto3.client("dynamodb", endpoint_url=store)
        handler = importlib.import_module("runtime.lake.api.handler")
        ours = {
            "GET /records?limit=20": ("/records", "limit=20"),
            "GET /records?limit=100": ("/records", "limit=100"),
            "GET /records?limit=20&source": ("/records", f"limit=20&source={moto_store.SOURCES[0]}"),
            "GET /records/{id}": (f"/records/{moto_store.record_id(0)}", ""),
            "GET /analytics": ("/analytics", ""),
            "GET /analytics?days=90": ("/analytics", "days=90"),
            "GET /openapi.json": ("/openapi.json", ""),
        }
        if records > FEW:  # moto reads its whole table for each query of an index
            ours = {name: asked for name, asked in ours.items() if "analytics" in name or "{id}" in name}
        found = {name: _cost(handler, requests, *asked) for name, asked in ours.items()}
        if records <= FEW:
            found["plain: /analytics by Scan"] = _plain(client, max(3, requests // 100))
        return found


def _cost(handler: Any, requests: int, path: str, query: str) -> Cost:
    _warm(handler, path, query)
    counted: list[int] = []
    # Counted here, without a proxy between, whose time would count too.
    client = HttpDynamoDb
    original: Any = client._call  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    def call(self: object, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = original(self, operation, arguments)
        of_tables: dict[str, list[Any]] = answer.get("Responses", {})
        items = len(answer.get("Items", ())) + sum(map(len, of_tables.values()))
        counted.append(items + int("Item" in answer))
        return answer

    client._call = call  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    try:
        body = _ask(handler, path, query)
    finally:
        client._call = original  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    calls, items = len(counted), sum(counted)
    samples = _samples(lambda: _ask(handler, path, query), requests)
    return Cost(Spread(samples), calls, items, len(body.encode()))


def _samples(work: Callable[[], object], requests: int) -> tuple[float, ...]:
    samples: list[float] = []
    for number in range(requests + requests // 10):
        before = time.process_time()
        work()
        if number >= requests // 10:
            samples.append((time.process_time() - before) * 1000)
    return tuple(samples)


def _ask(handler: Any, path: str, query: str) -> str:
    event = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "api.example", "user-agent": "bench"},
        "requestContext": {"http": {"method": "GET", "path": path}, "stage": "$default", "requestId": "r"},
        "isBase64Encoded": False,
    }
    context = SimpleNamespace(
        function_name="api",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:api",
        aws_request_id="r",
        get_remaining_time_in_millis=lambda: 60_000,
    )
    with redirect_stdout(io.StringIO()):  # the metrics' line
        answer = handler.handle(event, context)
    if answer["statusCode"] != HTTPStatus.OK:
        raise BenchmarkError(f"{path}?{query} was answered with {answer['statusCode']}")
    return json.dumps(answer)


def _warm(handler: Any, path: str, query: str) -> None:
    """Ask until the proxy has all answers of moto, which takes longer than the function waits for any."""
    for number in range(_TRIES):
        try:
            _ask(handler, path, query)
        except BenchmarkError:
            if number == _TRIES - 1:
                raise
        else:
            return


def _plain(client: DynamoDBClient, requests: int) -> Cost:
    """Do what document 4 lists for /analytics, as it is usually written."""
    pages: list[int] = []

    def analytics() -> dict[str, Any]:
        by_source: dict[str, int] = {}
        by_date: dict[str, int] = {}
        pages.clear()
        for page in client.get_paginator("scan").paginate(TableName="records"):
            pages.append(len(page["Items"]))
            items: list[Any] = page["Items"]
            for item in items:
                source, date = item["source"]["S"], item["captured_at"]["S"][:10]
                by_source[source] = by_source.get(source, 0) + 1
                by_date[date] = by_date.get(date, 0) + 1
        return {"total": sum(by_source.values()), "by_source": by_source, "by_date": by_date}

    samples = _samples(analytics, requests)
    return Cost(Spread(samples), len(pages), sum(pages), len(json.dumps(analytics())))


@contextmanager
def _store(records: int) -> Generator[tuple[str, str]]:
    """Start moto and the proxy before it; yield the addresses of the proxy and of moto."""
    ours = [sys.executable, "-m"]
    with (
        _serving(lambda port: [*ours, "benchmarks.moto_store", str(port), str(records)]) as store,
        _serving(lambda port: [*ours, "benchmarks.replaying_proxy", str(port), store]) as endpoint,
    ):
        yield endpoint, store


@contextmanager
def _serving(command: Callable[[int], list[str]]) -> Generator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    server = subprocess.Popen(  # noqa: S603 - our own words
        command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + _STARTS_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise BenchmarkError(f"a server did not listen within {_STARTS_SECONDS:.0f} s")


def _variables(folder: Path, endpoint: str) -> dict[str, str]:
    (folder / "sources.toml").write_text(shipped_declarations(), encoding="utf-8")
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": _ZONE,
        "AWS_ENDPOINT_URL": endpoint,
        "STACK": "bench",
        "RECORDS_TABLE": "records",
        "COUNTERS_TABLE": "counters",
        "SOURCES_TABLE": "sources",
        "SOURCES_FILE": str(folder / "sources.toml"),
        "RETENTION_DAYS": "0",
        "POWERTOOLS_SERVICE_NAME": "api",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def bench(
    requests: Annotated[int, typer.Option(min=10, help="How often each is asked.")] = 300,
    records: Annotated[int, typer.Option(min=100, help="Records in the tables.")] = FEW,
    out: Annotated[Path, typer.Option(help="Folder that gets lake-api-<records>.json.")] = Path("out"),
) -> None:
    """Measure requests to the lake's API over tables of so many records."""
    costs = measure(requests, records)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"lake-api-{records}.json"
    document = {"machine": facts(Path(sys.executable)), "records": records, "costs": to_json(costs)}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    table = Table(
        "request", "CPU ms, middle", "lowest to highest", "calls", "items", "KB", title=f"{records:,} records"
    )
    for name, cost in costs.items():
        spread = cost.cpu_ms
        table.add_row(
            name,
            f"{spread.median:.2f}",
            f"{spread.low:.2f} to {spread.high:.2f}",
            f"{cost.calls:g}",
            f"{cost.items:,g}",
            f"{cost.body_bytes / 1000:.1f}",
        )
    Console(highlight=False).print(table)


if __name__ == "__main__":
    app()
