"""The lake's API in this process: its tables, its function, and a server that calls it as an HTTP API does."""

from __future__ import annotations

import importlib
import json
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest

from baler.lake.declarations import read_declarations

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient

MODULE: Final = "runtime.lake.api.handler"
DECLARATIONS: Final = """
[[source]]
name = "posts"
type = "posts"
url = "https://posts.example/"
id = "id"
[source.fields]
title = "title"
score = { kind = "number" }
open = { kind = "boolean" }

[[source]]
name = "users"
type = "users"
url = "https://users.example/"
id = "id"
[source.fields]
first_name = "first_name"
"""
HEADERS: Final = {"host": "api.example", "user-agent": "test"}


def event(
    method: str, path: str, query: str = "", headers: Mapping[str, str] | None = None, stage: str = "$default"
) -> dict[str, Any]:
    """Return what an HTTP API hands to the function, payload format 2.0.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": HEADERS | dict(headers or {}),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.example",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t"},
            "requestId": "id",
            "routeKey": "$default",
            "stage": stage,
            "time": "08/Mar/2026:10:00:00 +0000",
            "timeEpoch": 1_772_964_000_000,
        },
        "isBase64Encoded": False,
    }


@dataclass(frozen=True)
class Said:
    """An answer of the API.

    Attributes:
        body: as it was sent.
    """

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def document(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass(frozen=True)
class LakeApi:
    """The function, deployed.

    Attributes:
        handle: the handler.
        client: of the tables `records`, `counters` and `sources`.
    """

    handle: Callable[..., dict[str, Any]]
    client: DynamoDBClient

    def get(self, path: str, query: str = "", *, method: str = "GET", **headers: str) -> Said:
        """Ask; an underscore in a header's name stands for a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        found = self.handle(event(method, path, query, named), context())
        return Said(int(found["statusCode"]), found["headers"], found["body"])

    def put(self, *items: dict[str, Any]) -> None:
        """Write records as curation does."""
        for item in items:
            self.client.put_item(TableName="records", Item=item)

    def count(self, source: str, sort_key: str, n: int) -> None:
        """Write an item of a counter."""
        values = {"pk": {"S": source}, "sk": {"S": sort_key}, "n": {"N": str(n)}, "changes": {"N": "1"}}
        self.client.put_item(TableName="counters", Item=values)


def refused(said: Said, status: int, code: str) -> str:
    """Check that an answer is a refusal of the one shape, and return its message."""
    document = said.document
    assert (said.status, document["code"], sorted(document)) == (status, code, ["code", "message"])
    assert said.headers["content-type"] == "application/json"
    assert said.headers["cache-control"] == "no-store"
    return document["message"]


def context(milliseconds: int = 10_000) -> SimpleNamespace:
    """Return the context of an invocation that has so long."""
    return SimpleNamespace(
        function_name="api",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:api",
        aws_request_id="r",
        get_remaining_time_in_millis=lambda: milliseconds,
    )


def record(number: int, captured_at: str, source: str = "posts", **more: dict[str, Any]) -> dict[str, Any]:
    """Return a record's item."""
    return {
        "id": {"S": f"{source}-{number}"},
        "source": {"S": source},
        "type": {"S": source},
        "captured_at": {"S": captured_at},
        "changed_at": {"S": captured_at},
        "generation": {"N": "1001"},
        "fingerprint": {"S": "f" * 64},
        "raw_s3_key": {"S": f"raw/source={source}/date={captured_at[:10]}/x.json"},
        "seen": {"S": f"{captured_at}#00000000000000001001"},
        "processed_at": {"S": captured_at},
        "document": {"S": '{"title":"red"}'},
        **more,
    }


def create_tables(client: DynamoDBClient) -> None:
    """Make the three tables as the program declares them."""
    for name, keys in (("counters", ("pk", "sk")), ("sources", ("source",))):
        client.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )
    client.create_table(
        TableName="records",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("id", "source", "captured_at")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "SourceIndex",
                "KeySchema": [
                    {"AttributeName": "source", "KeyType": "HASH"},
                    {"AttributeName": "captured_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )


@contextmanager
def deployed_api(folder: Path, declarations: str = DECLARATIONS, retention_days: int = 0) -> Generator[LakeApi]:
    """Make tables where AWS_ENDPOINT_URL leads, and load the handler with its variables.

    Args:
        folder: gets the file of sources.
        declarations: that file.
        retention_days: how long records are kept; 0 for ever.
    """
    client = boto3.client("dynamodb")
    create_tables(client)
    read_declarations(declarations)
    (folder / "sources.toml").write_text(declarations, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "STACK": "dev",
            "RECORDS_TABLE": "records",
            "COUNTERS_TABLE": "counters",
            "SOURCES_TABLE": "sources",
            "SOURCES_FILE": str(folder / "sources.toml"),
            "RETENTION_DAYS": str(retention_days),
            "POWERTOOLS_SERVICE_NAME": "api",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }.items():
            patch.setenv(name, value)
        sys.modules.pop(MODULE, None)
        module = importlib.import_module(MODULE)
        try:
            yield LakeApi(module.handle, client)
        finally:
            module._pool.shutdown()
            module._dynamodb.close()
            sys.modules.pop(MODULE, None)


@contextmanager
def serving(handle: Callable[..., dict[str, Any]]) -> Generator[str]:
    """Serve a handler over HTTP on loopback, as an HTTP API would; yield the address."""

    class Gateway(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together: Nagle would hold the second for 40 ms

        def _serve(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            self.rfile.read(length)
            path, _, query = self.path.partition("?")
            headers: dict[str, str] = {}
            for name, value in self.headers.items():
                headers[name.lower()] = f"{headers[name.lower()]},{value}" if name.lower() in headers else value
            said = handle(event(self.command, path, query, headers), context())
            body = said["body"].encode()
            self.send_response(int(said["statusCode"]))
            for name, value in said["headers"].items():
                self.send_header(name, value)
            if int(said["statusCode"]) not in {204, 304}:
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_QUERY = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
