"""An API with its faults, which remembers what it has sent."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from sandbox.sources.answer import Answer, BadQueryError, UnknownCommandError
from sandbox.sources.faults import Fault, FaultKind, answer_of, is_good

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.sources.answer import Api

_TIMES: Final = re.compile("[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer with items that was sent whole.

    Attributes:
        query: that asked for it.
        body: as sent.
    """

    query: Mapping[str, str]
    body: bytes


class StandIn:
    """An API, its faults, and what it has sent. Threads may share it.

    Args:
        api: its content.

    Attributes:
        api: its content.
        origin: scheme, host and port, once it is served.
        ended: set once it is served no more.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self.origin = ""
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._sent: list[Sent] = []
        self._requests = 0
        self.ended = threading.Event()

    @property
    def sent(self) -> tuple[Sent, ...]:
        """The good answers so far, in the order in which they were made; "not modified" is none."""
        with self._lock:
            return tuple(self._sent)

    @property
    def requests(self) -> int:
        """How often it was asked, whatever it said."""
        with self._lock:
            return self._requests

    def fail(self, kind: FaultKind, times: int | None = None) -> None:
        """Give the next answers a fault, all of them unless it is said how many."""
        with self._lock:
            self._fault = Fault(kind, times)

    def recover(self) -> None:
        """Take the fault back."""
        with self._lock:
            self._fault = None

    def answer(self, query: Mapping[str, str], if_none_match: str = "") -> Answer:
        """Return what a request gets for the API's path, and remember it where it is good."""
        with self._lock:
            self._requests += 1
            fault, self._fault = self._fault, self._fault and self._fault.after_one()
            kind = fault.kind if fault else None
            try:
                answer = answer_of(self.api, query, kind)
            except BadQueryError as error:
                return _json(HTTPStatus.BAD_REQUEST, {"error": str(error)})
            if not is_good(kind):
                return answer
            if if_none_match and answer.headers.get("ETag", "") in if_none_match.split(", "):
                kept = {name: value for name, value in answer.headers.items() if name != "Content-Type"}
                return Answer(HTTPStatus.NOT_MODIFIED, b"", kept)
            self._sent.append(Sent(query, answer.body))
            return answer

    def control(self, name: str, arguments: Mapping[str, str]) -> Answer:
        """Do what a person asks of it: `fault` (kind, times), `recover`, or a command of the API's own."""
        try:
            match name:
                case "fault":
                    self._fail_as_asked(arguments)
                case "recover":
                    self.recover()
                case _:
                    self.api.command(name, arguments)
        except UnknownCommandError as error:
            return _json(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        return _json(HTTPStatus.OK, {"done": name})

    def _fail_as_asked(self, arguments: Mapping[str, str]) -> None:
        kind, times = arguments.get("kind", ""), arguments.get("times", "")
        unknown = arguments.keys() - {"kind", "times"}
        if kind not in set(FaultKind) or (times and not _TIMES.fullmatch(times)) or unknown:
            known = ", ".join(FaultKind)
            raise UnknownCommandError(
                f"fault needs kind, and perhaps times from 1 (without it all answers fail); kinds are {known}"
            )
        self.fail(FaultKind(kind), int(times) if times else None)


def _json(status: HTTPStatus, document: Any) -> Answer:
    return Answer(status, json.dumps(document).encode(), {"Content-Type": "application/json"})
