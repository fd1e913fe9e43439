from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from harness.lake import ScriptedWeb, Step

from baler.lake.path import Path
from baler.lake.sources import Kept, PageKind, Pages, Source
from runtime.lake.ingestion.fetch import FETCH_BYTES_MAX, Fetched, Fetcher, FetchError, NotModified
from runtime.lake.ingestion.ports import WebAnswer, WebError, WebRequest
from runtime.lake.ingestion.retry import ATTEMPTS_MAX
from runtime.lake.ingestion.source_state import Remembered

URL = "https://api.example/items?size=2"
DEADLINE = 1030.0


@dataclass
class Clock:
    now: float = 1000.0
    slept: list[float] = field(default_factory=list[float])

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def source(pages: Pages | None = None, records: str = "", *, conditional: bool = False) -> Source:
    path = Path((records,)) if records else Path()
    return Source("a", "things", URL, Path(("id",)), (), path, Kept.WHOLE, pages or Pages(), conditional=conditional)


def fetch(source: Source, *script: Step, clock: Clock | None = None, **options: Any) -> tuple[Any, list[WebRequest]]:
    clock = clock or Clock()
    web = ScriptedWeb(list(script))
    return Fetcher(web, clock.time, clock.sleep).fetch(source, (), DEADLINE, **options), web.requests


def failed(source: Source, *script: Step, clock: Clock | None = None) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(source, *script, clock=clock)
    return caught.value.reason


def answer(status: int, body: bytes = b"", **headers: str) -> WebAnswer:
    return WebAnswer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, URL)


def items(*ids: int, **more: Any) -> bytes:
    return json.dumps({"items": [{"id": number} for number in ids], **more}).encode()


def queries(requests: list[WebRequest], name: str) -> list[str]:
    return [parse_qs(urlsplit(request.url).query).get(name, ["-"])[0] for request in requests]


def test_one_answer_is_one_page_exactly_as_received() -> None:
    fetched, requests = fetch(source(), b' [ {"id": 1.0} ]')
    assert [(page.content, page.count) for page in fetched.pages] == [(b' [ {"id": 1.0} ]', 1)]
    assert [request.url for request in requests] == [URL]
    assert not fetched.incomplete


def test_an_empty_array_is_a_success_without_pages() -> None:
    fetched, _ = fetch(source(), b"[]")
    assert (fetched.pages, fetched.incomplete, len(fetched.content_sha256)) == ((), "", 64)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "not-json"),
        (b'{"error":"Uh oh"}', "no-records"),
        (b'{"items":null}', "no-records"),
        (b'{"items":{}}', "no-records"),
        (b"", "empty-body"),
        (b'{"items":[{"id":1},{"i', "not-json"),
    ],
)
def test_a_success_that_is_no_answer_is_a_failure_with_a_name(body: bytes, reason: str) -> None:
    assert failed(source(records="items"), body) == reason


@pytest.mark.parametrize("status", [204, 206, 304, 400, 401, 403, 404, 410])
def test_other_statuses_are_failures_that_are_not_tried_again(status: int) -> None:
    clock = Clock()
    assert failed(source(), answer(status), clock=clock) == f"http-{status}"
    assert clock.slept == []


@pytest.mark.parametrize("step", [answer(500), answer(503), answer(429), answer(408), WebError("cut", may_pass=True)])
def test_what_may_pass_is_tried_again_and_again_and_then_named(step: Step) -> None:
    fetched, requests = fetch(source(), step, step, b"[]")
    assert (fetched.incomplete, len(requests)) == ("", 3)
    clock = Clock()
    reason = step.reason if isinstance(step, WebError) else f"http-{step.status}"  # type: ignore[union-attr]
    assert failed(source(), step, clock=clock) == reason
    assert len(clock.slept) == ATTEMPTS_MAX - 1


def test_what_will_not_pass_is_not_tried_again() -> None:
    clock = Clock()
    assert failed(source(), WebError("address-not-public", may_pass=False), clock=clock) == "address-not-public"
    assert clock.slept == []


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("7", 7.0, 7.0),
        ("Thu, 01 Jan 1970 00:16:50 GMT", 10.0, 10.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0, 1.0),
        ("-5", 0.0, 1.0),
        ("soon", 0.0, 1.0),
        ("0", 0.0, 1.0),
        ("1e3", 0.0, 1.0),
    ],
)
def test_retry_after_is_kept_in_both_forms_and_is_never_negative(value: str, least: float, most: float) -> None:
    clock = Clock()
    fetch(source(), answer(429, retry_after=value), b"[]", clock=clock)
    assert least <= clock.slept[0] <= most


@pytest.mark.parametrize("value", ["30", "86400", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_who_asks_for_longer_than_the_deadline_is_left_alone_at_once(value: str) -> None:
    clock = Clock()
    assert failed(source(), answer(503, retry_after=value), clock=clock) == "http-503"
    assert clock.slept == []


def test_tries_end_by_the_deadline_though_each_takes_its_time() -> None:
    clock = Clock()

    begun: list[float] = []

    def slow(_: WebRequest) -> WebAnswer:
        begun.append(clock.now)
        # With the longest pauses the third is still within the deadline, and with the shortest the fourth is not.
        clock.now += 13
        return answer(500)

    assert failed(source(), slow, clock=clock) == "http-500"
    assert len(begun) == 3
    assert begun[-1] < DEADLINE


def test_pages_are_asked_for_until_an_empty_one() -> None:
    pages = Pages(PageKind.PAGE, "page")
    fetched, requests = fetch(source(pages, "items"), items(1, 2), items(3), items())
    assert queries(requests, "page") == ["1", "2", "3"]
    assert queries(requests, "size") == ["2", "2", "2"]
    assert [page.count for page in fetched.pages] == [2, 1]


def test_offsets_count_records() -> None:
    pages = Pages(PageKind.OFFSET, "skip")
    _, requests = fetch(source(pages, "items"), items(1, 2), items(3), items())
    assert queries(requests, "skip") == ["0", "2", "3"]


@pytest.mark.parametrize("last", [{}, {"next": None}, {"next": ""}, {"next": False}])
def test_cursors_are_followed_to_the_answer_without_one(last: dict[str, Any]) -> None:
    pages = Pages(PageKind.CURSOR, "after", Path(("next",)))
    script = (items(1, next="a b&c"), items(2, next=7), items(3, **last))
    fetched, requests = fetch(source(pages, "items"), *script)
    assert queries(requests, "after") == ["-", "a b&c", "7"]
    assert (len(fetched.pages), fetched.incomplete) == (3, "")


def test_links_are_followed_in_the_body() -> None:
    pages = Pages(PageKind.LINK, next=Path(("next",)))
    script = (items(1, next="/items?p=2"), items(2, next="https://api.example:443/items?p=3#x"), items(3))
    _, requests = fetch(source(pages, "items"), *script)
    assert [request.url for request in requests[1:]] == [
        "https://api.example/items?p=2",
        "https://api.example:443/items?p=3",
    ]


@pytest.mark.parametrize(
    "link",
    [
        '<https://api.example/items?p=2>; rel="next"',
        "</items?p=2>; rel=next",
        '<https://api.example/items?p=9>; rel="last", </items?p=2>; title="a"; rel="prefetch next"',
        '<?p=2>;REL="NEXT"',
    ],
)
def test_links_are_followed_in_the_header(link: str) -> None:
    fetched, requests = fetch(source(Pages(PageKind.LINK)), answer(200, b"[1]", link=link), b"[2]")
    assert (len(fetched.pages), urlsplit(requests[1].url).query) == (2, "p=2")


@pytest.mark.parametrize(
    "link", ['<https://api.example/?p=9>; rel="last"', '<https://api.example/?p=9>; rel="nextish"', "<>; rel=next", "x"]
)
def test_other_links_are_not_followed(link: str) -> None:
    fetched, requests = fetch(source(Pages(PageKind.LINK)), answer(200, b"[1]", link=link))
    assert (len(requests), fetched.incomplete) == (1, "")


@pytest.mark.parametrize(
    "link",
    [
        "https://other.example/",
        "http://api.example/items?p=2",
        "https://api.example:8443/",
        "//169.254.169.254/",
        "https://u@api.example/",
        "https://api.example:x/",
        "file:///etc/passwd",
    ],
)
def test_a_next_to_another_host_is_refused_by_name(link: str) -> None:
    pages = Pages(PageKind.LINK, next=Path(("next",)))
    fetched, requests = fetch(source(pages, "items"), items(1, next=link))
    assert fetched.incomplete in {"next-elsewhere", "next-unreadable"}
    assert (len(requests), len(fetched.pages)) == (1, 1)


@pytest.mark.parametrize("word", [{}, [], ["a"], "a\nb", "x" * 4097])
def test_a_cursor_that_is_no_word_is_named(word: Any) -> None:
    pages = Pages(PageKind.CURSOR, "after", Path(("next",)))
    fetched, _ = fetch(source(pages, "items"), items(1, next=word))
    assert (fetched.incomplete, len(fetched.pages)) == ("next-unreadable", 1)


def test_a_last_page_that_repeats_its_cursor_ends_the_fetch() -> None:
    pages = Pages(PageKind.CURSOR, "after", Path(("next",)))
    fetched, requests = fetch(source(pages, "items"), items(1, next="a"), items(2, next="a"))
    assert (fetched.incomplete, len(fetched.pages), len(requests)) == ("cursor-repeated", 2, 2)


def test_a_source_that_answers_a_page_with_the_one_before_ends_the_fetch() -> None:
    pages = Pages(PageKind.PAGE, "page")
    fetched, requests = fetch(source(pages, "items"), items(1), items(2), items(2))
    assert (fetched.incomplete, len(fetched.pages), len(requests)) == ("page-repeated", 2, 3)
    assert not fetched.content_sha256


def test_pages_without_end_end_at_the_declared_most() -> None:
    numbers = iter(range(1000))
    pages = Pages(PageKind.PAGE, "page", most=5)
    fetched, requests = fetch(
        source(pages, "items"), lambda request: WebAnswer(200, {}, items(next(numbers)), request.url)
    )
    assert (fetched.incomplete, len(fetched.pages), len(requests)) == ("too-many-pages", 5, 5)


@pytest.mark.parametrize("step", [answer(404), b"<html>", WebError("too-large", may_pass=False), answer(500)])
def test_what_goes_wrong_later_keeps_the_pages_so_far(step: Step) -> None:
    fetched, _ = fetch(source(Pages(PageKind.PAGE, "page"), "items"), items(1), step)
    assert len(fetched.pages) == 1
    assert fetched.incomplete


def test_all_pages_share_one_bound() -> None:
    bounds: list[int] = []

    def page(request: WebRequest) -> WebAnswer:
        bounds.append(request.bytes_max)
        return answer(200, items(len(bounds)) + b" " * 1000 if len(bounds) < 3 else items())

    fetch(source(Pages(PageKind.PAGE, "page"), "items"), page)
    assert bounds[0] == FETCH_BYTES_MAX > bounds[1] > bounds[2]


REMEMBERED = Remembered("c", "d", etag='W/"7"', last_modified="Thu, 01 Jan 1970 00:16:40 GMT")


def test_a_conditional_source_is_asked_with_its_own_validators() -> None:
    fetched, requests = fetch(source(conditional=True), answer(304), remembered=REMEMBERED)
    assert isinstance(fetched, NotModified)
    assert set(requests[0].headers) >= {("If-None-Match", 'W/"7"'), ("If-Modified-Since", REMEMBERED.last_modified)}


@pytest.mark.parametrize(
    ("conditional", "remembered"), [(False, REMEMBERED), (True, None), (True, Remembered("c", "d"))]
)
def test_nothing_is_asked_conditionally_without_what_is_remembered(
    conditional: bool,  # noqa: FBT001 - a parameter of the table
    remembered: Remembered | None,
) -> None:
    fetched, requests = fetch(source(conditional=conditional), b"[]", remembered=remembered)
    assert isinstance(fetched, Fetched)
    assert [name for name, _ in requests[0].headers] == ["Accept"]


@pytest.mark.parametrize(
    ("etag", "kept"), [('"x"', '"x"'), ('"' + "x" * 600 + '"', ""), ('"\u20ac"', ""), ("a\nb", "")]
)
def test_a_validator_that_cannot_be_sent_back_is_as_good_as_none(etag: str, kept: str) -> None:
    fetched, _ = fetch(source(), answer(200, b"[]", etag=etag, last_modified="x"))
    assert (fetched.etag, fetched.last_modified) == (kept, "x")
