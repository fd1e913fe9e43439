"""Runs the listener as a process of its own, for the length of a `with` block; it can go away and come back."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.errors import SandboxError
from sandbox.localstack.ports import LOOPBACK, lasting_ports
from sandbox.receivers.behaviour import Behaviour
from sandbox.receivers.certificates import Authority
from sandbox.receivers.listener import BASE_PATH, REQUESTS

if TYPE_CHECKING:
    from collections.abc import Generator

    from sandbox.receivers.certificates import Issued

NAME: Final = "nifi.premises.example"
"""In the listener's certificate and in its URL; nothing resolves it."""

_STOP_SECONDS: Final = 10.0
_PROJECT: Final = Path(__file__).parents[2]


@dataclass(slots=True)
class Listener:
    """A listener and what it keeps.

    Attributes:
        folder: what it keeps, with its certificate.
        authority: who signed its certificate, and signs those of its clients.
        wants_certificate: clients must show one.
        behaviour: how it behaves.
        port: where it listens; 0 until it was started.
    """

    folder: Path
    authority: Authority
    wants_certificate: bool
    behaviour: Behaviour
    port: int = 0
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where it is for clients who know its name."""
        return f"https://{NAME}:{self.port}{BASE_PATH}"

    @property
    def address(self) -> str:
        """What they dial."""
        return LOOPBACK

    @property
    def received(self) -> Path:
        """The files of all bundles that it has."""
        return self.folder / "received"

    def secret(self, client: Issued | None = None) -> dict[str, str]:
        """Return what the receiver's secret holds for it to let the courier in.

        Args:
            client: the certificate to show; a new one where one is wanted and none is given.
        """
        secret = {"ca_certificate": self.authority.pem}
        if client is None and self.wants_certificate:
            client = self.authority.client("courier")
        if client is not None:
            secret |= {"certificate": client.certificate, "key": client.key}
        if self.behaviour.user:
            secret |= {"username": self.behaviour.user, "password": self.behaviour.password}
        if self.behaviour.header:
            secret |= {"header": self.behaviour.header, "token": self.behaviour.token}
        return secret

    def requests(self) -> list[dict[str, Any]]:
        """Return what is known of each request, in order: method, path, headers, body_bytes, outcome."""
        log = self.folder / REQUESTS
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def bundles(self) -> set[str]:
        """Return the names of the deliveries that it has kept: bundle id, and replay id after a plus."""
        return {path.name.removesuffix(".tar.gz") for path in (self.folder / "bundles").glob("*.tar.gz")}

    def behave(self, **changes: Any) -> None:
        """Change how it behaves, from the next request on; see `Behaviour` for the names."""
        self.behaviour = replace(self.behaviour, **changes)
        if self._process is not None:
            self._tell()

    def certify(self) -> None:
        """Write its certificate, and that of its authority; it reads them when it starts."""
        self.authority.server(NAME, [LOOPBACK]).write(self.folder, "server")
        (self.folder / "authority.pem").write_text(self.authority.pem, encoding="ascii")

    def renew(self) -> None:
        """Let it come back with another authority: it knows no client any more, and no client knows it."""
        self.stop()
        self.authority = Authority()
        self.certify()
        self.start()

    def start(self) -> None:
        """Start it, on the port that it had.

        Raises:
            SandboxError: it did not start.
        """
        if self._process is not None:
            raise SandboxError("the listener is running")
        arguments = ["--port", str(self.port), "--folder", str(self.folder)]
        arguments += ["--certificate", str(self.folder / "server.pem"), "--key", str(self.folder / "server.key")]
        if self.wants_certificate:
            arguments += ["--client-ca", str(self.folder / "authority.pem")]
        with (self.folder / "listener.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "sandbox.receivers.listener", *arguments],
                cwd=_PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C at the terminal is for this process
            )
        self.port = self._heard()["listening"]
        self._tell()

    def stop(self) -> None:
        """End it as a power cut would: connections break, and what it keeps stays. Harmless where it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait(_STOP_SECONDS)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()

    def _tell(self) -> None:
        assert self._process is not None  # noqa: S101 - it runs
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        self._process.stdin.write(self.behaviour.to_json() + "\n")
        self._process.stdin.flush()
        self._heard()

    def _heard(self) -> dict[str, Any]:
        assert self._process is not None  # noqa: S101 - it runs
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise SandboxError(f"The listener ended; what it wrote is in {self.folder / 'listener.log'}")
        return json.loads(line)


@contextmanager
def running_listener(
    folder: Path, *, behaviour: Behaviour | None = None, wants_certificate: bool = True, port: int = 0
) -> Generator[Listener]:
    """Start a listener that keeps what it gets in a folder, and end it with the block; the folder stays.

    Nothing of it survives this process, however that ends: it ends with its standard input.

    Args:
        folder: is made where it is missing.
        behaviour: how it behaves; as a good receiver unless given.
        wants_certificate: clients must show one that its authority signed.
        port: on the loopback interface; 0 for a free one that it will get again.

    Raises:
        SandboxError: it did not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listener = Listener(folder, Authority(), wants_certificate, behaviour or Behaviour(), port or lasting_ports(1)[0])
    try:
        listener.certify()
        listener.start()
        yield listener
    finally:
        listener.stop()
