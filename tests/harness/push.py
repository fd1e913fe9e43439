"""A pipeline that delivers by its courier to a receiver of this machine, as tests handle it."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import contextmanager
from secrets import token_bytes
from typing import TYPE_CHECKING, Any

from baler.files.aws.courier_table import COURIER, KEY
from baler.files.bundle.ids import PREFIX, QUARANTINE_PREFIX, bundle_key, new_bundle_id
from baler.files.courier.breaker import Cause, Phase
from harness.consumer import make_bundle
from harness.pipeline import Pipeline, wait_until
from sandbox.courier import Receipt, breaker_of, put_credentials, receipts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from baler.files.courier.breaker import Breaker
    from sandbox.deployed import DeployedCourier
    from sandbox.receivers.premises import Premises

ALIAS = "live"
_RING_SECONDS = 1.0
_SELDOM_SECONDS = 10.0


class Push:
    """A deployed pipeline, its courier, and the receiver."""

    breaker_opens_after = 3
    """Failures in a row, by default."""

    def __init__(self, pipeline: Pipeline, premises: Premises) -> None:
        assert pipeline.deployed.courier is not None
        self.pipeline = pipeline
        self.premises = premises
        self.courier: DeployedCourier = pipeline.deployed.courier
        self._aws = pipeline.aws
        self._landed = 0

    def entrust(self, credentials: Mapping[str, str] | None = None) -> None:
        """Put what the receiver wants, or something else, into its secret."""
        put_credentials(self._aws, self.courier, self.premises.credentials if credentials is None else credentials)

    def betray(self, credentials: Mapping[str, str]) -> None:
        """Leave nothing in the secret but these, not even in the version before, which a courier tries as well."""
        self.entrust(credentials)
        self.entrust(credentials)

    def ring(self) -> None:
        """Wake the courier, as the rule does each minute."""
        self._aws.functions.invoke(FunctionName=self.courier.function, Qualifier=ALIAS, InvocationType="Event")

    def land(self, count: int = 1) -> dict[str, bytes]:
        """Let files land, each in a bundle of its own; return them by key, once all are archived."""
        files: dict[str, bytes] = {}
        for _ in range(count):
            self._landed += 1
            key, body = f"pushed/{self._landed:03d}", b"%d" % self._landed * 1000
            self.pipeline.land(key, body)
            files[key] = body
            wait_until("its bundle", self.pipeline.archived_keys, lambda found, key=key: key in found)
        return files

    def mail(self, count: int = 1) -> dict[str, dict[str, bytes]]:
        """Put bundles of one file each where they wait, as the aggregator does; return the files by bundle."""
        mailed: dict[str, dict[str, bytes]] = {}
        for _ in range(count):
            self._landed += 1
            files = {f"pushed/{self._landed:03d}": b"%d" % self._landed * 1000}
            bundle_id, body = make_bundle([*files.items()], self._landed)
            mailed[self.put_into_mailbox(body, bundle_id=bundle_id)] = files
        return mailed

    def put_into_mailbox(self, body: bytes, *, sha256: str = "", bundle_id: str = "") -> str:
        """Put an object where bundles wait, with the metadata of one; return its key."""
        key = bundle_key(bundle_id or new_bundle_id(time.time(), token_bytes(8)))
        metadata = {"content-sha256": sha256 or hashlib.sha256(body).hexdigest(), "file-count": "1"}
        self._aws.s3.put_object(
            Bucket=self.pipeline.deployed.distribution_bucket, Key=key, Body=body, Metadata=metadata
        )
        return key

    def waiting(self) -> set[str]:
        """The keys of the bundles in the mailbox."""
        return self._keys(PREFIX)

    def quarantined(self) -> set[str]:
        """The keys that the bundles had which were set aside."""
        return {key.replace(QUARANTINE_PREFIX, PREFIX, 1) for key in self._keys(QUARANTINE_PREFIX)}

    def receipts(self) -> dict[str, Receipt]:
        """The receipts by the keys of bundles."""
        return {key: each for key, each in receipts_of(self._aws, self.courier).items() if each.delivered_at}

    def breaker(self) -> Breaker:
        return breaker_of(self._aws, self.courier)

    def logs(self) -> list[dict[str, Any]]:
        """What the courier has logged, as far as it is JSON."""
        pages = self._aws.logs.get_paginator("filter_log_events").paginate(logGroupName=self.courier.log_group)
        lines = [event.get("message", "") for page in pages for event in page["events"]]
        return [json.loads(line) for line in lines if line.startswith("{")]

    def wait_until_delivered(self, *keys: str) -> None:
        """Wake the courier until nothing waits, and each of these bundles has a receipt."""
        self._wait_ringing("an empty mailbox", self.waiting, lambda waiting: not waiting)
        missing = set(keys) - self.receipts().keys()
        assert not missing, f"no receipt of {sorted(missing)}"

    def wait_until_open(self, cause: Cause) -> Breaker:
        """Wake the courier until its breaker is open for a cause."""
        return self._wait_ringing(
            f"a breaker that is open because of {cause}", self.breaker, lambda breaker: breaker.cause is cause
        )

    def wait_until_probed(self) -> None:
        """Wake the courier until it has probed the receiver since its breaker opened."""
        self._wait_ringing("a probe", self.breaker, lambda breaker: breaker.probes >= 1)

    def wait_until_closed(self) -> None:
        """Wake the courier until its breaker is closed."""
        self._wait_ringing("a closed breaker", self.breaker, lambda breaker: breaker.phase is Phase.CLOSED)

    def wait_until_quarantined(self, *keys: str) -> None:
        """Wake the courier until bundles are set aside."""
        self._wait_ringing(f"{keys} set aside", self.quarantined, lambda aside: aside >= set(keys))

    def received(self) -> dict[str, bytes]:
        """The files that the receiver has, by path."""
        self.premises.collect()
        folder = self.premises.received
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def settle(self) -> None:
        """Make all well, so that the next test finds nothing of this one."""
        self.entrust()
        self._wait_ringing("an empty mailbox", self.waiting, lambda waiting: not waiting)
        self.wait_until_closed()
        bucket = self.pipeline.deployed.distribution_bucket
        for key in self._keys(QUARANTINE_PREFIX):
            self._aws.s3.delete_object(Bucket=bucket, Key=key)

    @contextmanager
    def with_environment(self, **variables: str) -> Generator[None]:
        """Release a courier whose environment differs, for the length of the block."""
        present = self._aws.functions.get_function_configuration(FunctionName=self.courier.function)["Environment"]  # pyright: ignore[reportTypedDictNotRequiredAccess]  # it has some
        self._release({**present["Variables"], **variables})  # pyright: ignore[reportTypedDictNotRequiredAccess]  # as above
        try:
            yield
        finally:
            self._release(present["Variables"])  # pyright: ignore[reportTypedDictNotRequiredAccess]  # as above

    def _release(self, variables: Mapping[str, str]) -> None:
        """Release a courier with this environment, and end the release before: it may have been rung and come late.

        It would deliver then, with the credentials that it keeps.
        """
        functions, name = self._aws.functions, self.courier.function
        before = functions.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"]
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": dict(variables)})
        after = functions.publish_version(FunctionName=name)["Version"]
        functions.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=after)
        # A run that is killed keeps its lease for a while.
        wait_until("the end of a run", self._lease_until, lambda until: until < time.time())
        functions.delete_function(FunctionName=name, Qualifier=before)

    def _lease_until(self) -> float:
        """When the lease of the courier at work runs out, seconds since the epoch; 0 where it was given back."""
        found = self._aws.dynamodb.get_item(
            TableName=self.courier.table, Key={KEY: {"S": COURIER}}, ConsistentRead=True
        )
        return float(found.get("Item", {}).get("lease_until", {}).get("N", "0"))

    def _keys(self, prefix: str) -> set[str]:
        bucket = self.pipeline.deployed.distribution_bucket
        pages = self._aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {item.get("Key", "") for page in pages for item in page.get("Contents", [])}

    def _wait_ringing(self, what: str, look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
        """Look until what is seen is what is wanted, and wake the courier, less and less often.

        Each time is a process on this machine where the one before has not ended.
        """
        pause, next_ring = _RING_SECONDS, 0.0

        def ring_and_look() -> Any:
            nonlocal pause, next_ring
            if time.monotonic() > next_ring:
                self.ring()
                next_ring = time.monotonic() + pause
                pause = min(pause * 1.5, _SELDOM_SECONDS)
            return look()

        return wait_until(what, ring_and_look, wanted)
