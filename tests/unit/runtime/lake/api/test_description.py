"""The API's description, and the API held to it over real HTTP."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from harness.api_explorer import explore
from harness.lake_api import LakeApi, deployed_api, record, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = "2026-03-08T10:00:00Z"


@pytest.fixture(scope="module")
def api(shared_aws: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LakeApi]:
    _ = shared_aws
    with deployed_api(tmp_path_factory.mktemp("api")) as deployed:
        deployed.put(*(record(number, AT, score={"N": "1.5"}, title={"S": "red"}) for number in range(30)))
        deployed.count("posts", "total#00", 30)
        deployed.count("posts", "day#2026-03-08#00", 30)
        yield deployed


def test_every_answer_is_as_described_whatever_is_asked(api: LakeApi, tmp_path: Path) -> None:
    with serving(api.handle) as address:
        said = explore(address, tmp_path, examples=40, seconds=240)
    assert "No issues found" in said


def test_it_is_made_of_what_is_declared(api: LakeApi) -> None:
    described = api.get("/openapi.json").document
    assert described["openapi"] == "3.1.0"
    assert list(described["paths"]) == ["/records", "/records/{id}", "/analytics", "/openapi.json"]
    parameters = {each["name"]: each["schema"] for each in described["paths"]["/records"]["get"]["parameters"]}
    assert parameters["source"]["enum"] == ["posts", "users"]
    assert parameters["limit"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    fields = described["components"]["schemas"]["Record-posts"]["properties"]
    assert [fields[name]["type"] for name in ("title", "score", "open")] == ["string", "number", "boolean"]


def test_over_http_answers_are_as_they_are_said(api: LakeApi) -> None:
    with serving(api.handle) as address:
        host = urlsplit(address).netloc
        connection = http.client.HTTPConnection(host)
        connection.request("GET", "/records?limit=2")
        said = connection.getresponse()
        assert (said.status, json.load(said)["count"]) == (200, 2)
        tag = said.headers["etag"]
        connection.request("GET", "/records?limit=2", headers={"If-None-Match": tag})
        said = connection.getresponse()
        assert (said.status, said.read()) == (304, b"")
        connection.request("HEAD", "/records")
        said = connection.getresponse()
        assert (said.status, said.read()) == (200, b"")
        connection.request("DELETE", "/records/posts-1")
        said = connection.getresponse()
        assert (said.status, json.load(said)["code"], said.headers["allow"]) == (
            405,
            "method-not-allowed",
            "GET, HEAD, OPTIONS",
        )
        connection.close()
