"""Puts what measures into LocalStack's services."""

from __future__ import annotations

import functools
import time
from typing import Any

from localstack.runtime import hooks


@hooks.on_infra_start()
def measure_as_aws_does() -> None:
    """Measure functions, queues, tables and what log lines tell."""
    # As late as may be: they load the services.
    from localstack.aws import handlers  # noqa: PLC0415
    from localstack.services.edge import ROUTER  # noqa: PLC0415
    from localstack.services.lambda_.invocation import version_manager  # noqa: PLC0415
    from localstack.services.sqs import provider as sqs  # noqa: PLC0415
    from moto.logs.models import LogsBackend  # noqa: PLC0415

    from baler_cloudwatch import functions, hastened, queues, tables  # noqa: PLC0415

    version_manager.LambdaVersionManager.invoke = functions.measuring(version_manager.LambdaVersionManager.invoke)
    version_manager.record_cw_metric_invocation = functions.leave_to_measuring
    version_manager.record_cw_metric_error = functions.leave_to_measuring
    sqs.publish_sqs_metric = queues.measure_queue_event
    sqs.publish_sqs_metric_batch = queues.leave_to_samples
    LogsBackend.put_log_events = _with_metrics(LogsBackend.put_log_events)
    handlers.run_custom_response_handlers.append(tables.measure_throttles)
    ROUTER.add("/_baler/time-lapse", endpoint=hastened.answer, methods=["GET", "PUT"])


def _with_metrics(put_log_events: Any) -> Any:
    from baler_cloudwatch.emf import embedded  # noqa: PLC0415 - see above
    from baler_cloudwatch.samples import STORE, Metric  # noqa: PLC0415

    @functools.wraps(put_log_events)
    def put(backend: Any, log_group_name: str, log_stream_name: str, log_events: list[dict[str, Any]]) -> Any:
        answer = put_log_events(backend, log_group_name, log_stream_name, log_events)
        for found in embedded((event["message"] for event in log_events), time.time()):
            metric = Metric(backend.account_id, backend.region_name, found.namespace, found.name, found.dimensions)
            values: dict[float, int] = {}
            for value in found.values:
                values[value] = values.get(value, 0) + 1
            STORE.put(metric, found.at, values, found.unit)
        return answer

    return put
