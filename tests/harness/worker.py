"""An aggregator process of its own: takes one batch from the real queue, and dies or meets faults where it is told.

    python worker.py <job as JSON, see Job>

Everything but the trigger and the faults is the product's: what Lambda's poller does around the handler is done here,
so that the process can be killed at a named point, and so that nothing else takes the messages. It prints what became
of the messages, by outcome and reason.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.exceptions import ClientError, HTTPClientError

from baler.aws.http.client import HttpClient
from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.claims.protocol import ClaimProtocol
from runtime.files.aggregator.attempt import Stores
from runtime.files.aggregator.batch import Aggregator, BatchLimits, Message
from runtime.files.aws.buckets import S3Archive, S3Mailbox
from runtime.files.aws.clients import Clients
from runtime.files.aws.landing import S3Landing

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.aws.http.client import Request
    from baler.aws.http.connections import Answer

_CONNECTIONS: Final = 8
_TIMEOUT_SECONDS: Final = 60
# Messages of a process that is to be killed are seen again after this: a night's visibility timeout, shortened.
_VISIBILITY_SECONDS: Final = 3
# Those of one that settles them itself, which it can only while they are its own.
_SETTLED_SECONDS: Final = 3600
_GATHERING_SECONDS: Final = 600


@dataclass(frozen=True)
class Fault:
    """What S3 or DynamoDB does wrong to requests.

    Attributes:
        service: "s3" or "dynamodb".
        operation: "PutObject", ...
        marker: what such a request has in its path (S3) or in its document (DynamoDB).
        times: how many requests it is done to; ATTEMPTS of them are a call.
        applied: the request takes effect, and its answer is lost all the same.
    """

    service: str
    operation: str
    marker: str
    times: int
    applied: bool = False


@dataclass(frozen=True)
class Job:
    """What a worker does.

    Attributes:
        landing, archive, distribution, table, queue_url: the deployed stack's.
        messages: how many make the batch.
        die: the call at which it kills itself, for example "after archive.put"; "" for none.
        clock_ahead: seconds that its clock is ahead of this machine's.
        faults: done to its requests; each has the fields of Fault.
    """

    landing: str
    archive: str
    distribution: str
    table: str
    queue_url: str
    messages: int
    die: str
    clock_ahead: float
    faults: list[Fault]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        fields: dict[str, Any] = json.loads(text)
        fields["faults"] = [Fault(**fault) for fault in fields["faults"]]
        return cls(**fields)


class Deadly:
    """A port whose calls kill the process, before or after their effect."""

    def __init__(self, name: str, port: object, die: str) -> None:
        self._name = name
        self._port = port
        self._die = die

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call = getattr(self._port, method)

        def deadly(*arguments: object) -> Any:
            self._perhaps(f"before {self._name}.{method}")
            answer = call(*arguments)
            self._perhaps(f"after {self._name}.{method}")
            return answer

        return deadly

    def _perhaps(self, point: str) -> None:
        if point == self._die:
            os.kill(os.getpid(), signal.SIGKILL)


def break_requests(faults: list[Fault]) -> None:
    """Lose requests, or only the answers to them, as a connection does that ends."""
    left = [fault.times for fault in faults]
    answer_to = HttpClient._answer  # pyright: ignore[reportPrivateUsage]  # one request, below the attempts

    def answer(self: HttpClient, request: Request, earlier: int) -> Answer:
        for number, fault in enumerate(faults):
            if not left[number] or not hits(fault, request):
                continue
            left[number] -= 1
            if fault.applied:
                with suppress(ClientError):  # a refusal is an answer too, and is lost like any
                    answer_to(self, request, earlier).read()
            raise HTTPClientError(error=TimeoutError("the test lost it"))
        return answer_to(self, request, earlier)

    HttpClient._answer = answer  # pyright: ignore[reportPrivateUsage]


def hits(fault: Fault, request: Request) -> bool:
    if request.operation != fault.operation:
        return False
    if fault.service == "s3":
        return fault.marker in request.path
    return isinstance(request.body, bytes) and fault.marker in request.body.decode()


def gather(sqs: Any, job: Job) -> list[dict[str, Any]]:
    """Receive until the batch is full, as a batching window does."""
    batch: dict[str, dict[str, Any]] = {}
    deadline = time.monotonic() + _GATHERING_SECONDS
    while len(batch) < job.messages:
        if time.monotonic() > deadline:
            sys.exit(f"only {len(batch)} of {job.messages} messages came")
        answer = sqs.receive_message(
            QueueUrl=job.queue_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=_VISIBILITY_SECONDS if job.die else _SETTLED_SECONDS,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        batch.update({message["MessageId"]: message for message in answer.get("Messages", [])})
    return list(batch.values())


def work(job: Job) -> Counter[str]:
    clients = Clients.connect(job.landing, job.archive, job.distribution)
    sqs = boto3.client("sqs")
    break_requests(job.faults)

    def clock() -> float:
        return time.time() + job.clock_ahead

    pool = ThreadPoolExecutor(_CONNECTIONS)

    def stores(until: float) -> Stores:
        over = until - job.clock_ahead
        table: Any = Deadly("table", DynamoClaimTable(clients.claims, job.table, over), job.die)
        archive: Any = Deadly("archive", S3Archive(clients.archive, job.archive, over), job.die)
        mailbox: Any = Deadly("mailbox", S3Mailbox(clients.mailbox, job.distribution, job.archive, over), job.die)
        landing: Any = Deadly("landing", S3Landing(clients.landing, pool, 1024 * 1024, 1024 * 1024, over), job.die)
        claims = ClaimProtocol(table, archive, mailbox, concurrently=pool.map, clock=clock, pause=time.sleep)
        return Stores(claims, landing, archive, mailbox)

    aggregator = Aggregator(
        stores,
        BatchLimits(job.landing, 30 * 86_400, 1024 * 1024, 16 * 1024 * 1024, 1024 * 1024),
        clock,
        os.urandom,
    )
    batch = gather(sqs, job)
    messages = [
        Message(message["MessageId"], message["Body"], int(message["Attributes"]["SentTimestamp"]) / 1000)
        for message in batch
    ]
    report = aggregator.handle(messages, clock() + _TIMEOUT_SECONDS)
    if job.die == "before the messages are settled":
        os.kill(os.getpid(), signal.SIGKILL)
    outcomes: Counter[str] = Counter()
    for message in batch:
        outcome = report.messages[message["MessageId"]]
        outcomes[outcome.reason or outcome.kind] += 1
        if outcome.done:
            sqs.delete_message(QueueUrl=job.queue_url, ReceiptHandle=message["ReceiptHandle"])
        else:
            # At once, whatever the backoff: the next worker's clock says that it has passed.
            sqs.change_message_visibility(
                QueueUrl=job.queue_url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
    return outcomes


if __name__ == "__main__":
    sys.stdout.write(json.dumps(work(Job.from_json(sys.argv[1]))) + "\n")
