"""baler_http_api: what API Gateway's developer guide says of HTTP APIs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from baler_http_api import cors
from baler_http_api.access_log import Timing, line
from baler_http_api.event import Accepted, payload
from baler_http_api.message import Answer, Request, message
from baler_http_api.result import MOST_BYTES, answer_of
from baler_http_api.routes import choose
from baler_http_api.throttle import Limit, Throttle, limit_of

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Route:
    route_key: str


def accepted(request: Request, **fields: Any) -> Accepted:
    known: dict[str, Any] = {
        "account": "000000000000",
        "region": "eu-west-2",
        "api": "abc",
        "stage": "$default",
        "route_key": "GET /records",
        "parameters": {},
        "request_id": "r1",
        "at": 1_772_000_000.5,
    }
    return Accepted(request=request, **(known | fields))


def chosen(keys: Sequence[str], method: str, path: str) -> tuple[str, dict[str, str]] | None:
    # Whatever the order in which they were made.
    found = [choose(map(Route, order), method, path) for order in (keys, [*reversed(keys)])]
    assert found[0] == found[1]
    return (found[0][0].route_key, found[0][1]) if found[0] else None


def test_the_most_specific_route_is_taken() -> None:
    # The example of the guide, and what it leaves open, segment by segment.
    keys = ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"]
    assert chosen(keys, "GET", "/pets/dog/1") == ("GET /pets/dog/1", {})
    assert chosen(keys, "GET", "/pets/dog/2") == ("GET /pets/dog/{id}", {"id": "2"})
    assert chosen(keys, "GET", "/pets/cat/1") == ("GET /pets/{proxy+}", {"proxy": "cat/1"})
    assert chosen(keys, "POST", "/test/5") == ("ANY /{proxy+}", {"proxy": "test/5"})
    assert chosen(keys, "GET", "/") == ("$default", {})
    assert chosen(["GET /a", "ANY /a"], "GET", "/a") == ("GET /a", {})
    assert chosen(["GET /{proxy+}", "ANY /a/{id}"], "GET", "/a/1") == ("ANY /a/{id}", {"id": "1"})
    assert chosen(["GET /a/{id}"], "GET", "/a/") is None
    assert chosen(["GET /a"], "HEAD", "/a") is None


def test_a_path_is_decoded_and_a_query_is_not() -> None:
    request = Request("GET", "/a%2Fb%20c%3Fd?x=%20y")
    assert (request.path, request.query) == ("/a/b c", "x=%20y")
    assert Request("GET", "").path == "/"


def test_an_event_leaves_out_what_is_not_there() -> None:
    event = payload(accepted(Request("GET", "/records")))
    assert {"cookies", "queryStringParameters", "pathParameters", "body", "stageVariables"}.isdisjoint(event)
    assert "authorizer" not in event["requestContext"]
    assert event["requestContext"]["time"] == "25/Feb/2026:06:13:20 +0000"
    assert event["requestContext"]["timeEpoch"] == 1_772_000_000_500


def test_repeated_headers_and_parameters_are_joined_by_commas() -> None:
    request = Request("GET", "/r?a=1&b=2&a=3", [("X-A", "1"), ("x-a", "2"), ("Cookie", "c=1"), ("cookie", "d=2")])
    event = payload(accepted(request))
    assert event["headers"]["x-a"] == "1,2"
    assert event["queryStringParameters"] == {"a": "1,3", "b": "2"}


def test_a_proxys_addresses_are_kept_before_the_clients() -> None:
    request = Request("GET", "/", [("X-Forwarded-For", "203.0.113.1")], source_ip="127.0.0.2")
    event = payload(accepted(request))
    assert event["headers"]["x-forwarded-for"] == "203.0.113.1, 127.0.0.2"
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.2"


@pytest.mark.parametrize(
    ("result", "status", "kind", "body"),
    [
        ({"a": 1}, 200, "application/json", b'{"a":1}'),
        ("text", 200, "application/json", b"text"),
        (None, 200, "application/json", b"null"),
        ({"statusCode": 404}, 404, "text/plain;charset=UTF-8", b""),
        ({"statusCode": "200", "headers": {"Content-Type": "text/html"}, "body": "x"}, 200, "text/html", b"x"),
    ],
)
def test_a_result_is_read_as_format_2_infers_it(result: Any, status: int, kind: str, body: bytes) -> None:
    answer = answer_of(json.dumps(result).encode())
    assert (answer.status, dict(answer.headers)["content-type"], answer.body) == (status, kind, body)


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": 0},
        {"statusCode": None},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "headers": {"a": {}}},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "body": "%", "isBase64Encoded": True},
        "x" * MOST_BYTES,
    ],
)
def test_a_result_that_is_none_is_an_error_of_the_server(result: Any) -> None:
    answer = answer_of(json.dumps(result).encode())
    assert (answer.status, answer.body) == (500, b'{"message":"Internal Server Error"}')
    assert answer.error


def test_an_origin_is_allowed_by_name_by_scheme_or_as_any() -> None:
    def allowed(origins: list[str], origin: str) -> str | None:
        answer = cors.with_headers({"allowOrigins": origins}, Request("GET", "/", [("Origin", origin)]), Answer(200))
        return dict(answer.headers).get("access-control-allow-origin")

    assert allowed(["*"], "https://a.test") == "*"
    assert allowed(["https://*"], "https://a.test") == "https://a.test"
    assert allowed(["https://*"], "http://a.test") is None
    assert allowed(["https://a.test"], "https://a.test") == "https://a.test"
    assert allowed(["https://a.test"], "https://a.test.evil") is None


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    now = [0.0]
    throttle, limit = Throttle(lambda: now[0]), Limit(rate=2, burst=3)
    first = [throttle.admits(("a",), limit) for _ in range(4)]
    now[0] = 0.5
    second = [throttle.admits(("a",), limit) for _ in range(2)]
    assert (first, second) == ([True, True, True, False], [True, False])
    assert throttle.admits(("b",), limit)
    assert throttle.admits(("a",), None)


def test_a_routes_limit_wins_over_the_stages() -> None:
    default = {"throttlingRateLimit": 100, "throttlingBurstLimit": 200}
    assert limit_of("GET /a", default, {"GET /a": {"throttlingBurstLimit": 1}}) == Limit(100.0, 1)
    assert limit_of("GET /b", default, {"GET /a": {"throttlingBurstLimit": 1}}) == Limit(100.0, 200)
    assert limit_of("GET /b", {"detailedMetricsEnabled": False}, {}) is None


def test_a_line_of_the_log_is_json_whatever_a_client_sends() -> None:
    request = Request("GET", "/records", [("User-Agent", 'a"b\\c')])
    template = json.dumps({"agent": "$context.identity.userAgent", "no": "$context.nothing", "s": "$context.status"})
    found = json.loads(line(template, accepted(request), message(404, "Not Found", "no route"), Timing(3)))
    assert found == {"agent": 'a"b\\c', "no": "-", "s": "404"}
