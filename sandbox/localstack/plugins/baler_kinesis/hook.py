"""Puts the poller where LocalStack makes its own."""

from __future__ import annotations

from localstack.runtime import hooks


@hooks.on_infra_start()
def poll_as_aws_does() -> None:
    """Let every mapping of a stream be served by ours."""
    from localstack.services.lambda_.event_source_mapping import esm_worker_factory  # noqa: PLC0415 - as late as may be

    from baler_kinesis.poller import FaithfulKinesisPoller  # noqa: PLC0415 - see above

    esm_worker_factory.KinesisPoller = FaithfulKinesisPoller
