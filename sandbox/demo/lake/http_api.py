"""The lake's HTTP API as anybody asks it."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, build_opener

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 1.0
# Pages of a size that divides neither hundred posts nor forty readings.
_LIMIT: Final = 37
_PAGES_MAX: Final = 10_000


class LakeApi:
    """A client.

    Args:
        url: of the API, without a path.
        tries: how often it asks; an API may be unable to answer now and then on a day with faults.
    """

    def __init__(self, url: str, *, tries: int = 1) -> None:
        self._url = url.rstrip("/")
        self._tries = tries
        self._opener = build_opener(ProxyHandler({}))  # it is on this machine, whatever proxy the shell names

    def analytics(self, days: int = 7) -> dict[str, Any]:
        """Return what `GET /analytics` says.

        Raises:
            SandboxError: it is not answered with 200.
        """
        return self._get(f"/analytics?{urlencode({'days': days})}")

    def record(self, record_id: str) -> dict[str, Any] | None:
        """Return a record with its document, None where there is none.

        Raises:
            SandboxError: it is answered with neither 200 nor 404.
        """
        return self._answer(f"/records/{quote(record_id, safe='')}")

    def records(self, source: str = "", limit: int = _LIMIT) -> list[dict[str, Any]]:
        """Return all records, or all of a source, page by page to the end.

        Raises:
            SandboxError: a page is not answered with 200, or there is no end.
        """
        return [record for page in self.pages(source, limit) for record in page["records"]]

    def pages(self, source: str = "", limit: int = _LIMIT) -> Iterator[dict[str, Any]]:
        """Yield the pages of all records, or of a source.

        Raises:
            SandboxError: a page is not answered with 200, or there is no end.
        """
        asked = {"limit": str(limit)} | ({"source": source} if source else {})
        last_key = ""
        for _ in range(_PAGES_MAX):
            page = self._get(f"/records?{urlencode(asked | ({'lastKey': last_key} if last_key else {}))}")
            yield page
            last_key = page["lastKey"] or ""
            if not last_key:
                return
        raise SandboxError(f"{self._url}/records has no end")

    def _get(self, path: str) -> dict[str, Any]:
        found = self._answer(path)
        if found is None:
            raise SandboxError(f"{self._url}{path} is not there")
        return found

    def _answer(self, path: str) -> dict[str, Any] | None:
        for _ in range(self._tries - 1):
            try:
                return self._answer_once(path)
            except SandboxError:
                time.sleep(_PAUSE_SECONDS)
        return self._answer_once(path)

    def _answer_once(self, path: str) -> dict[str, Any] | None:
        try:
            with self._opener.open(self._url + path, timeout=_SECONDS) as answer:
                return json.loads(answer.read(), parse_float=Decimal)
        except HTTPError as error:
            with error:
                if error.code == HTTPStatus.NOT_FOUND:
                    return None
                said = error.read(500).decode(errors="replace")
            raise SandboxError(f"{self._url}{path} answered {error.code}: {said}") from error
        except OSError as error:
            raise SandboxError(f"{self._url}{path} gave no answer: {error}") from error
