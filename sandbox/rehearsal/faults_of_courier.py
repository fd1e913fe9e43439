"""Faults of the file pipeline whose bundles a courier pushes."""

from __future__ import annotations

import hashlib
import time
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final

from baler.cli.exit_codes import ExitCode
from baler.files.bundle.ids import QUARANTINE_PREFIX, bundle_key, new_bundle_id
from sandbox.receivers.premises import HttpPremises
from sandbox.rehearsal.fault import Broken, Fault, Typed
from sandbox.rehearsal.functions import bad_release

if TYPE_CHECKING:
    from sandbox.deployed import DeployedCourier
    from sandbox.rehearsal.stages import FilesStage

_UNHEALTHY: Final = "pipeline-unhealthy"
_FILES: Final = {"client.pem": "certificate", "client.key": "key", "ca.pem": "ca_certificate"}
"""What the page calls the files, and the secret their content."""


def _receiver_down(stage: FilesStage) -> Broken:
    premises = _premises_of(stage)
    premises.stop()
    return Broken(others=premises.start, who="whoever runs the receiver starts it again")


def _credentials_refused(stage: FilesStage) -> Broken:
    """Let the receiver change: a courier that runs would use what it read of another secret for five minutes more."""
    premises = _premises_of(stage)
    premises.listener.renew()
    place = stage.folder.resolve() / "from-the-receiver"
    place.mkdir(exist_ok=True)
    trusted = premises.credentials  # a certificate of its own each time that somebody asks
    for file, field in _FILES.items():
        (place / file).write_text(trusted[field], encoding="utf-8")
    return Broken(
        filled={" ".join(_FILES): lambda: " ".join(str(place / file) for file in _FILES)},
        hint=f"What the receiver trusts is in {place}: {', '.join(_FILES)}.",
    )


def _courier_broken(stage: FilesStage) -> Broken:
    return bad_release(stage.aws, _courier_of(stage).function)


def _refused_bundles(stage: FilesStage) -> Broken:
    bucket, body = stage.deployed.distribution_bucket, b"no bundle, but with its own hash"
    key = bundle_key(new_bundle_id(time.time(), token_bytes(8)))
    metadata = {"content-sha256": hashlib.sha256(body).hexdigest(), "file-count": "1"}
    stage.aws.s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata=metadata)

    def set_aside() -> str:
        found = stage.aws.s3.list_objects_v2(Bucket=bucket, Prefix=QUARANTINE_PREFIX).get("Contents", [])
        return found[0].get("Key", "").removeprefix(QUARANTINE_PREFIX) if found else ""

    return Broken(filled={"<bundle key>": set_aside})


def _premises_of(stage: FilesStage) -> HttpPremises:
    assert isinstance(stage.premises, HttpPremises)  # noqa: S101 - the faults below say so
    return stage.premises


def _courier_of(stage: FilesStage) -> DeployedCourier:
    assert stage.deployed.courier is not None  # noqa: S101 - likewise
    return stage.deployed.courier


FAULTS_OF_COURIER: Final[tuple[Fault[Any], ...]] = (
    Fault(
        "receiver-down",
        "the receiver is gone",
        "receiver-down",
        ("files-receiver-unreachable", _UNHEALTHY),
        _receiver_down,
        typed=(Typed("get-item"),),
        delivery="http",
        waits=6.0,
    ),
    Fault(
        "credentials-refused",
        "the receiver has a new authority, and knows the courier's certificate no more",
        "credentials-refused",
        ("files-credentials-refused", _UNHEALTHY),
        _credentials_refused,
        typed=(Typed("export SECRET"), Typed("umask 077"), Typed("put-secret-value")),
        delivery="http",
        settings={"baler:filesCredentialsGraceMinutes": 1},
        waits=6.0,
    ),
    Fault(
        "courier-broken",
        "a release of the courier that cannot even be loaded",
        "courier-broken",
        ("files-courier-errors", _UNHEALTHY),
        _courier_broken,
        typed=(Typed("export COURIER"), Typed("update-alias"), Typed("invocation-type Event")),
        delivery="http",
    ),
    Fault(
        "refused-bundles",
        "the receiver refuses one bundle and takes the others",
        "refused-bundles",
        ("files-refused-bundles",),
        _refused_bundles,
        typed=(Typed("--all --dry-run", again_at=ExitCode.UNFINISHED), Typed("aws s3 rm")),
        delivery="http",
    ),
)
