"""What can be done to a store of this machine's alone: fill it, cut its power, change its keys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING

import pytest
from harness.parcels import parcel
from harness.pipeline import wait_until
from harness.scripted_receiver import MemorySecret

from baler.files.courier.answer import Meaning
from runtime.files.receivers.credentials import Credentials, SecretVersion
from runtime.files.receivers.s3.receiver import S3Receiver
from runtime.files.receivers.s3.settings import StoreSettings
from sandbox.localstack.ports import require_free
from sandbox.receivers.store import Keys, running_store

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from baler.files.courier.answer import Answer
    from sandbox.receivers.store import Store

    Connect = Callable[..., S3Receiver]

# Far more than a busy machine takes.
_SEND_SECONDS = 300.0

pytestmark = pytest.mark.skipif("S3_ENDPOINT_URL" in os.environ, reason="another store is to be tried")


@pytest.fixture(scope="module")
def running() -> Generator[Store]:
    with running_store() as store:
        yield store


def settings(store: Store) -> StoreSettings:
    return StoreSettings(store.url, store.address, store.bucket)


def version(secret: dict[str, str], number: int = 1) -> SecretVersion:
    return SecretVersion(str(number), json.dumps(secret), time.time() - 1000 + number)


@pytest.fixture
def connect() -> Generator[Connect]:
    """Make receivers, by settings and the versions of a secret, and close their connections at the end."""
    with ExitStack() as stack:

        def connected(of: StoreSettings, *versions: SecretVersion) -> S3Receiver:
            receiver = S3Receiver.over_tls(of, Credentials(MemorySecret([*versions]), 86_400))
            _ = stack.callback(receiver.close)
            return receiver

        yield connected


def send(to: S3Receiver, number: int, size: int = 1000) -> Answer:
    return to.send(parcel(b"%d" % number * size, number=number), time.time() + _SEND_SECONDS)


def test_a_store_that_is_full_takes_bundles_again_when_it_has_room(running: Store, connect: Connect) -> None:
    to = connect(settings(running), version(running.secret()))
    assert send(to, 1).meaning is Meaning.ACCEPTED
    running.stop()
    running.start(full=True)
    assert send(to, 1).meaning is Meaning.ACCEPTED, "what it has it has"
    for size in (1000, 300_000):
        answer = send(to, 2, size)
        assert (answer.meaning, answer.reason) == (Meaning.UNREACHABLE, "500")
    running.stop()
    running.start()
    assert send(to, 2).meaning is Meaning.ACCEPTED


def test_what_was_acknowledged_is_there_after_a_power_cut(running: Store, connect: Connect) -> None:
    to = connect(settings(running), version(running.secret()))
    data = token_bytes(5_000_000)
    what = parcel(data, number=10)
    assert to.send(what, time.time() + _SEND_SECONDS).meaning is Meaning.ACCEPTED
    running.stop()
    answer = send(to, 11)
    assert (answer.meaning, answer.reason) == (Meaning.UNREACHABLE, "connection-refused")
    running.start()
    assert send(to, 11).meaning is Meaning.ACCEPTED
    again = to.send(parcel(data, number=10), time.time() + _SEND_SECONDS)
    assert again.meaning is Meaning.ACCEPTED
    found = [each.get("Size") for each in running.owner().list_objects_v2(Bucket=running.bucket).get("Contents", [])]
    assert len(data) in found


@pytest.mark.requirement("MINIO-ARCH-04")
@pytest.mark.parametrize("size", [1000, 300_000])
def test_a_rotation_that_the_store_does_not_know_yet_costs_nothing(running: Store, connect: Connect, size: int) -> None:
    to = connect(settings(running), version(running.secret(), 1))
    assert send(to, 20 + size, size).meaning is Meaning.ACCEPTED
    new = Keys.new()
    to = connect(settings(running), version(running.secret(), 1), version(running.secret(new), 2))
    assert send(to, 21 + size, size).meaning is Meaning.ACCEPTED
    running.use_keys(new)
    deadline = time.time() + _SEND_SECONDS
    while (answer := send(to, 22 + size, size)).meaning is not Meaning.ACCEPTED:
        assert time.time() < deadline, answer
        assert answer.meaning is Meaning.UNAUTHORIZED, answer


def test_a_certificate_that_nobody_vouches_for_is_named_before_anything_is_sent(
    running: Store, connect: Connect
) -> None:
    secret = running.secret()
    del secret["ca_certificate"]
    answer = send(connect(settings(running), version(secret)), 30)
    assert answer.meaning is Meaning.UNAUTHORIZED
    assert answer.reason == "client-credentials-unusable:ca-certificate-missing"


def test_a_certificate_for_another_name_is_named(running: Store, connect: Connect) -> None:
    elsewhere = StoreSettings(running.url.replace("store.", "other."), running.address, running.bucket)
    answer = send(connect(elsewhere, version(running.secret())), 31)
    assert (answer.meaning, answer.reason) == (Meaning.UNREACHABLE, "receiver-certificate-for-another-name")


def sockets_of(ports: Iterable[int]) -> list[Path]:
    """What a store has outside of its folder."""
    return [path for path in Path("/tmp").glob("seaweedfs-*.sock") if any(str(port) in path.name for port in ports)]  # noqa: S108 - where the store puts them


def require_nothing_of(folder: Path, ports: Iterable[int]) -> None:
    assert not folder.exists()
    assert sockets_of(ports) == []
    for port in ports:
        require_free(port)


def test_a_store_that_ended_leaves_no_process_no_port_and_no_file(running: Store) -> None:
    with running_store() as another:
        folder, ports = another.folder, set(another.ports.values())
        assert ports.isdisjoint(running.ports.values())
        assert len(ports) == 8
        assert sockets_of(ports)
    require_nothing_of(folder, ports)


HOLDER = """
import json
import sys
from sandbox.receivers.store import running_store

with running_store() as store:
    if "away" in sys.argv:
        store.stop()
    print(json.dumps([str(store.folder), [*store.ports.values()]]), flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc, and the kernel for the end of what is left")
@pytest.mark.parametrize("state", ["running", "away"])
def test_nothing_of_it_is_left_where_its_owner_is_killed(state: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, state],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as owner:
        assert owner.stdout is not None
        name, ports = json.loads(owner.stdout.readline())
        owner.kill()
    wait_until(
        f"nothing of {name}",
        lambda: [*Path(name).parent.glob(Path(name).name), *sockets_of(ports)],
        lambda left: not left,
    )
    require_nothing_of(Path(name), ports)
