"""A receiver on this machine for a pushed delivery: what a stack must know of it, and what it has received."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from baler.files.bundle.ids import SUFFIX
from baler.files.unpacking.bad_bundle import BadBundleError
from sandbox.receivers.inbox import Delivery, Inbox
from sandbox.receivers.running_listener import running_listener
from sandbox.receivers.store import running_store

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from sandbox.receivers.running_listener import Listener
    from sandbox.receivers.store import Store

Pushed = Literal["http", "s3"]

# Somebody watches: notice soon that it is gone, and soon that it is back.
_SOON: Final = {"baler:filesProbeIntervalSeconds": 5, "baler:filesSendTimeoutSeconds": 10}
# The stack `local` names a consumer, who has nothing to do with a pushed delivery.
_NO_CONSUMER: Final = {"baler:filesConsumerPrincipalArn": ""}


class Premises(Protocol):
    """A receiver and what it has received."""

    @property
    def settings(self) -> dict[str, object]:
        """Configuration of a stack that delivers to it, over that of `local`, by key."""
        ...

    @property
    def credentials(self) -> Mapping[str, str]:
        """What the receiver's secret has to hold."""
        ...

    @property
    def received(self) -> Path:
        """The folder of the files that it has received, after `collect`."""
        ...

    @property
    def repeated(self) -> list[str]:
        """Where it has a bundle a second time."""
        ...

    @property
    def damaged(self) -> dict[str, str]:
        """Why bundles that it has are none, by their place."""
        ...

    def collect(self) -> None:
        """Bring what came since the last call into the folder; while it is away, nothing."""
        ...

    def start(self) -> None:
        """Let it come back, with the same port and what it had."""
        ...

    def stop(self) -> None:
        """Let it go away from one moment to the next."""
        ...


@dataclass(slots=True)
class HttpPremises:
    """A listener, which unpacks bundles by itself."""

    listener: Listener
    repeated: list[str] = field(default_factory=list[str])
    damaged: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def settings(self) -> dict[str, object]:
        """See `Premises`."""
        return {**_delivery("http", self.listener.url, self.listener.address)}

    @property
    def credentials(self) -> Mapping[str, str]:
        """See `Premises`."""
        return self.listener.secret()

    @property
    def received(self) -> Path:
        """See `Premises`."""
        return self.listener.received

    def collect(self) -> None:
        """See `Premises`: a listener answers once the files are in their places."""

    def start(self) -> None:
        """See `Premises`."""
        self.listener.start()

    def stop(self) -> None:
        """See `Premises`."""
        self.listener.stop()


class StorePremises:
    """A store; what is in its bucket is unpacked as whoever works with it would.

    Args:
        store: the store.
        folder: gets what is unpacked.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.repeated: list[str] = []
        self.damaged: dict[str, str] = {}
        self._inbox = Inbox(folder)
        self._owner: S3Client = store.owner()
        self._seen: set[str] = set()

    @property
    def settings(self) -> dict[str, object]:
        """See `Premises`."""
        bucket = {"baler:filesReceiverBucket": self.store.bucket}
        return {**_delivery("s3", self.store.url, self.store.address), **bucket}

    @property
    def credentials(self) -> Mapping[str, str]:
        """See `Premises`."""
        return self.store.secret()

    @property
    def received(self) -> Path:
        """See `Premises`."""
        return self._inbox.received

    def collect(self) -> None:
        """See `Premises`."""
        try:
            for page in self._owner.get_paginator("list_objects_v2").paginate(Bucket=self.store.bucket):
                for item in page.get("Contents", []):
                    self._take(item.get("Key", ""))
        except (BotoCoreError, ClientError):
            return  # it is away; the next call goes on

    def _take(self, key: str) -> None:
        if key in self._seen or not key.endswith(SUFFIX):
            return
        body = self._owner.get_object(Bucket=self.store.bucket, Key=key)["Body"].read()
        draft = self._inbox.draft()
        draft.write_bytes(body)
        bundle_id = key.rpartition("/")[2].removesuffix(SUFFIX)
        try:
            delivery = Delivery(bundle_id, "", "")
            delivery.check()
            if not self._inbox.take(draft, delivery):
                self.repeated.append(key)
        except BadBundleError as error:
            self.damaged[key] = str(error)
        self._seen.add(key)

    def start(self) -> None:
        """See `Premises`."""
        self.store.start()

    def stop(self) -> None:
        """See `Premises`."""
        self.store.stop()


@contextmanager
def running_premises(delivery: Pushed, folder: Path) -> Generator[Premises]:
    """Run the receiver of a delivery, and end it with the block.

    Args:
        delivery: which.
        folder: gets what it receives, and stays; it is made where it is missing.

    Raises:
        SandboxError: it did not start.
    """
    if delivery == "http":
        # Its process runs in another folder than this one.
        with running_listener(folder.resolve()) as listener:
            yield HttpPremises(listener)
    else:
        with running_store() as store:
            yield StorePremises(store, folder)


def _delivery(delivery: Pushed, url: str, address: str) -> dict[str, object]:
    return {
        "baler:filesDelivery": delivery,
        "baler:filesReceiverUrl": url,
        "baler:filesReceiverAddress": address,
        **_SOON,
        **_NO_CONSUMER,
    }
