"""A connection that breaks while a body is read, in whatever way: every reader says so in its own words."""

from __future__ import annotations

import io
import socket
import ssl
import struct
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from http.client import IncompleteRead as HttpIncompleteRead
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from typing import IO, TYPE_CHECKING, Any, cast

import pytest
import urllib3.exceptions
from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError, SSLError
from botocore.parsers import ResponseParserError
from botocore.response import StreamingBody
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from harness.consumer import LANDED_AT

from baler.cli.s3 import S3RefusedError, S3UnavailableError, body_chunks, explained, s3_client
from baler.commands.consume.mailbox import MailboxUnavailableError
from baler.commands.consume.s3_mailbox import S3ConsumerMailbox
from baler.files.archive.bucket import ArchiveBucket, ArchivedBundle, Availability
from baler.files.bundle.ids import new_bundle_id
from baler.files.ledger.mailbox_object import MailboxObject

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

BUNDLE_ID = new_bundle_id(LANDED_AT.timestamp(), bytes(8))
LETTER = MailboxObject("k", '"e"', 1000, LANDED_AT)
BUNDLE = ArchivedBundle(BUNDLE_ID, 1000, '"e"', {}, Availability.READABLE)

BREAKS: list[Exception] = [
    urllib3.exceptions.SSLError("decryption failed or bad record mac"),
    urllib3.exceptions.ProtocolError("Connection broken", HttpIncompleteRead(b"")),
    urllib3.exceptions.IncompleteRead(1, 2),
    urllib3.exceptions.DecodeError("not gzip"),
    urllib3.exceptions.HTTPError("any other"),
    HTTPException("a chunk without an end"),
    ResponseStreamingError(error="broken"),
    ReadTimeoutError(endpoint_url="https://s3"),
    IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ResponseParserError("a proxy's page"),
    ssl.SSLEOFError("EOF occurred in violation of protocol"),
    ConnectionResetError(104, "Connection reset by peer"),
    TimeoutError("timed out"),
    BrokenPipeError(32, "Broken pipe"),
]


class BreakingBody(io.RawIOBase):
    """Gives one piece and breaks."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self._given = False

    def read(self, size: int = -1, /) -> bytes:  # noqa: ARG002 - the interface's
        if self._given:
            raise self._error
        self._given = True
        return b"x"


class BreakingClient:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_object(self, **_: object) -> dict[str, Any]:
        return {"Body": StreamingBody(cast("IO[bytes]", BreakingBody(self._error)), 1000), "Metadata": {}}


@pytest.mark.parametrize("error", BREAKS, ids=lambda error: type(error).__name__)
def test_whatever_a_body_raises_is_tried_again_later(error: Exception) -> None:
    client = cast("S3Client", BreakingClient(error))
    mailbox = S3ConsumerMailbox(client, "mailbox", "")
    with pytest.raises(MailboxUnavailableError, match="Could not read 'k'"), mailbox.get(LETTER) as content:
        list(content.chunks)
    archive = ArchiveBucket(client, "archive")
    with pytest.raises(S3UnavailableError, match="Could not read"):
        archive.manifest(BUNDLE_ID)
    with pytest.raises(S3UnavailableError, match="Could not read"):
        archive.download(BUNDLE, io.BytesIO(), lambda: None)


def test_an_answer_that_cannot_be_parsed_is_tried_again_later() -> None:
    with pytest.raises(S3UnavailableError), explained("list"):
        raise ResponseParserError("a proxy's page")


def test_a_certificate_that_is_not_trusted_is_no_broken_connection() -> None:
    refused = SSLError(endpoint_url="https://s3", error=ssl.SSLCertVerificationError("self-signed certificate"))
    with pytest.raises(S3RefusedError, match=r"self-signed certificate.*: check .*_URL"), explained("list"):
        raise refused


def test_a_disk_that_is_full_is_not_taken_for_a_broken_connection() -> None:
    class FullDisk(io.BytesIO):
        def write(self, _: object, /) -> int:
            raise OSError(28, "No space left on device")

    class Client:
        def get_object(self, **_: object) -> dict[str, Any]:
            return {"Body": io.BytesIO(b"bytes")}

    archive = ArchiveBucket(cast("S3Client", Client()), "archive")
    with pytest.raises(OSError, match="No space left"):
        archive.download(BUNDLE, FullDisk(), lambda: None)


def test_a_body_is_read_in_pieces() -> None:
    assert list(body_chunks(io.BytesIO(b"0123456789"), "read", 4)) == [b"0123", b"4567", b"89"]


# --- a real TLS connection

HEAD = b'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\netag: "e"\r\n\r\n' + bytes(100)
WAYS = {
    "a record with a wrong MAC": b"\x17\x03\x03\x00\x40" + bytes(64),
    "an alert that is none": b"\x15\x03\x03\x00\x02\x02\x50",
    "a proxy's plain answer": b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
    "closed": b"",
    "reset": None,
}


@contextmanager
def tls_server(folder: Path, way: bytes | None) -> Generator[str]:
    """Answer one request with a body that breaks off in the middle."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        raw, _ = listener.accept()
        secure = context.wrap_socket(raw, server_side=True, suppress_ragged_eofs=True)
        secure.recv(65536)
        secure.sendall(HEAD)
        under = socket.socket(fileno=secure.detach())
        if way is None:
            under.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif way:
            under.sendall(way)
        under.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join()
        listener.close()


def certificate(folder: Path) -> Path:
    """Make a certificate for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_tls_connection_that_breaks_in_mid_bundle_is_tried_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aws_settings: None, way: bytes | None
) -> None:
    assert aws_settings is None
    with tls_server(tmp_path, way) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
        mailbox = S3ConsumerMailbox(s3_client(), "mailbox", "")
        with pytest.raises(MailboxUnavailableError, match="Could not read 'k'"), mailbox.get(LETTER) as content:
            list(content.chunks)


def test_an_object_with_as_much_metadata_as_s3_takes_is_read(
    monkeypatch: pytest.MonkeyPatch, aws_settings: None
) -> None:
    assert aws_settings is None
    metadata = {f"k{number}": "v" for number in range(480)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            for name, value in metadata.items():
                self.send_header(f"x-amz-meta-{name}", value)
            self.send_header("Content-Length", "1")
            self.end_headers()
            self.wfile.write(b"x")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
            with S3ConsumerMailbox(s3_client(), "mailbox", "").get(LETTER) as content:
                assert b"".join(content.chunks) == b"x"
                assert content.metadata == metadata
        finally:
            server.shutdown()
            thread.join()
