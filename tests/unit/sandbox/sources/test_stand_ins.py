"""The stand-ins of the lake's sources: the shapes of the real APIs, and the faults that one asks them for."""

from __future__ import annotations

import http.client
import json
import socket
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest

from baler.lake.declarations import read_declarations
from baler.lake.normalise import normalised
from sandbox.sources.faults import MANY, FaultKind
from sandbox.sources.running import PEOPLE, POSTS, TIDES, Sources, running_sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Sources]:
    with running_sources(tmp_path, seed=1) as running:
        yield running


class Told:
    """An answer as a client gets it."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    @property
    def document(self) -> Any:
        return json.loads(self.body)


def ask(sources: Sources, name: str, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Told:
    connection = http.client.HTTPConnection(urlsplit(sources.stand_ins[name].origin).netloc, timeout=10)
    try:
        connection.request(method, path, headers=dict(headers or {}))
        return Told(connection.getresponse())
    finally:
        connection.close()


def control(sources: Sources, name: str, command: str, **arguments: object) -> Told:
    return ask(sources, name, f"/_control/{command}?{urlencode(arguments)}", method="POST")


def records_of(sources: Sources, name: str, body: bytes) -> list[Any]:
    """What the lake makes of an answer, by the declarations that a stack would get."""
    sources.declare_third()
    origins = frozenset(stand_in.origin for stand_in in sources.stand_ins.values())
    declared = read_declarations(sources.file.read_text(), origins)
    records, bad = normalised(next(source for source in declared if source.name == name), body)
    assert bad == []
    return records


def test_there_are_a_hundred_posts_as_jsonplaceholder_has_them(sources: Sources) -> None:
    told = ask(sources, POSTS, "/posts")
    posts = told.document
    assert [post["id"] for post in posts] == list(range(1, 101))
    assert all(list(post) == ["userId", "id", "title", "body"] for post in posts)
    assert [post["userId"] for post in posts] == [(number - 1) // 10 + 1 for number in range(1, 101)]
    assert told.headers["content-type"] == "application/json; charset=utf-8"
    assert len(records_of(sources, POSTS, told.body)) == 100


def test_posts_that_did_not_change_are_not_sent_again(sources: Sources) -> None:
    tag = ask(sources, POSTS, "/posts").headers["etag"]
    assert tag.startswith('W/"')
    unchanged = ask(sources, POSTS, "/posts", {"If-None-Match": tag})
    assert (unchanged.status, unchanged.body, unchanged.headers["etag"]) == (304, b"", tag)
    sources.posts.set_title(7, "red")
    changed = ask(sources, POSTS, "/posts", {"If-None-Match": tag})
    assert (changed.status, changed.document[6]["title"]) == (200, "red")
    assert [sent.body for sent in sources.stand_ins[POSTS].sent][-1] == changed.body


def test_posts_that_go_back_have_the_tag_that_they_had(sources: Sources) -> None:
    was, tag = sources.posts.title(7), ask(sources, POSTS, "/posts").headers["etag"]
    sources.posts.set_title(7, "blue")
    assert ask(sources, POSTS, "/posts").headers["etag"] != tag
    sources.posts.set_title(7, was)
    assert ask(sources, POSTS, "/posts").headers["etag"] == tag


def test_people_have_what_randomusers_have_and_each_answer_has_others(sources: Sources) -> None:
    first, second = (ask(sources, PEOPLE, "/api/?results=30").document for _ in range(2))
    assert first["info"] | {"seed": ""} == {"seed": "", "results": 30, "page": 1, "version": "1.4"}
    people = first["results"]
    assert {tuple(person) for person in people} == {
        (
            "gender", "name", "location", "email", "login", "dob",
            "registered", "phone", "cell", "id", "picture", "nat",
        )
    }  # fmt: skip
    assert set(people[0]["login"]) == {"uuid", "username", "password", "salt", "md5", "sha1", "sha256"}
    assert set(people[0]["location"]) == {
        "street", "city", "state", "country", "postcode", "coordinates", "timezone",
    }  # fmt: skip
    uuids = [person["login"]["uuid"] for answer in (first, second) for person in answer["results"]]
    assert len(set(uuids)) == 60
    assert {type(person["location"]["postcode"]) for person in people} == {int, str}
    assert {"name": "", "value": None} in [person["id"] for person in people]


def test_the_same_seed_brings_the_same_people(sources: Sources) -> None:
    answers = [ask(sources, PEOPLE, "/api/?results=3&seed=foobar").document for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["info"]["seed"] == "foobar"
    with running_sources(sources.file.parent / "other", seed=1) as same:
        theirs = ask(same, PEOPLE, "/api/?results=3").document
    assert theirs == ask(sources, PEOPLE, "/api/?results=3").document


def test_a_person_becomes_a_record_without_a_password(sources: Sources) -> None:
    told = ask(sources, PEOPLE, "/api/?results=20")
    records = records_of(sources, PEOPLE, told.body)
    assert len(records) == 20
    for record, person in zip(records, told.document["results"], strict=True):
        assert record.fields["postcode"] == str(person["location"]["postcode"])
        assert person["login"]["password"] not in record.document


def test_readings_come_in_pages_that_a_cursor_leads_through(sources: Sources) -> None:
    pages, cursor = list[Any](), ""
    while True:
        told = ask(sources, TIDES, f"/v1/readings?{urlencode({'cursor': cursor} if cursor else {})}")
        pages.append(told.document)
        cursor = told.document["meta"]["next"]
        if cursor is None:
            break
    assert [len(page["data"]) for page in pages] == [40, 40, 20]
    assert len({item["reading"] for page in pages for item in page["data"]}) == 100
    assert len(records_of(sources, TIDES, sources.stand_ins[TIDES].sent[0].body)) == 40
    assert ask(sources, TIDES, "/v1/readings?cursor=x").status == 400


@pytest.mark.parametrize("kind", ["429-seconds", "429-date"])
def test_too_many_requests_say_when_to_come_again(sources: Sources, kind: str) -> None:
    control(sources, POSTS, "fault", kind=kind)
    told = ask(sources, POSTS, "/posts")
    after = told.headers["retry-after"]
    assert told.status == 429
    if kind == "429-date":
        assert abs(parsedate_to_datetime(after).timestamp() - time.time()) < 60
    else:
        assert after == "1"


@pytest.mark.parametrize("name", [POSTS, PEOPLE])
@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        (FaultKind.SERVER_ERROR, 500, b"Internal Server Error"),
        (FaultKind.HTML, 200, b"<!DOCTYPE html>"),
        (FaultKind.ERROR, 200, b'{"error":'),
        (FaultKind.EMPTY, 200, b""),
    ],
)
def test_a_fault_lasts_as_long_as_it_was_asked_for(
    sources: Sources, name: str, kind: FaultKind, status: int, body: bytes
) -> None:
    path = sources.stand_ins[name].api.path
    assert control(sources, name, "fault", kind=kind, times=2).status == 200
    for _ in range(2):
        told = ask(sources, name, path)
        assert (told.status, told.body[: len(body)]) == (status, body)
    assert ask(sources, name, path).status == 200
    assert len(sources.stand_ins[name].sent) == 1
    assert sources.stand_ins[name].requests == 3


def test_half_a_body_is_less_than_was_announced_and_half_of_json_is_not(sources: Sources) -> None:
    sources.stand_ins[POSTS].fail(FaultKind.HALF_BODY, 1)
    with pytest.raises(http.client.IncompleteRead):
        ask(sources, POSTS, "/posts")
    sources.stand_ins[POSTS].fail(FaultKind.CUT_JSON, 1)
    told = ask(sources, POSTS, "/posts")
    assert len(told.body) == int(told.headers["content-length"])
    with pytest.raises(json.JSONDecodeError):
        _ = told.document
    assert sources.stand_ins[POSTS].sent == ()


def test_a_changed_shape_has_the_items_elsewhere(sources: Sources) -> None:
    sources.stand_ins[PEOPLE].fail(FaultKind.CHANGED_SHAPE)
    assert "results" not in ask(sources, PEOPLE, "/api/").document
    sources.stand_ins[PEOPLE].recover()
    assert "results" in ask(sources, PEOPLE, "/api/").document


@pytest.mark.parametrize("name", [POSTS, PEOPLE, TIDES])
def test_duplicates_and_ten_thousand_records_are_good_answers(sources: Sources, name: str) -> None:
    path = {POSTS: "/posts", PEOPLE: "/api/?results=30", TIDES: "/v1/readings"}[name]
    sources.stand_ins[name].fail(FaultKind.DUPLICATES, 1)
    ids = [record.id for record in records_of(sources, name, ask(sources, name, path).body)]
    assert len(ids) == len(set(ids)) + 10
    sources.stand_ins[name].fail(FaultKind.MANY, 1)
    told = ask(sources, name, path)
    assert told.body.count(b'"id": ' if name == POSTS else b'"email"' if name == PEOPLE else b'"reading"') == MANY
    assert len(sources.stand_ins[name].sent) == 2


def test_a_slow_answer_is_whole(sources: Sources) -> None:
    sources.stand_ins[POSTS].fail(FaultKind.SLOW, 1)
    assert len(ask(sources, POSTS, "/posts").document) == 100


def test_people_may_change_posts_by_the_control_interface(sources: Sources) -> None:
    assert control(sources, POSTS, "title", id=7, title="red").status == 200
    assert control(sources, POSTS, "add", title="new").status == 200
    posts = ask(sources, POSTS, "/posts").document
    assert (posts[6]["title"], posts[100]["title"]) == ("red", "new")
    assert control(sources, POSTS, "reset").status == 200
    assert len(ask(sources, POSTS, "/posts").document) == 100
    control(sources, TIDES, "add")
    assert len(sources.tides.items({"cursor": "ZnJvbTo4MA"})) == 21


def test_what_nobody_can_do_is_refused_with_what_can_be_done(sources: Sources) -> None:
    for name, command, said in (
        (POSTS, "explode", "title?id=7"),
        (POSTS, "fault", "kinds are 500, 429-seconds"),
        (POSTS, "title", "title?id=7"),
        (PEOPLE, "add", "every answer"),
        (TIDES, "title", "add"),
    ):
        told = control(sources, name, command)
        assert (told.status, said in told.document["error"]) == (400, True)
    assert control(sources, POSTS, "title", id=777, title="x").document == {"error": "there is no post 777"}
    assert ask(sources, POSTS, "/posts", method="POST").status == 405
    assert ask(sources, POSTS, "/users").status == 404
    assert ask(sources, PEOPLE, "/api/?results=many").status == 400


def test_a_stack_fetches_them_by_the_shipped_declarations_until_a_third_is_declared(sources: Sources) -> None:
    origins = frozenset(sources.settings["baler:lakeOpenOrigins"])
    declared = read_declarations(sources.file.read_text(), origins)
    assert [(source.name, source.conditional) for source in declared] == [(POSTS, True), (PEOPLE, False)]
    assert all(source.url.startswith(sources.stand_ins[source.name].origin) for source in declared)
    sources.declare_third()
    assert [source.name for source in read_declarations(sources.file.read_text(), origins)] == [POSTS, PEOPLE, TIDES]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"kind": "flood"},
        {"kind": "html", "times": "0"},
        {"kind": "html", "times": "-1"},
        {"kind": "html", "times": "²"},
        {"kind": "html", "times": "9" * 5000},
        {"kind": "html", "time": "1"},
    ],
)
def test_a_fault_that_cannot_be_is_refused_and_changes_nothing(sources: Sources, arguments: dict[str, str]) -> None:
    refused = control(sources, POSTS, "fault", **arguments)
    assert refused.status == 400
    assert "429-seconds" in refused.document["error"]
    assert ask(sources, POSTS, "/posts").status == 200


@pytest.mark.parametrize("number", ["²", "-1", "", "9" * 5000])
def test_a_post_that_cannot_be_is_refused_in_words_of_posts(sources: Sources, number: str) -> None:
    refused = control(sources, POSTS, "title", id=number, title="red")
    assert refused.status == 400
    assert "post" in refused.document["error"]


@pytest.mark.parametrize("length", ["five", "-1", "9" * 30, "²"])
def test_a_command_with_a_length_that_is_none_is_done_and_prints_nothing(
    sources: Sources, capfd: pytest.CaptureFixture[str], length: str
) -> None:
    where = urlsplit(sources.stand_ins[POSTS].origin)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=10) as client:
        client.sendall(f"POST /_control/add?title=x HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode())
        assert b"".join(iter(lambda: client.recv(65536), b"")).startswith(b"HTTP/1.1 200")
    assert capfd.readouterr() == ("", "")
