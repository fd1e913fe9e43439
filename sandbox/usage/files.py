"""What `make sandbox` prints of the file pipeline: where things are, how to send, and where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.iam.parties import environment_of
from sandbox.usage.shell import variables

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.deployed import DeployedCourier, DeployedFiles
    from sandbox.receivers.premises import Premises


def how_to_use_files(deployed: DeployedFiles, log: Path, folder: Path, premises: Premises | None) -> list[str]:
    """Return the lines.

    Args:
        deployed: the stack.
        log: of LocalStack.
        folder: of what a consumer would receive.
        premises: the receiver that the courier delivers to; None where a consumer is to pull.
    """
    sends = variables(environment_of(deployed, "external-party"))
    put = f"  {sends} .venv/bin/python -m sandbox put {deployed.landing_bucket} docs"
    return [
        "",
        f"  landing bucket       {deployed.landing_bucket}",
        f"  archive bucket       {deployed.archive_bucket}",
        f"  distribution bucket  {deployed.distribution_bucket}",
        f"  ingest queue         {deployed.ingest_queue_url}",
        f"  dead letters         {deployed.dead_letter_queue_url}",
        f"  claim table          {deployed.claim_table}",
        f"  function             {deployed.aggregator_function}, logs to {deployed.aggregator_log_group}",
        *(_where_it_goes(deployed.courier, premises) if deployed.courier and premises else []),
        f"  LocalStack's log     {log}",
        "",
        *(_pushed(premises, put) if premises else _pulled(deployed, folder, put)),
        "",
        "Ctrl-C ends it; nothing in it is kept.",
    ]


def _where_it_goes(courier: DeployedCourier, premises: Premises) -> list[str]:
    return [
        f"  courier              {courier.function}, logs to {courier.log_group}",
        f"  breaker, receipts    {courier.table}",
        f"  receiver's secret    {courier.secret}",
        f"  receiver             {premises.settings['baler:filesReceiverUrl']}",
    ]


def _pulled(deployed: DeployedFiles, folder: Path, put: str) -> list[str]:
    takes = variables(environment_of(deployed, "consumer"))
    return [
        "In another terminal, in this folder, put a folder's files, then take the bundles:",
        "",
        put,
        f"  {takes} .venv/bin/baler consume --mailbox {deployed.distribution_bucket} --into {folder / 'received'}",
    ]


def _pushed(premises: Premises, put: str) -> list[str]:
    return [
        "In another terminal, in this folder, put a folder's files, and look at what the receiver has:",
        "",
        put,
        f"  find {premises.received} -type f",
    ]
