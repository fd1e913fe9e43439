"""What `make sandbox` prints of the file pipeline: where things are, how to send, and where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.usage.terminal import to_try

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.deployed import DeployedCourier, DeployedFiles
    from sandbox.receivers.premises import Premises


def how_to_use_files(deployed: DeployedFiles, log: Path, env: Path, premises: Premises | None) -> list[str]:
    """Return the lines.

    Args:
        deployed: the stack.
        log: of LocalStack.
        env: what a terminal sources; beside it is the place of what a consumer would receive.
        premises: the receiver that the courier delivers to; None where a consumer is to pull.
    """
    takes = f"  AWS_PROFILE=consumer baler consume --into {env.with_name('received')}"
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
        *to_try(
            env,
            [
                "  AWS_PROFILE=external-party aws s3 cp --recursive docs s3://$BALER_LANDING_BUCKET",
                f"  find {premises.received} -type f" if premises else takes,
                "  baler status",
            ],
        ),
    ]


def _where_it_goes(courier: DeployedCourier, premises: Premises) -> list[str]:
    return [
        f"  courier              {courier.function}, logs to {courier.log_group}",
        f"  breaker, receipts    {courier.table}",
        f"  receiver's secret    {courier.secret}",
        f"  receiver             {premises.settings['baler:filesReceiverUrl']}",
    ]
