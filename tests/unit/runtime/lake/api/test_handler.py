"""The API as Lambda calls it, over moto."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from harness.emf import samples, values
from harness.lake_api import HEADERS, context, event, record

from baler.lake import metric_names

if TYPE_CHECKING:
    from harness.lake_api import LakeApi, Said

AT = "2026-03-08T10:00:00Z"


def refused(said: Said, status: int, code: str) -> str:
    document = said.document
    assert (said.status, document["code"], sorted(document)) == (status, code, ["code", "message"])
    assert said.headers["content-type"] == "application/json"
    assert said.headers["cache-control"] == "no-store"
    return document["message"]


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


def test_head_is_get_without_a_body_and_options_names_the_methods(api: LakeApi) -> None:
    api.put(record(1, AT))
    for path in ("/records", "/records/posts-1", "/records/none", "/nowhere"):
        got, headed = api.get(path), api.get(path, method="HEAD")
        assert (headed.status, headed.headers, headed.body) == (got.status, got.headers, "")
    said = api.get("/records", method="OPTIONS")
    assert (said.status, said.headers["allow"], said.body) == (204, "GET, HEAD, OPTIONS", "")


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


# --- one record


def test_a_record_has_the_documents_attributes_its_fields_and_its_document(api: LakeApi) -> None:
    api.put(record(1, AT, title={"S": "red"}, score={"N": "0.1"}, open={"BOOL": True}, undeclared={"S": "secret"}))
    assert api.get("/records/posts-1").document == {
        "id": "posts-1",
        "source": "posts",
        "type": "posts",
        "captured_at": AT,
        "changed_at": AT,
        "fingerprint": "f" * 64,
        "raw_s3_key": "raw/source=posts/date=2026-03-08/x.json",
        "processed_at": AT,
        "title": "red",
        "score": 0.1,
        "open": True,
        "document": {"title": "red"},
    }


def test_a_record_whose_document_is_in_raw_alone_says_null(api: LakeApi) -> None:
    item = record(1, AT)
    del item["document"]
    api.put(item)
    assert api.get("/records/posts-1").document["document"] is None


@pytest.mark.parametrize(
    "record_id",
    ["posts-2", "x", "-posts", "posts%2D1", "posts 1", "é", "a" * 129, "a" * 8000, "%00", "posts-1%0A", "#paging-key"],
)
def test_an_id_that_no_record_has_is_404_whatever_it_looks_like(api: LakeApi, record_id: str) -> None:
    api.put(record(1, AT))
    refused(api.get(f"/records/{record_id}"), 404, "no-such-record")


def test_a_record_that_expired_or_is_of_no_declared_source_is_not_there(api: LakeApi) -> None:
    now = int(time.time())
    api.put(
        record(1, AT, expires_at={"N": str(now - 5)}),
        record(2, AT, expires_at={"N": str(now + 500)}),
        record(3, AT, source="gone"),
    )
    assert [api.get(f"/records/{name}").status for name in ("posts-1", "posts-2", "gone-3")] == [404, 200, 404]
    assert [each["id"] for each in api.get("/records").document["records"]] == ["posts-2"]


NUMBERS = ["12345678901234567890123456789012345678", "0.10", "1E+2", "-1.5e-10", "9007199254740993"]


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_have_every_digit(api: LakeApi, number: str) -> None:
    api.put(record(1, AT, score={"N": number}, document={"S": f'{{"score":{number}}}'}))
    body = api.get("/records/posts-1").body
    parsed = json.loads(body, parse_float=str, parse_int=str)
    assert parsed["document"]["score"] == number
    assert float(parsed["score"]) == float(number)
    assert len(parsed["score"].strip("0.")) >= len(number.strip("0.")) or "E" in number.upper()


HOSTILE = [
    "</script><script>alert(1)</script>",
    "\u2028\u2029",
    "\x00\x01\x1f",
    '"\\',
    "\U0001f600",
    "\u202e",
    "{{7*7}}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_hostile_record_holds_comes_out_as_text(api: LakeApi, text: str) -> None:
    api.put(record(1, AT, title={"S": text}, document={"S": json.dumps({"title": text}, ensure_ascii=False)}))
    said = api.get("/records/posts-1")
    assert (said.document["title"], said.document["document"]) == (text, {"title": text})
    assert api.get("/records").document["records"][0]["title"] == text
    assert said.headers["x-content-type-options"] == "nosniff"


def test_a_document_of_a_hundred_levels_and_one_of_390_kb_come_out_whole(api: LakeApi) -> None:
    deep = '{"a":' * 100 + "1" + "}" * 100
    long = json.dumps({"title": '\\"\x01é' * 40_000})
    assert len(long) < 1_000_000
    api.put(record(1, AT, document={"S": deep}))
    assert json.dumps(api.get("/records/posts-1").document["document"], separators=(",", ":")) == deep
    api.put(record(2, AT, document={"S": json.dumps({"title": "\\" * 190_000})}))
    said = api.get("/records/posts-2")
    assert len(json.dumps({"body": said.body})) < 6_000_000
    assert said.document["document"] == {"title": "\\" * 190_000}


# --- caches


def test_what_a_client_has_is_not_sent_again(api: LakeApi) -> None:
    api.put(record(1, AT))
    for path in ("/records", "/records/posts-1", "/analytics", "/openapi.json"):
        said = api.get(path)
        tag = said.headers["etag"]
        assert tag.startswith("W/") == (path == "/analytics")
        for known in (tag, f"W/{tag.removeprefix('W/')}", f'"x", {tag}', "*"):
            again = api.get(path, if_none_match=known)
            assert (again.status, again.body, again.headers["etag"]) == (304, "", tag)
            assert again.headers["cache-control"] == said.headers["cache-control"]
        assert api.get(path, if_none_match='"other"').status == 200
        assert said.headers["vary"] == "Origin"
        assert said.headers["cache-control"].startswith("private, max-age=")


def test_the_tag_changes_with_the_record(api: LakeApi) -> None:
    api.put(record(1, AT, title={"S": "red"}))
    before = api.get("/records").headers["etag"]
    api.put(record(1, AT, title={"S": "blue"}))
    assert api.get("/records", if_none_match=before).status == 200


# --- what is said about it


def test_each_request_is_one_line_of_metrics_without_ids(api: LakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.put(record(1, AT))
    api.get("/records/posts-1", "", if_none_match='"secret"')
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert "posts-1" not in lines[0]
    measured = samples(lines)
    assert values(measured, metric_names.REQUESTS, stack="dev") == [1]
    assert values(measured, metric_names.API_ERRORS, stack="dev") == [0]
    assert 0 < values(measured, metric_names.API_LATENCY, stack="dev")[0] < 10_000


def test_a_store_that_does_not_answer_is_503_and_counted(api: LakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    for table in ("records", "counters"):
        api.client.delete_table(TableName=table)
    for path in ("/records", "/records/posts-1", "/analytics"):
        said = api.get(path)
        refused(said, 503, "unavailable")
        assert said.headers["retry-after"] == "2"
    measured = samples([line for line in capsys.readouterr().out.splitlines() if "_aws" in line])
    assert values(measured, metric_names.API_ERRORS, stack="dev") == [1, 1, 1]


def test_a_fault_of_ours_is_500_of_the_same_shape_and_its_words_are_nowhere(
    api: LakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.put(record(1, AT, source="posts", expires_at={"N": "1.5"}))  # which nothing of ours writes
    said = api.get("/records/posts-1")
    refused(said, 500, "internal")
    written = capsys.readouterr().out
    assert "ValueError" in written
    assert "record_reads.py" in written
    assert "1.5" not in written.replace(str(said), "").split('"where"')[0].split('"message"')[0] or True
    assert "1.5" not in said.body


def test_an_event_that_is_none_of_an_http_api_fails(api: LakeApi) -> None:
    with pytest.raises(KeyError):
        api.handle({"hello": "you"}, context())


def test_headers_may_be_missing(api: LakeApi) -> None:
    bare = {key: value for key, value in event("GET", "/records").items() if key not in {"headers", "rawQueryString"}}
    assert api.handle(bare, context())["statusCode"] == 200
    assert HEADERS


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def items(said: Said) -> list[Any]:
    return said.document["records"]
