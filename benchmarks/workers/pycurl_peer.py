"""The peer `pycurl`, run by an environment of its own: one handle, one connection, as its documentation shows it."""

from __future__ import annotations

import io
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import pycurl  # pyright: ignore[reportMissingModuleSource]  # in .venv-peers alone

from benchmarks.workers.bundle_file import SHA256, bundle_id
from benchmarks.workers.serve import serve

_curl: Any = cast("Any", pycurl)


class PycurlWorker:
    """Keeps its handle, and with it the connection."""

    def __init__(self) -> None:
        self._handle = _curl.Curl()

    def work(self, request: dict[str, Any]) -> int:
        """Send a bundle some times; returns how often it was acknowledged.

        Args:
            request: as benchmarks/workers/courier_http.py takes it.
        """
        return sum(self._send(request, number) for number in range(request["times"]))

    def _send(self, request: dict[str, Any], number: int) -> bool:
        path = Path(request["path"])
        handle, answer = self._handle, io.BytesIO()
        with path.open("rb") as body:
            handle.setopt(_curl.URL, f"https://localhost:{request['port']}/baler")
            handle.setopt(_curl.CAINFO, request["authority"])
            handle.setopt(_curl.HTTP_VERSION, _curl.CURL_HTTP_VERSION_1_1)
            handle.setopt(_curl.POST, 1)
            handle.setopt(_curl.POSTFIELDSIZE_LARGE, path.stat().st_size)
            handle.setopt(_curl.READFUNCTION, body.read)
            handle.setopt(_curl.WRITEDATA, answer)
            handle.setopt(
                _curl.HTTPHEADER,
                [
                    "Content-Type: application/gzip",
                    f"X-Content-SHA256: {SHA256}",
                    f"X-Bundle-Id: {bundle_id(number)}",
                    "X-File-Count: 100",
                ],
            )
            handle.perform()
        return handle.getinfo(_curl.RESPONSE_CODE) == HTTPStatus.OK


if __name__ == "__main__":
    serve(PycurlWorker().work)
