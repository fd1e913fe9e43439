"""A host on the premises is set up by its page alone, and runs the consumer as the unit says."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from harness.consumer import make_bundle, wait_until
from harness.s3_server import REGION, S3Server, s3_server

from baler.files.bundle.ids import bundle_key

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

PAGE = Path(__file__).parents[2] / "docs" / "on-premises.md"
MAILBOX = "baler-prod-files-distribution-1a2b3c4"
# What needs root or a running systemd, and what does as much here.
STAND_INS = {
    "useradd": "exit 0",
    "systemctl": "exit 0",
    "runuser": 'shift 3; exec "$@"',
}


def blocks(section: str) -> list[str]:
    """The commands of a section of the page, block by block."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return [re.sub("^    ", "", block, flags=re.MULTILINE) for block in re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)]


@dataclass
class Host:
    """A machine whose root is a folder, with a mailbox at a server beside it."""

    root: Path
    dist: Path
    premises: Path
    server: S3Server

    def here(self, text: str) -> str:
        """Return commands, or a unit, with the paths of this host."""
        text = text.replace("/opt/baler", str(self.premises.parent)).replace(" -o baler -g baler", "")
        return re.sub(r"(?<![\w.])/(etc|var|run)/", lambda found: f"{self.root}/{found[1]}/", text)

    def type(self, text: str) -> str:
        """Run commands in the folder that came from `make dist`, without those that the environment was made by."""
        made_by = ("python3 -m venv", "/opt/baler/bin/pip")
        lines = [line for line in text.splitlines() if not line.startswith(made_by)]
        done = subprocess.run(
            ["bash", "-euc", self.here("\n".join(lines))],
            cwd=self.dist,
            env={"PATH": f"{self.root / 'bin'}:{self.premises}:{os.environ['PATH']}", "HOME": str(self.root)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def put(self, number: int) -> None:
        bundle_id, body = make_bundle([(f"device/{number}", f"reading {number}".encode())], number)
        metadata = {"content-sha256": hashlib.sha256(body).hexdigest()}
        self.server.client.put_object(Bucket=MAILBOX, Key=bundle_key(bundle_id), Body=body, Metadata=metadata)

    def received(self) -> set[str]:
        return {path.name for path in (self.root / "var/lib/baler/received").rglob("*") if path.is_file()}

    def status(self) -> dict[str, object]:
        return json.loads((self.root / "run/baler/status.json").read_text())


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, dist: Path, premises: Path) -> Iterator[Host]:
    root = tmp_path_factory.mktemp("host")
    for folder in ("bin", "etc/systemd/system", "var/lib", "run"):
        (root / folder).mkdir(parents=True)
    for name, program in STAND_INS.items():
        stand_in = root / "bin" / name
        stand_in.write_text(f"#!/bin/sh\n{program}\n")
        stand_in.chmod(0o755)
    with s3_server() as server:
        server.client.create_bucket(Bucket=MAILBOX, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield Host(root, dist, premises, server)


@pytest.fixture(scope="module")
def set_up(host: Host) -> Host:
    """The page's section, as its reader types it; one bundle waits."""
    host.put(1)
    _make, install, environment, by_hand, service = blocks("Set it up")
    host.type(install)
    host.type(environment)
    given = host.server.environment
    (host.root / "etc/baler/aws.ini").write_text(
        f"[profile consumer]\naws_access_key_id = {given['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {given['AWS_SECRET_ACCESS_KEY']}\n"
        f"region = {REGION}\nendpoint_url = {given['AWS_ENDPOINT_URL']}\n"
    )
    host.type(by_hand)
    host.type(service)
    return host


def test_by_the_page_alone_a_host_receives(set_up: Host) -> None:
    assert "1" in set_up.received()
    assert set_up.status()["mailbox"] == MAILBOX
    assert (set_up.root / "etc/systemd/system/baler-consume.service").is_file()


def unit_of(host: Host) -> str:
    return host.here((host.root / "etc/systemd/system/baler-consume.service").read_text())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_takes_the_unit_and_finds_it_well_protected(set_up: Host, tmp_path: Path) -> None:
    unit = tmp_path / "baler-consume.service"
    unit.write_text(unit_of(set_up))
    checked = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    protected = ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit]
    rated = subprocess.run(protected, capture_output=True, text=True, check=False)
    if "unrecognized option" in rated.stderr:
        pytest.skip("this systemd rates no unit that is not loaded")
    assert rated.returncode == 0, rated.stdout


@dataclass
class Service:
    """The consumer as systemd would have started it."""

    process: subprocess.Popen[str]
    told: list[str]
    listening: socket.socket

    def has_told(self, message: str) -> bool:
        try:
            while True:
                self.told.append(self.listening.recv(4096).decode())
        except BlockingIOError:
            return any(each.startswith(message) for each in self.told)


@contextmanager
def service_of(host: Host, tmp_path: Path) -> Generator[Service]:
    unit = dict(re.findall(r"^(\w+)=(.+)$", unit_of(host), re.MULTILINE))
    given = dict(line.split("=", 1) for line in Path(unit["EnvironmentFile"]).read_text().splitlines())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listening:
        address = str(tmp_path / "notify")
        listening.bind(address)
        with subprocess.Popen(
            [*unit["ExecStart"].split(), "--poll", "0.2"],
            env={**given, "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "2000000"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield Service(process, [], listening)
            finally:
                process.kill()


def test_the_service_tells_systemd_that_it_is_ready_lives_and_stops(set_up: Host, tmp_path: Path) -> None:
    with service_of(set_up, tmp_path) as service:
        wait_until(lambda: service.has_told("READY=1"), "it is ready")
        set_up.put(2)
        wait_until(lambda: "2" in set_up.received(), "the second bundle arrives")
        wait_until(lambda: service.has_told("STATUS=working: 1 bundle, 1 file delivered"), "it says how it is")
        service.told.clear()
        wait_until(lambda: service.has_told("WATCHDOG=1"), "it says that it lives")
        assert set_up.status()["state"] == "working"
        service.process.send_signal(signal.SIGTERM)
        _, err = service.process.communicate(timeout=120)
        assert (service.process.returncode, err) == (0, "")
        assert service.has_told("STOPPING=1")
    assert set_up.status()["state"] == "stopped"


def test_the_ledger_is_asked_and_copied_as_the_page_says(set_up: Host) -> None:
    environment = f"export BALER_INTO={set_up.root}/var/lib/baler/received\n"
    (asked,) = blocks("Watch it")
    listed = set_up.type(environment + asked.splitlines()[0].replace("--from 2026-11-20T02:00 --to 2026-11-20T03:00", ""))
    assert "1 file" in listed
    (copied,) = blocks("The ledger, and its backup")
    assert "the ledger is whole" in set_up.type(environment + copied)
    assert stat.S_ISREG((set_up.dist / "ledger-copy.sqlite").stat().st_mode)
    (quarantine,) = blocks("What is set aside")
    assert "0 objects in quarantine" in set_up.type(environment + quarantine)
