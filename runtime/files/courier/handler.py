"""The Lambda handler: wires the courier to AWS and to its receiver once per execution environment, and delegates.

The mailbox's events and the rule of each minute invoke it alike, asynchronously; both say "look", and nothing of them
is read. So no event is ever retried for what a run could not do: the next one looks again.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from baler.files.aws.courier_table import DynamoCourierTable
from runtime.files.aws.clients import CourierClients
from runtime.files.aws.crew import ThreadCrew
from runtime.files.aws.mailbox import S3CourierMailbox
from runtime.files.aws.secrets import SecretsManagerSecret
from runtime.files.courier.courier import Courier
from runtime.files.courier.environment import Environment
from runtime.files.courier.observability import logger, report_run, tracer
from runtime.files.receivers.credentials import Credentials
from runtime.files.receivers.http.endpoint import ReceiverEndpoint
from runtime.files.receivers.http.receiver import HttpReceiver
from runtime.files.receivers.s3.receiver import S3Receiver
from runtime.files.receivers.s3.settings import StoreSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from runtime.files.courier.run_report import RunReport

_OWNER_BYTES: Final = 8
# What is left for the report when the last call is over.
_REPORT_SECONDS: Final = 2.0


def _receiver(environment: Environment, credentials: Credentials) -> HttpReceiver | S3Receiver:
    store = environment.store
    if store is None:
        endpoint = ReceiverEndpoint.of(environment.receiver_url, environment.receiver_address)
        return HttpReceiver(endpoint, credentials)
    settings = StoreSettings(
        url=environment.receiver_url,
        address=environment.receiver_address,
        bucket=store.bucket,
        prefix=store.prefix,
        region=store.region,
        path_style=store.path_style,
        conditional_puts=store.conditional_puts,
        verify_by_read=store.verify_by_read,
        told_checksums=store.checksums == "when-supported",
    )
    return S3Receiver.over_tls(settings, credentials)


_environment = Environment.read(os.environ)
_clients = CourierClients.connect(_environment.distribution_bucket)
_credentials = Credentials(
    SecretsManagerSecret(_clients.secrets, _environment.receiver_secret), _environment.credentials_grace_seconds
)
_to = _receiver(_environment, _credentials)
_crew = ThreadCrew(ThreadPoolExecutor(_environment.limits.parallel_sends))


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - every event says "look"
    """Deliver what waits in the mailbox.

    Raises:
        Unavailable: the table or the mailbox could not be used, for all bundles or for some.
    """
    deadline = time.time() + context.get_remaining_time_in_millis() / 1000 - _REPORT_SECONDS
    courier = Courier(
        mailbox=S3CourierMailbox(_clients.mailbox, _environment.distribution_bucket, deadline),
        receiver=_to,
        table=DynamoCourierTable(
            _clients.table, _environment.courier_table, _environment.receipt_lifetime_seconds, deadline
        ),
        crew=_crew,
        limits=_environment.limits,
        clock=time.time,
        pause=time.sleep,
        new_owner=lambda: os.urandom(_OWNER_BYTES).hex(),
    )
    counts: Counter[str] = Counter()

    def show(part: RunReport) -> None:
        report_run(part, _environment.stack, time.time(), _credentials.age_seconds)
        counts.update(delivered=len(part.delivered), refused=len(part.refused), failed=len(part.failed))

    report = courier.run(deadline, show)
    show(report)
    if report.failure is not None:
        raise report.failure
    # For people who invoke it by hand; nobody else sees it.
    return {
        "held": report.held,
        **counts,
        "breaker": None if report.breaker is None else str(report.breaker.phase),
    }
