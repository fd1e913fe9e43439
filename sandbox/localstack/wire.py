"""The wire of a LocalStack that runs: how it is to behave from now on, and what it did (plugins/baler_wire)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from urllib3 import PoolManager

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATH: Final = "/_baler/wire"


def faults_by_kind(by_service: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Add up the faults of all services; the most frequent kind comes first, then by name."""
    kinds: dict[str, int] = {}
    for counted in by_service.values():
        for kind, count in counted.items():
            kinds[kind] = kinds.get(kind, 0) + count
    return dict(sorted(kinds.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True)
class WireCounts:
    """What was done since a profile was given."""

    requests: Mapping[str, int]
    """Those that were not spared, by service."""
    faults: Mapping[str, Mapping[str, int]]
    """By service and kind."""
    on_the_way: int = 0
    """How many events of buckets and functions are late and not there yet."""

    @property
    def by_kind(self) -> dict[str, int]:
        """Faults of all services, the most frequent kind first."""
        return faults_by_kind(self.faults)


class Wire:
    """The wire of one LocalStack."""

    def __init__(self, endpoint: str) -> None:
        """Take the URL of every service."""
        self._url = endpoint.rstrip("/") + _PATH
        self._http = PoolManager()

    def put(self, profile: Mapping[str, Any]) -> None:
        """Let it behave so from now on, and count anew.

        Args:
            profile: `{"name": "aws", "seed": 7}`, or a whole one (plugins/baler_wire/profile.py says what it has).

        Raises:
            SandboxError: it is none.
        """
        self._ask("PUT", json.dumps(profile).encode())

    def clear(self) -> None:
        """Let it behave as it does without a profile."""
        self._ask("DELETE")

    def counts(self) -> WireCounts:
        """Return what it did."""
        document = self._ask("GET")
        return WireCounts(document["requests"], document["faults"], document["on_the_way"])

    def _ask(self, method: str, body: bytes | None = None) -> dict[str, Any]:
        answer = self._http.request(method, self._url, body=body)
        document: dict[str, Any] = answer.json()
        if answer.status != 200:  # noqa: PLR2004 - OK
            raise SandboxError(f"The wire of {self._url} takes no such profile: {document.get('message', document)}")
        return document
