"""Puts the poller where LocalStack makes its own, with each mapping's maximum concurrency."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from localstack.runtime import hooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.services.lambda_.event_source_mapping.esm_worker_factory import EsmWorkerFactory


@hooks.on_infra_start()
def read_queues_as_lambda_does() -> None:
    """Let every mapping of a queue be served by ours."""
    from localstack.services.lambda_.event_source_mapping import esm_worker_factory  # noqa: PLC0415 - as late as may be

    from baler_queues.poller import ReadersOfQueue  # noqa: PLC0415 - see above

    def limited(get_worker: Callable[[EsmWorkerFactory], Any]) -> Callable[[EsmWorkerFactory], Any]:
        @wraps(get_worker)
        def worker_of(factory: EsmWorkerFactory) -> Any:
            worker = get_worker(factory)
            if isinstance(worker.poller, ReadersOfQueue):
                worker.poller.limit((factory.esm_config.get("ScalingConfig") or {}).get("MaximumConcurrency"))
            return worker

        return worker_of

    esm_worker_factory.SqsPoller = ReadersOfQueue
    esm_worker_factory.EsmWorkerFactory.get_esm_worker = limited(esm_worker_factory.EsmWorkerFactory.get_esm_worker)
