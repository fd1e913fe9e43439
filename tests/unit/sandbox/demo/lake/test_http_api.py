"""How the demo asks the lake's API."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from sandbox.demo.lake import http_api as module
from sandbox.demo.lake.http_api import LakeApi
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator


class FailsFirst(BaseHTTPRequestHandler):
    """Answers 503 twice, and then well."""

    asked = 0

    def do_GET(self) -> None:
        FailsFirst.asked += 1
        self.send_response(503 if FailsFirst.asked <= 2 else 200)
        self.end_headers()
        self.wfile.write(b'{"total": 7}')

    def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Say nothing."""


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(FailsFirst, "asked", 0)
    with HTTPServer(("127.0.0.1", 0), FailsFirst) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_on_a_calm_day_an_answer_that_is_none_ends_the_demo(url: str) -> None:
    with pytest.raises(SandboxError, match="answered 503"):
        LakeApi(url).analytics()


def test_on_a_day_with_faults_it_is_asked_again(url: str) -> None:
    with pytest.raises(SandboxError, match="answered 503"):
        LakeApi(url, tries=2).analytics()
    assert LakeApi(url, tries=2).analytics() == {"total": 7}
