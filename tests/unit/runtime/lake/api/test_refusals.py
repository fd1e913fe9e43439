"""What the API refuses, and in which words: with empty tables, which all these tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from harness.lake_api import LakeApi, context, deployed_api, event, refused

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def api(shared_aws: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LakeApi]:
    _ = shared_aws
    with deployed_api(tmp_path_factory.mktemp("api")) as deployed:
        yield deployed


# --- methods and paths


@pytest.mark.parametrize("path", ["/", "/record", "/records/", "/records/a/b", "/Records", "/analytics/", "//records"])
def test_a_path_that_is_none_is_404_and_names_those_that_are(api: LakeApi, path: str) -> None:
    assert "/records/{id}" in refused(api.get(path), 404, "no-such-path")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"])
@pytest.mark.parametrize("path", ["/records", "/records/posts-1", "/analytics", "/openapi.json"])
def test_a_method_that_writes_is_405_with_allow(api: LakeApi, method: str, path: str) -> None:
    said = api.get(path, method=method)
    refused(said, 405, "method-not-allowed")
    assert said.headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_stage_of_another_name_is_no_part_of_the_path(api: LakeApi) -> None:
    said = api.handle(event("GET", "/v1/records", stage="v1"), context())
    assert said["statusCode"] == 200


# --- parameters


@pytest.mark.parametrize(
    "limit",
    ["0", "101", "-1", "+1", "1.0", "1e1", "", " 1", "007", "ten", "%D9%A1", "\uff11", "1,2", "9" * 8000, "%00"],
)
def test_a_limit_that_is_no_number_of_1_to_100_is_refused_and_told_what_it_may_be(api: LakeApi, limit: str) -> None:
    message = refused(api.get("/records", f"limit={limit}"), 400, "parameter-invalid")
    assert message == "limit must be a whole number from 1 to 100; left out, it is 20"


@pytest.mark.parametrize("days", ["0", "91", "seven"])
def test_days_are_1_to_90(api: LakeApi, days: str) -> None:
    assert "from 1 to 90" in refused(api.get("/analytics", f"days={days}"), 400, "parameter-invalid")


@pytest.mark.parametrize("source", ["", "Posts", "nothing", "posts%00", "posts,users", "%FF", "../posts", "p" * 8000])
def test_a_source_that_is_not_declared_is_refused_with_those_that_are(api: LakeApi, source: str) -> None:
    message = refused(api.get("/records", f"source={source}"), 400, "parameter-invalid")
    assert message == "source must be one of posts, users; leave it out for all sources"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/records", "lastkey=x"),
        ("/records", "days=7"),
        ("/records", "&%00=1"),
        ("/analytics", "limit=1"),
        ("/openapi.json", "a"),
    ],
)
def test_a_parameter_that_is_unknown_is_refused(api: LakeApi, path: str, query: str) -> None:
    refused(api.get(path, query), 400, "parameter-unknown")


def test_a_parameter_that_is_there_twice_is_refused(api: LakeApi) -> None:
    assert refused(api.get("/records", "limit=1&limit=1"), 400, "parameter-repeated").startswith("limit is there")


def test_nothing_of_a_request_is_in_a_refusal(api: LakeApi) -> None:
    said = [
        api.get("/records", f"{name}={quote('<script>alert(1)</script>')}")
        for name in ("limit", "source", "lastKey", "<script>")
    ]
    said += [api.get("/<script>"), api.get("/records/<script>")]
    assert not [each for each in said if "script" in each.body or each.status < 400]


# --- lastKey


@pytest.mark.parametrize("wrong", ["", "x", "e30", "%C3%A9", "A" * 512, "A" * 8192, "..", "%FF", "null", "%20"])
def test_what_was_never_a_last_key_is_refused(api: LakeApi, wrong: str) -> None:
    assert "begin again without lastKey" in refused(api.get("/records", f"lastKey={wrong}"), 400, "last-key-invalid")


# --- ids


@pytest.mark.parametrize(
    "record_id",
    ["posts-2", "x", "-posts", "posts%2D1", "posts 1", "é", "a" * 129, "a" * 8000, "%00", "posts-1%0A", "#paging-key"],
)
def test_an_id_that_no_record_has_is_404_whatever_it_looks_like(api: LakeApi, record_id: str) -> None:
    refused(api.get(f"/records/{record_id}"), 404, "no-such-record")
