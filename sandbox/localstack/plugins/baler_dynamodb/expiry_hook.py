"""Looks for items whose time is over, as long as LocalStack runs."""

from __future__ import annotations

import threading
import time

from baler_wire.current import in_force
from localstack.runtime import hooks

from baler_dynamodb.expiry import delete_expired
from baler_dynamodb.one_step import ONE_STEP

_PAUSE_SECONDS = 1.0


@hooks.on_infra_start()
def delete_expired_items() -> None:
    """Begin to look for them; without a profile that says so, none is deleted."""
    threading.Thread(target=_keep_deleting, daemon=True, name="baler-expiry").start()


def _keep_deleting() -> None:
    pause = threading.Event()
    while not pause.wait(_PAUSE_SECONDS):
        wire = in_force()
        share = wire.profile.items.expire
        if not share:
            continue
        from moto.dynamodb.models import dynamodb_backends  # noqa: PLC0415 - once somebody wants it

        backends = [backend for account in list(dynamodb_backends.values()) for backend in list(account.values())]
        for table in [table for backend in backends for table in list(backend.tables.values())]:
            with ONE_STEP:
                deleted = delete_expired(table, time.time(), share)
            for _ in range(deleted):
                wire.counts.fault("dynamodb", "item-expired")
