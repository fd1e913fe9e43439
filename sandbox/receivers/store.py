"""A real S3-compatible store as a program on this machine: SeaweedFS over TLS, with access keys of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Final, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.errors import SandboxError
from sandbox.localstack.ports import LOOPBACK, lasting_ports
from sandbox.receivers.certificates import Authority

if TYPE_CHECKING:
    from collections.abc import Generator

    from mypy_boto3_s3 import S3Client

NAME: Final = "store.premises.example"
"""In the store's certificate and in its URL; nothing resolves it."""
BUCKET: Final = "inbox"
REGION: Final = "us-east-1"

_WEED: Final = Path(sys.executable).with_name("weed")
_SUPERVISOR: Final = Path(__file__).parents[1] / "localstack" / "supervisor.py"
_REMOVER: Final = Path(__file__).with_name("remover.py")
_START_SECONDS: Final = 300.0  # it takes three
_STOP_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1
# Of weed's four servers, each of which has another one for its neighbours.
_SERVERS: Final = ("master", "volume", "filer", "s3")


@dataclass(frozen=True, slots=True)
class Keys:
    """An access key."""

    access_key_id: str
    secret_access_key: str

    @classmethod
    def new(cls) -> Keys:
        """Make one that nobody knows."""
        return cls(token_hex(10).upper(), token_hex(20))


@dataclass(slots=True)
class Store:
    """A store with one bucket. It can be stopped and started again, on the same port and with the same data.

    Attributes:
        folder: what it keeps, and its configuration.
        authority: who signed its certificate.
        ports: of its servers, by name; "s3" is that of its clients.
        keys: which may read, write and list the bucket, and nothing else.
        owner_keys: which may do everything.
        bucket: its name.
    """

    folder: Path
    authority: Authority
    ports: dict[str, int]
    keys: Keys = field(default_factory=Keys.new)
    owner_keys: Keys = field(default_factory=Keys.new)
    bucket: str = BUCKET
    _supervisor: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is for clients who know its name."""
        return f"https://{NAME}:{self.ports['s3']}"

    @property
    def address(self) -> str:
        """What they dial."""
        return LOOPBACK

    @property
    def endpoint(self) -> str:
        """Where it is for its owner."""
        return f"https://{LOOPBACK}:{self.ports['s3']}"

    def secret(self, keys: Keys | None = None) -> dict[str, str]:
        """Return what the receiver's secret holds: keys, its own unless given, and whom to trust."""
        keys = keys or self.keys
        return {
            "access_key_id": keys.access_key_id,
            "secret_access_key": keys.secret_access_key,
            "ca_certificate": self.authority.pem,
        }

    def owner(self) -> S3Client:
        """Return boto3's client for whoever owns the store."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.owner_keys.access_key_id,
            aws_secret_access_key=self.owner_keys.secret_access_key,
            verify=str(self._authority_path),
            config=Config(
                s3={"addressing_style": "path"}, connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1}
            ),
        )

    def start(self, *, full: bool = False) -> None:
        """Start it, and wait until it takes objects.

        Args:
            full: it keeps what it has, and takes nothing more: it says 500 to every put.

        Raises:
            SandboxError: it is running already, ended, or did not answer in time.
        """
        if self._supervisor is not None:
            raise SandboxError("the store is running")
        self._write_identities()
        with self._log.open("ab") as output:
            self._supervisor = subprocess.Popen(  # noqa: S603 - our own program, by our own interpreter
                [sys.executable, "-I", str(_SUPERVISOR), str(self._scratch), str(_WEED), *self._arguments(full=full)],
                # weed writes logs into the folder for temporary files.
                env={**os.environ, "TMPDIR": str(self._scratch)},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C at the terminal is for this process
            )
        try:
            self._wait_until_ready(full=full)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it, as a power cut would; harmless where it is not running. What it keeps stays."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is None:
            return
        for process in _children(supervisor.pid):
            # On a polite signal it goes on for half a minute, and still answers in the first seconds of it.
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        assert supervisor.stdin is not None  # noqa: S101 - it was asked for
        supervisor.stdin.close()
        try:
            supervisor.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            supervisor.kill()  # the kernel then kills the store
            supervisor.wait()

    def use_keys(self, keys: Keys) -> None:
        """Take other keys from now on, and the ones before no more: a rotation on the store's side."""
        self.keys = keys
        self._write_identities()
        if self._supervisor is not None:
            for process in _children(self._supervisor.pid):
                os.kill(process, signal.SIGHUP)  # it reads its identities again

    @property
    def _authority_path(self) -> Path:
        return self.folder / "authority.pem"

    @property
    def _log(self) -> Path:
        return self.folder / "weed.log"

    @property
    def _scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def _identities(self) -> Path:
        return self.folder / "identities.json"

    def _write_identities(self) -> None:
        actions = [f"{action}:{self.bucket}" for action in ("Read", "Write", "List")]
        identities = [
            ("courier", self.keys, actions),
            ("owner", self.owner_keys, ["Admin", "Read", "Write", "List", "Tagging"]),
        ]
        document = {
            "identities": [
                {
                    "name": name,
                    "credentials": [{"accessKey": keys.access_key_id, "secretKey": keys.secret_access_key}],
                    "actions": allowed,
                }
                for name, keys, allowed in identities
            ]
        }
        self._identities.write_text(json.dumps(document), encoding="utf-8")

    def _arguments(self, *, full: bool) -> list[str]:
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        return [
            "server",
            f"-dir={data}",
            f"-ip={LOOPBACK}",
            f"-ip.bind={LOOPBACK}",
            *(
                f"-{name.replace('.grpc', '.port.grpc') if '.' in name else f'{name}.port'}={port}"
                for name, port in self.ports.items()
            ),
            "-filer",
            f"-filer.localSocket={self._scratch / 'filer.sock'}",
            "-s3",
            f"-s3.localSocket={self._scratch / 's3.sock'}",
            f"-s3.config={self._identities}",
            *self._transport(),
            "-s3.iam=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-master.telemetry=false",
            # It is alone: an election of the default ten seconds would wait for nobody, at each start but the first.
            "-master.electionTimeout=200ms",
            "-master.heartbeatInterval=50ms",
            "-master.volumeSizeLimitMB=512",
            "-volume.max=64",
            f"-volume.minFreeSpace={100 if full else 1}",
        ]

    def _transport(self) -> list[str]:
        """Return the options by which it serves what `endpoint` says."""
        return [f"-s3.cert.file={self.folder / 'store.pem'}", f"-s3.key.file={self.folder / 'store.key'}"]

    def _wait_until_ready(self, *, full: bool) -> None:
        deadline = time.monotonic() + _START_SECONDS
        client, failure = self.owner(), ""
        supervisor = self._supervisor
        assert supervisor is not None  # noqa: S101 - it was just started
        while time.monotonic() < deadline:
            try:
                supervisor.wait(_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                try:
                    self._ask(client, full=full)
                except (BotoCoreError, ClientError) as error:
                    failure = str(error)
                else:
                    return
            else:
                raise SandboxError(f"The store ended while it started; what it wrote is in {self._log}")
        raise SandboxError(f"The store was not ready after {_START_SECONDS:.0f} s: {failure} (see {self._log})")

    def _ask(self, client: S3Client, *, full: bool) -> None:
        try:
            _ = client.head_bucket(Bucket=self.bucket)
        except ClientError:
            _ = client.create_bucket(Bucket=self.bucket)
        if full:
            return
        # It answers before it can store: its servers find each other by and by.
        _ = client.put_object(Bucket=self.bucket, Key=".ready", Body=b"ready")
        _ = client.delete_object(Bucket=self.bucket, Key=".ready")


StoreKind = TypeVar("StoreKind", bound=Store)


@contextmanager
def running_store(kind: type[StoreKind] = Store, *, bucket: str = BUCKET) -> Generator[StoreKind]:
    """Start an empty store on free ports, and end it with the block.

    Nothing of it survives this process, however that ends: see `supervisor` and `remover`.

    Raises:
        SandboxError: as `Store.start`.
    """
    if not _WEED.exists():
        raise SandboxError(f"{_WEED} is missing: run `make setup`")
    ports = _ports()
    with _folder(ports) as folder:
        store = kind(folder, Authority(), ports, bucket=bucket)
        _ = store.authority.server(NAME, [LOOPBACK]).write(folder, "store")
        (folder / "authority.pem").write_text(store.authority.pem, encoding="ascii")
        try:
            store.start()
            yield store
        finally:
            store.stop()


@contextmanager
def _folder(ports: dict[str, int]) -> Generator[Path]:
    """Make a folder that goes with the block or with this process, as do the sockets of a store on these ports."""
    folder = Path(tempfile.mkdtemp(prefix="baler-store-"))
    # The one place that TMPDIR does not move.
    sockets = [f"/tmp/seaweedfs-{name.removesuffix('.grpc')}-grpc-{port}.sock" for name, port in ports.items()]  # noqa: S108
    remover = subprocess.Popen(  # noqa: S603 - our own program, by our own interpreter
        [sys.executable, "-I", str(_REMOVER), str(folder), *sockets],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C at the terminal is for this process
    )
    assert remover.stdin is not None  # noqa: S101 - it was asked for
    try:
        yield folder
    finally:
        remover.stdin.close()
        remover.wait(_STOP_SECONDS)


def _ports() -> dict[str, int]:
    names = [name for server in _SERVERS for name in (server, f"{server}.grpc")]
    return dict(zip(names, lasting_ports(len(names)), strict=True))


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in listed.read_text(encoding="ascii").split()] if listed.exists() else []
