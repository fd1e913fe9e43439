"""baler_wire: how S3's answers are framed, and who may write at the same time."""

from __future__ import annotations

from baler_wire.framing import framed, identified, is_s3
from baler_wire.identifiers import Identifiers
from baler_wire.requests import RequestHead
from baler_wire.writes import WritesInProgress

GET = RequestHead("GET", "/bucket/a", "s3", "GetObject")
HEAD = RequestHead("HEAD", "/bucket/a", "s3", "HeadObject")
LIST = RequestHead("GET", "/bucket?list-type=2", "s3", "ListObjectsV2")
NUMBERS = Identifiers("R", "H")
XML = [("Content-Type", "application/xml"), ("Content-Length", "9"), ("x-amz-request-id", "u"), ("x-amz-id-2", "v")]


def test_an_error_has_numbers_of_its_own_and_no_length() -> None:
    assert framed(404, XML, GET, NUMBERS) == [
        ("Content-Type", "application/xml"),
        ("x-amz-request-id", "R"),
        ("x-amz-id-2", "H"),
    ]


def test_an_error_without_a_body_says_that_it_would_come_in_chunks() -> None:
    assert ("Transfer-Encoding", "chunked") in framed(404, XML, HEAD, NUMBERS)


def test_a_list_comes_in_chunks_and_an_object_that_is_xml_has_its_length() -> None:
    assert "Content-Length" not in dict(framed(200, XML, LIST, NUMBERS))
    assert dict(framed(200, XML, GET, NUMBERS))["Content-Length"] == "9"


def test_the_body_of_an_error_has_the_numbers_of_its_head() -> None:
    body = b"<Error><Code>NoSuchKey</Code><RequestId>u</RequestId></Error>"
    assert identified(404, body, NUMBERS) == (
        b"<Error><Code>NoSuchKey</Code><RequestId>R</RequestId><HostId>H</HostId></Error>"
    )
    # An object may hold anything.
    assert identified(200, body, NUMBERS) == body


def test_no_two_requests_have_the_same_numbers() -> None:
    assert len({(numbers.request, numbers.host) for numbers in (Identifiers() for _ in range(100))}) == 100
    assert len(Identifiers().request) == 16


def test_only_s3_answers_with_its_own_header() -> None:
    assert is_s3(XML)
    assert not is_s3([("x-amzn-RequestId", "1")])


def test_a_conditional_write_conflicts_with_another_on_its_key_alone() -> None:
    writes = WritesInProgress()
    assert writes.begin("/bucket/a", conditional=True)
    assert not writes.begin("/bucket/a", conditional=True)
    assert writes.begin("/bucket/b", conditional=True)
    # One without a condition wins or loses, and is told nothing.
    assert writes.begin("/bucket/a", conditional=False)
    writes.end("/bucket/a")
    assert not writes.begin("/bucket/a", conditional=True)
    writes.end("/bucket/a")
    assert writes.begin("/bucket/a", conditional=True)
