"""The API as Lambda calls it, over moto."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from harness.emf import samples, values
from harness.lake_api import context, event, record, refused

from baler.lake import metric_names

if TYPE_CHECKING:
    from harness.lake_api import LakeApi

AT = "2026-03-08T10:00:00Z"


def test_head_is_get_without_a_body_and_options_names_the_methods(api: LakeApi) -> None:
    api.put(record(1, AT))
    for path in ("/records", "/records/posts-1", "/records/none", "/nowhere"):
        got, headed = api.get(path), api.get(path, method="HEAD")
        assert (headed.status, headed.headers, headed.body) == (got.status, got.headers, "")
    said = api.get("/records", method="OPTIONS")
    assert (said.status, said.headers["allow"], said.body) == (204, "GET, HEAD, OPTIONS", "")


# --- one record


@pytest.mark.requirement("LAKE-FUTURE-03")
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
    api: LakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    api.put(record(1, AT, source="posts", expires_at={"N": "1.5"}))  # which nothing of ours writes
    said = api.get("/records/posts-1")
    refused(said, 500, "internal")
    (told,) = [vars(each) for each in caplog.records if each.levelname == "ERROR"]
    assert told["error"] == "ValueError"
    assert "record_reads.py" in told["where"]
    assert "1.5" not in f"{told['msg']} {told['where']} {said.body}"


def test_an_event_that_is_none_of_an_http_api_fails(api: LakeApi) -> None:
    with pytest.raises(KeyError):
        api.handle({"hello": "you"}, context())


def test_headers_may_be_missing(api: LakeApi) -> None:
    bare = {key: value for key, value in event("GET", "/records").items() if key not in {"headers", "rawQueryString"}}
    assert api.handle(bare, context())["statusCode"] == 200
