"""S3 and DynamoDB for programs in other processes: moto behind an HTTP port of this one."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import boto3
import requests
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Generator

    from mypy_boto3_s3 import S3Client

REGION = "eu-west-2"


@dataclass
class S3Server:
    """A running server.

    Attributes:
        url: its address.
        client: boto3 on the same buckets, in this process.
        requests: method and path of every request so far.
        stalled: while set, the body of a GET of an object stops after its first byte.
    """

    url: str
    client: S3Client
    requests: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    stalled: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to reach it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
        }


@contextmanager
def s3_server() -> Generator[S3Server]:
    """Serve empty S3 on a free port."""
    with mock_aws():
        client = boto3.client("s3", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 - moto's
        listener = ThreadingHTTPServer(("127.0.0.1", 0), _Forward)
        listener.daemon_threads = True
        server = S3Server(f"http://127.0.0.1:{listener.server_port}", client)
        _Forward.server_of[listener.server_port] = server
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            listener.shutdown()
            thread.join()
            listener.server_close()
            del _Forward.server_of[listener.server_port]


class _Forward(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: dict[int, S3Server] = {}  # noqa: RUF012 - handlers are made by the listener, which cannot pass it

    def do_GET(self) -> None:
        self._forward()

    def do_PUT(self) -> None:
        self._forward()

    def do_DELETE(self) -> None:
        self._forward()

    def do_POST(self) -> None:
        self._forward()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass

    def _forward(self) -> None:
        server = self.server_of[self.connection.getsockname()[1]]
        server.requests.append((self.command, self.path))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "expect"}}
        # moto answers for these addresses inside this process; nothing leaves the machine.
        service = f"dynamodb.{REGION}" if "X-Amz-Target" in self.headers else "s3"
        answer = requests.request(
            self.command,
            f"https://{service}.amazonaws.com{self.path}",
            headers=headers,
            data=self.rfile.read(int(self.headers.get("content-length", 0))),
            timeout=10,
        )
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in {"content-length", "connection", "date", "server", "transfer-encoding"}:
                self.send_header(name, value)
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        body = answer.content
        if server.stalled.is_set() and "x-amz-meta-content-sha256" in answer.headers:
            self.wfile.write(body[:1])
            self.wfile.flush()
            server.closing.wait(600)
            self.close_connection = True
            return
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the program was killed, as the test wants
