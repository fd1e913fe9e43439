"""A source and its stores in memory, each of which can fail when a test wants it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from baler.store_errors import Unavailable
from runtime.lake.ingestion.ports import ConflictError, SecretMissingError, WebAnswer, WebError, WebRequest
from runtime.lake.ingestion.source_state import SourceState

if TYPE_CHECKING:
    from baler.lake.raw_key import RawKey, RawMetadata
    from baler.lake.sources import Source

Step = WebAnswer | WebError | bytes | Callable[[WebRequest], WebAnswer]


class Died(BaseException):
    """The process is gone: nothing after it is done, and nothing catches it."""


@dataclass
class ScriptedWeb:
    """Answers in order; the last stays. Bytes are a body of status 200."""

    script: list[Step]
    requests: list[WebRequest] = field(default_factory=list[WebRequest])

    def get(self, request: WebRequest) -> WebAnswer:
        self.requests.append(request)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, WebError):
            raise step
        if isinstance(step, bytes):
            return WebAnswer(200, {}, step, request.url)
        return step if isinstance(step, WebAnswer) else step(request)


@dataclass
class MemoryRaw:
    """Puts in their order: key, metadata, content.

    Attributes:
        before, after: called with the number of puts so far; may raise.
    """

    puts: list[tuple[RawKey, RawMetadata, bytes]] = field(default_factory=list)
    before: Callable[[int], None] = lambda _: None
    after: Callable[[int], None] = lambda _: None

    def put(self, key: RawKey, metadata: RawMetadata, content: bytes) -> None:
        self.before(len(self.puts))
        self.puts.append((key, metadata, content))
        self.after(len(self.puts))

    @property
    def contents(self) -> list[bytes]:
        return [content for _, _, content in self.puts]

    def current(self) -> bytes:
        """The content that curation takes for the newest, whatever order it gets them in."""
        return max(self.puts, key=lambda put: put[1].order)[2]


@dataclass
class MemoryStates:
    """States by source.

    Attributes:
        before, after: called with each new state; may raise.
    """

    states: dict[str, SourceState] = field(default_factory=dict[str, SourceState])
    before: Callable[[SourceState], None] = lambda _: None
    after: Callable[[SourceState], None] = lambda _: None

    def get(self, source: str) -> SourceState:
        return self.states.get(source, SourceState.new(source))

    def replace(self, new: SourceState) -> None:
        self.before(new)
        if self.get(new.source).revision != new.revision - 1:
            raise ConflictError
        self.states[new.source] = new
        self.after(new)


@dataclass
class MemorySecrets:
    """Values of headers by their keys; None for a store that is away."""

    values: dict[str, str] | None = field(default_factory=dict[str, str])

    def headers_of(self, source: Source) -> tuple[tuple[str, str], ...]:
        if self.values is None:
            raise Unavailable("secrets are away")
        try:
            return tuple((header.name, self.values[header.key]) for header in source.headers)
        except KeyError as error:
            raise SecretMissingError from error
