"""The keys of issuers, from where they publish them."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from baler_http_api.tokens import IssuerError

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT_SECONDS = 2 * 3600
"""As long as API Gateway may keep a key."""
_SECONDS = 5.0
_LOOPBACK = ("127.0.0.1", "localhost")
_OPENER = build_opener(ProxyHandler({}))


class Issuers:
    """Keys by issuer; each is asked once in two hours."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Make it without any key.

        Args:
            clock: returns seconds that never go back.
        """
        self._clock = clock
        self._known: dict[str, tuple[float, list[dict[str, Any]]]] = {}
        self._lock = threading.Lock()

    def keys(self, issuer: str) -> list[dict[str, Any]]:
        """Return the JSON web keys of an issuer.

        Raises:
            IssuerError: it does not answer, or with something else.
        """
        with self._lock:
            at, keys = self._known.get(issuer, (float("-inf"), []))
            if self._clock() - at > _KEPT_SECONDS:
                configuration = _read(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
                keys = _read(str(configuration.get("jwks_uri"))).get("keys", [])
                self._known[issuer] = self._clock(), keys
            return keys


def _read(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    # AWS takes https alone; the sandbox takes a stand-in on this machine as well.
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise IssuerError(f"{url} is not https")
    try:
        with _OPENER.open(url, timeout=_SECONDS) as answer:
            document = json.load(answer)
    except (OSError, ValueError) as error:
        raise IssuerError(f"{url} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise IssuerError(f"{url} is no JSON object")
    return document
