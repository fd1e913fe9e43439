"""The lake's HTTP API as a browser meets it, with records and faults that a deployed one would not have on request.

What the real one answers is held by the tests of the API; those of a deployed stack show that the two fit.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

LATEST_DAY: Final = "2026-03-11"
"""The day on which the stub's world stands still."""
DAYS: Final = tuple(f"2026-03-{day:02}" for day in range(5, 12))
"""The window of the timeline. In America/Los_Angeles clocks change within it, on 8 March."""


@dataclass(frozen=True)
class StubRecord:
    """A record.

    Attributes:
        fields: JSON of the declared fields, an object, as it goes over the wire; anything that its source may send.
        document: JSON of what is kept of the document, for the record's own page; None where it is in raw alone.
    """

    id: str
    source: str
    captured_at: str = f"{LATEST_DAY}T09:30:00.000Z"
    fields: str = "{}"
    document: str | None = None

    def wire(self, *, whole: bool) -> str:
        """Return the record's JSON, in lists without the document."""
        attributes = {
            "id": self.id,
            "source": self.source,
            "type": "things",
            "captured_at": self.captured_at,
            "changed_at": self.captured_at,
            "fingerprint": "9e107d9d372bb6826bd81d3542a419d6",  # pragma: allowlist secret
            "raw_s3_key": f"raw/source={self.source}/date={self.captured_at[:10]}/{self.captured_at}.json",
            "processed_at": self.captured_at,
        }
        text = json.dumps(attributes)[:-1]
        if (fields := self.fields.strip()[1:-1].strip()) != "":
            text += f",{fields}"
        if whole:
            text += f',"document":{self.document or "null"}'
        return f"{text}}}"


@dataclass(frozen=True)
class Refusal:
    """What is answered instead of anything else."""

    status: int
    body: str = '{"message":"Something is wrong with the stub.","code":"stub-fault"}'
    content_type: str = "application/json"


@dataclass
class StubLakeApi:
    """The running API.

    Attributes:
        url: its address.
        records: newest first, as the API has them.
        refusal: of all requests from now on.
        open: while it is not set, requests wait.
        requests: path and query of each, as they came.
    """

    url: str = ""
    records: list[StubRecord] = field(default_factory=list[StubRecord])
    refusal: Refusal | None = None
    open: threading.Event = field(default_factory=threading.Event)
    requests: list[str] = field(default_factory=list[str])

    def answer(self, target: str) -> Refusal | tuple[int, str]:
        """Return status and body for a path with its query."""
        self.requests.append(target)
        path, _, raw_query = target.partition("?")
        query = {name: values[-1] for name, values in parse_qs(raw_query).items()}
        if self.refusal:
            return self.refusal
        match path.split("/")[1:]:
            case ["analytics"]:
                return HTTPStatus.OK, json.dumps(self._analytics())
            case ["records"]:
                return self._page(query)
            case ["records", name]:
                for record in self.records:
                    if record.id == name:
                        return HTTPStatus.OK, record.wire(whole=True)
                return HTTPStatus.NOT_FOUND, '{"message":"There is no record with this id.","code":"no-such-record"}'
            case _:
                return HTTPStatus.NOT_FOUND, '{"message":"There is nothing at this path.","code":"no-such-path"}'

    def _page(self, query: Mapping[str, str]) -> tuple[int, str]:
        limit, source = int(query["limit"]), query.get("source", "")
        found = [record for record in self.records if not source or record.source == source]
        first = 0
        if key := query.get("lastKey"):
            # Characters that an address has to escape are in it.
            bound, _, place = key.partition("|")
            if bound != f"v1+{source}" or not place.endswith("="):
                return HTTPStatus.BAD_REQUEST, '{"message":"lastKey is of another list.","code":"last-key-invalid"}'
            first = int(place[:-1])
        shown, beyond = found[first : first + limit], first + limit
        last = json.dumps(f"v1+{source}|{beyond}=" if beyond < len(found) else None)
        records = ",".join(record.wire(whole=False) for record in shown)
        return HTTPStatus.OK, f'{{"records":[{records}],"count":{len(shown)},"lastKey":{last}}}'

    def _analytics(self) -> dict[str, Any]:
        days = [record.captured_at[:10] for record in self.records]
        return {
            "total": len(self.records),
            "by_source": _counted([record.source for record in self.records]),
            "by_date": {day: count for day, count in _counted(days).items() if day in DAYS},
            "timeline": [
                {
                    "date": day,
                    "total": days.count(day),
                    "by_source": _counted([one.source for one in self.records if one.captured_at[:10] == day]),
                }
                for day in DAYS
            ],
            "first_date": min(days, default=None),
            "last_date": max(days, default=None),
            "generated_at": f"{LATEST_DAY}T10:00:00Z",
        }


def _counted(names: Sequence[str]) -> dict[str, int]:
    return {name: names.count(name) for name in sorted(set(names))}


def post(number: int, *, day: str) -> StubRecord:
    """Return a record of the source `posts`, seen two minutes before the day ends."""
    return StubRecord(
        id=f"posts-{number}",
        source="posts",
        captured_at=f"{day}T23:58:00.000Z",
        fields=f'{{"userId":{number % 7},"title":"Post number {number}","body":"Its body.\\nOf two lines."}}',
        document=f'{{"id":{number},"title":"Post number {number}"}}',
    )


def person(number: int, *, day: str) -> StubRecord:
    """Return a record of the source `people`, seen three minutes after the day begins; its document is in raw alone."""
    return StubRecord(
        id=f"people-{number}",
        source="people",
        captured_at=f"{day}T00:03:00.000Z",
        fields=f'{{"first_name":"Ada","last_name":"Nr {number}","postcode":"CR9 3LP","phone":null}}',
    )


@contextmanager
def stub_lake_api() -> Generator[StubLakeApi]:
    """Serve on a free port of the loopback interface."""
    stub = StubLakeApi()
    stub.open.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            stub.open.wait()
            said = stub.answer(self.path)
            refused = isinstance(said, Refusal)
            status, body = (said.status, said.body) if refused else said
            content = body.encode("utf-8", "surrogatepass")
            self.send_response(status)
            self.send_header("Content-Type", said.content_type if refused else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has above
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Who leaves half-way does what the test wants."""

    with Server(("127.0.0.1", 0), Handler) as server:
        stub.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield stub
        finally:
            stub.open.set()
            server.shutdown()
            thread.join()
