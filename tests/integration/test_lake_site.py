"""The lake's site and API, deployed: one host has both, and tokens are asked for wherever there are records."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final
from unittest import mock
from urllib.parse import urlsplit

import pytest
from harness.pipeline import wait_until
from harness.site_build import FILES, made_up_build

from components.lake.site import build
from sandbox.engine.endpoint import Endpoint
from sandbox.site.running_site import running_site
from sandbox.stack import deploy_local_stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.localstack.server import LocalStack

OTHER_PAGE: Final = "https://other.example"
# No source is asked while these tests run.
SELDOM: Final = {"baler:lakeScheduleMinutes": 1440}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Lake:
    outputs: Mapping[str, Any]
    aws: Endpoint
    url: str

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Send a path as it is; an underscore in a header's name stands for a hyphen."""
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=300)
        try:
            connection.putrequest(method, where.path.rstrip("/") + path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def site(localstack: LocalStack) -> Iterator[Lake]:
    """The lake with a dashboard that is no real one, as its site shows both."""
    name = f"test-{token_hex(3)}"
    with mock.patch.object(build, "read_build", return_value=made_up_build()):
        stack = deploy_local_stack(localstack.endpoint, pipelines=["lake"], name=name, overrides=SELDOM)
    aws, outputs = Endpoint(localstack.endpoint, stack.region), stack.outputs
    with running_site(
        aws, bucket=outputs["lakeSiteBucket"], api_url=outputs["lakeApiUrl"], headers=made_up_build().headers
    ) as url:
        yield Lake(outputs, aws, url)


@pytest.fixture(scope="module")
def closed(localstack: LocalStack) -> Lake:
    """The lake's API alone, which asks for tokens."""
    settings = {
        **SELDOM,
        "baler:lakeDashboard": False,
        "baler:lakeApiJwtIssuer": "https://issuer.example",
        "baler:lakeApiJwtAudiences": ["lake"],
    }
    stack = deploy_local_stack(localstack.endpoint, pipelines=["lake"], name=f"test-{token_hex(3)}", overrides=settings)
    return Lake(stack.outputs, Endpoint(localstack.endpoint, stack.region), stack.outputs["lakeApiUrl"])


def test_every_file_of_the_build_is_served(site: Lake) -> None:
    for path, text in FILES.items():
        found = site.ask(f"/{path}")
        assert (found.status, found.body.decode()) == (200, text), path
    assert site.ask("/config.json").json() == {"apiUrl": "/api"}
    # Next to the record's page, there is one for every id.
    assert site.ask("/records/jsonplaceholder-7/").body.decode() == FILES["records/_/index.html"]
    assert site.ask("/records/jsonplaceholder-7/index.css").status == 404


@pytest.mark.requirement("LAKE-API-04")
def test_the_api_is_below_the_same_host_and_open_to_other_pages(site: Lake) -> None:
    found = site.ask("/api/records?limit=2", Origin=OTHER_PAGE)
    assert found.status == 200
    assert found.json() == {"records": [], "count": 0, "lastKey": None}
    assert found.headers["access-control-allow-origin"] == "*"
    preflight = site.ask(
        "/api/records",
        "OPTIONS",
        Origin=OTHER_PAGE,
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="if-none-match",
    )
    assert preflight.status == 204
    assert "if-none-match" in preflight.headers["access-control-allow-headers"]


def test_what_the_api_has_not_is_its_own_answer_and_no_page(site: Lake) -> None:
    for path in ("/api/records/nobody", "/api/nowhere", "/api/records/a%2Fb", "/api//records", "/api/"):
        found = site.ask(path)
        assert (found.status, set(found.json())) == (404, {"message", "code"}), path


def test_what_is_not_asked_for_again_is_not_sent_again(site: Lake) -> None:
    tag = site.ask("/api/openapi.json").headers["etag"]
    # A compressed answer's tag is weak on its way back.
    for known in (tag, f"W/{tag}"):
        assert site.ask("/api/openapi.json", If_None_Match=known).status == 304


@pytest.mark.requirement("LAKE-API-04")
def test_a_request_is_logged_as_json_without_what_was_asked(site: Lake) -> None:
    assert site.ask("/api/records/secret-id?secret=1", Authorization="Bearer secret").status == 400

    def lines() -> list[dict[str, str]]:
        found = site.aws.logs.filter_log_events(logGroupName=site.outputs["lakeAccessLogGroup"])["events"]
        return [json.loads(event.get("message", "")) for event in found]

    asked = ("GET /records/{id}", "400")
    found = wait_until(
        "a line for the request", lines, lambda seen: asked in [(line["routeKey"], line["status"]) for line in seen]
    )
    assert "secret" not in json.dumps(found)


@pytest.mark.requirement("LAKE-FUTURE-06")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/records"),
        ("HEAD", "/records"),
        ("GET", "/records/"),
        ("GET", "//records"),
        ("GET", "/records/jsonplaceholder-1"),
        ("GET", "/analytics"),
        ("POST", "/records"),
        ("GET", "/nowhere"),
        ("HEAD", "/openapi.json"),
    ],
)
def test_without_a_token_nobody_gets_to_the_function(closed: Lake, method: str, path: str) -> None:
    assert closed.ask(path, method).status == 401
    assert closed.ask(path, method, Authorization="Bearer of.no.worth").status == 401


@pytest.mark.requirement("LAKE-FUTURE-06")
def test_how_to_ask_is_told_without_a_token(closed: Lake) -> None:
    assert closed.ask("/openapi.json").json()["openapi"].startswith("3.1")
    preflight = closed.ask("/records", "OPTIONS", Origin=OTHER_PAGE, Access_Control_Request_Method="GET")
    assert preflight.status == 204
    assert "authorization" in preflight.headers["access-control-allow-headers"]
