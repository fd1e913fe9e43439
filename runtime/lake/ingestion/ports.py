"""What ingestion needs of the world. Stores raise `baler.store_errors.Unavailable`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.lake.raw_key import RawKey, RawMetadata
    from baler.lake.sources import Source
    from runtime.lake.ingestion.source_state import SourceState


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A GET.

    Attributes:
        url: of HTTPS, or of an origin that the stack leaves open.
        headers: without those that authenticate.
        secret_headers: sent to the origin of `url` alone, and never after a redirect to another.
        deadline: when all of it is over, seconds since the epoch.
        bytes_max: of the unpacked body.
    """

    url: str
    headers: tuple[tuple[str, str], ...]
    secret_headers: tuple[tuple[str, str], ...] = field(repr=False)
    deadline: float
    bytes_max: int


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What came back, whatever its status; redirects are followed by then.

    Attributes:
        status: of HTTP.
        headers: by their names in lower case; of a name that comes twice, the values joined by ", ".
        body: unpacked; empty unless the status is 200.
        url: that it came from, after redirects.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class WebError(Exception):
    """Nothing came back that can be used.

    Attributes:
        reason: in a few words with hyphens, for example "address-not-public"; never of the server's making.
        may_pass: another try may fare better.
    """

    def __init__(self, reason: str, *, may_pass: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.may_pass = may_pass


class Web(Protocol):
    """Servers of others."""

    def get(self, request: WebRequest) -> WebAnswer:
        """Ask once.

        Raises:
            WebError: nothing came back that can be used.
        """
        ...


class SecretMissingError(Exception):
    """The secret of a source is not there, or lacks a key that its declaration names."""


class Secrets(Protocol):
    """Values of the headers that authenticate."""

    def headers_of(self, source: Source) -> tuple[tuple[str, str], ...]:
        """Return names and values.

        Raises:
            SecretMissingError: see there.
            Unavailable: the secret could not be read.
        """
        ...


class RawStore(Protocol):
    """The raw layer."""

    def put(self, key: RawKey, metadata: RawMetadata, content: bytes) -> None:
        """Put an object; one that is there already gets a version more, of the same bytes with later metadata.

        Raises:
            Unavailable: it may be there or not.
        """
        ...


class ConflictError(Exception):
    """The state of a source is no longer what it was when it was read."""


class States(Protocol):
    """States of sources."""

    def get(self, source: str) -> SourceState:
        """Return the state, read consistently; that of a source which was never fetched is `SourceState.new`.

        Raises:
            Unavailable: it could not be read.
        """
        ...

    def replace(self, new: SourceState) -> None:
        """Write a state if the stored one has the revision before it.

        Raises:
            ConflictError: it has another, so nothing was written.
            Unavailable: it may be written or not.
        """
        ...
