"""The mapping of a stream in LocalStack, whose own poller halves no batch and serves one shard at a time.

The rules are in `delivery`, `batch`, `shards` and `reader`; this is what they reach. Requests to the stream and to the
destination are signed by the function's role, as Lambda's are.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from baler_cloudwatch.samples import measured
from botocore.exceptions import ClientError
from localstack.services.lambda_.event_source_mapping.pipe_utils import get_internal_client
from localstack.services.lambda_.event_source_mapping.pollers.kinesis_poller import KinesisPoller
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import get_queue_url
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.utils.aws.arns import parse_arn, s3_bucket_name
from localstack.utils.aws.client_types import ServicePrincipal

from baler_kinesis.answer import Failed, NotInvoked, Succeeded, outcome
from baler_kinesis.batch import BatchCollector
from baler_kinesis.delivery import Rules, StoppedError, sequence_number
from baler_kinesis.destination import invocation_record, object_key, with_payload
from baler_kinesis.reader import BusyError, ExpiredError, Page, read_shard
from baler_kinesis.shards import Checkpoints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from baler_kinesis.answer import Outcome
    from baler_kinesis.delivery import Discarded

LOG = logging.getLogger(__name__)

_AFTER_AN_ERROR_SECONDS = 2.0


@dataclass
class _Progress:
    """What a mapping keeps when it is changed: LocalStack makes a new poller, beside the old one for a moment."""

    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    readers: dict[str, threading.Thread] = field(default_factory=dict)


_PROGRESS: dict[str, _Progress] = {}


class FaithfulKinesisPoller(KinesisPoller):
    """Reads the shards of a stream beside each other, a thread each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._progress = _PROGRESS.setdefault(self.esm_uuid, _Progress())
        self._stale = True  # the list of shards: children come where a parent has ended

    def poll_events(self) -> None:
        """Start what can be read; LocalStack calls this once a second."""
        readers = self._progress.readers
        for shard in [shard for shard, reader in readers.items() if not reader.is_alive()]:
            del readers[shard]
            self._stale = True
        if not self._stale:
            return
        shards = self.source_client.list_shards(StreamARN=self.source_arn)["Shards"]
        self._progress.checkpoints.begin(shards, self._starting())
        for shard in self._progress.checkpoints.ready(shards):
            if shard not in readers:
                readers[shard] = threading.Thread(target=self._read, args=(shard,), name=f"{self.esm_uuid}-{shard}")
                readers[shard].daemon = True
                readers[shard].start()
        # A reader of the poller before this one may still run.
        self._stale = False

    def close(self) -> None:
        """Stop reading. What is being delivered is delivered anew when the mapping goes on."""
        super().close()
        if self._mapping().get("State") == "Deleting":
            _PROGRESS.pop(self.esm_uuid, None)

    def _read(self, shard: str) -> None:
        mapping = self._mapping()
        try:
            read_shard(
                shard,
                records=_Records(self),
                checkpoints=self._progress.checkpoints,
                collector=BatchCollector(
                    self.stream_parameters["BatchSize"], self.stream_parameters["MaximumBatchingWindowInSeconds"]
                ),
                rules=Rules(
                    retries=mapping.get("MaximumRetryAttempts", -1),
                    record_age=mapping.get("MaximumRecordAgeInSeconds", -1),
                    bisect=bool(mapping.get("BisectBatchOnFunctionError")),
                ),
                surroundings=_Surroundings(self, shard),
                steady=time.monotonic,
            )
        except StoppedError:
            return
        except ClientError as error:
            LOG.warning("The mapping %s cannot read %s of %s: %s", self.esm_uuid, shard, self.source_arn, error)
            self._is_shutdown.wait(_AFTER_AN_ERROR_SECONDS)
        except Exception:
            LOG.exception("The mapping %s stumbled over %s of %s", self.esm_uuid, shard, self.source_arn)
            self._is_shutdown.wait(_AFTER_AN_ERROR_SECONDS)

    def _mapping(self) -> Mapping[str, Any]:
        arn = parse_arn(self.processor.sender.target_arn)
        return lambda_stores[arn["account"]][arn["region"]].event_source_mappings.get(self.esm_uuid, {})

    def _starting(self) -> dict[str, Any]:
        kind = str(self.stream_parameters["StartingPosition"])
        at = self._mapping().get("StartingPositionTimestamp")
        return {"ShardIteratorType": kind, **({"Timestamp": at} if kind == "AT_TIMESTAMP" else {})}

    def events(self, records: list[dict[str, Any]], shard: str) -> list[dict[str, Any]]:
        """Return records as the function gets them, without those that the mapping's filters keep from it."""
        events = self.pre_filter(self.transform_into_events(records, shard))
        return self.add_source_metadata(self.post_filter(self.filter_events(events)))

    def wait(self, seconds: float) -> None:
        """Wait, or raise StoppedError."""
        if self._is_shutdown.wait(seconds):
            raise StoppedError


class _Records:
    def __init__(self, poller: FaithfulKinesisPoller) -> None:
        self._poller = poller

    def iterator(self, shard: str, position: Mapping[str, Any]) -> str:
        answer = self._poller.source_client.get_shard_iterator(
            StreamARN=self._poller.source_arn, ShardId=shard, **position
        )
        return answer["ShardIterator"]

    def read(self, shard: str, iterator: str) -> Page:
        try:
            answer = self._poller.source_client.get_records(StreamARN=self._poller.source_arn, ShardIterator=iterator)
        except ClientError as error:
            match error.response["Error"]["Code"]:
                case "ExpiredIteratorException":
                    raise ExpiredError from error
                case "ProvisionedThroughputExceededException":
                    raise BusyError from error
                case _:
                    raise
        records = answer["Records"]
        last = records[-1]["SequenceNumber"] if records else ""
        return Page(self._poller.events(records, shard), last, answer.get("NextShardIterator"))


class _Surroundings:
    def __init__(self, poller: FaithfulKinesisPoller, shard: str) -> None:
        self._poller = poller
        self._shard = shard
        self._sender = poller.processor.sender

    def invoke(self, events: Sequence[dict[str, Any]]) -> Outcome:
        self.wait(0)
        sent_at = self.now()
        try:
            result = self._sender.target_client.invoke(
                FunctionName=self._sender.target_arn, Payload=json.dumps({"Records": list(events)})
            )
        except ClientError as error:
            LOG.warning("%s was not invoked: %s", self._sender.target_arn, error)
            return NotInvoked(error.response["Error"]["Code"])
        invocation = Failed(
            request=result["ResponseMetadata"]["RequestId"],
            status=result["StatusCode"],
            version=result.get("ExecutedVersion", "$LATEST"),
            error=result.get("FunctionError", ""),
        )
        numbers = [sequence_number(event) for event in events]
        reports = self._sender.report_batch_item_failures
        came_of_it = outcome(result["Payload"].read(), invocation, numbers, reports=reports)
        if isinstance(came_of_it, Succeeded):
            # Of the last record, when it was sent; silent while a batch fails (Lambda developer guide, "IteratorAge").
            age = sent_at - events[-1]["kinesis"]["approximateArrivalTimestamp"]
            self._measure(_of_function(self._sender.target_arn), {"IteratorAge": max(0.0, age) * 1000})
        return came_of_it

    def discard(self, discarded: Discarded) -> None:
        destination = self._poller.stream_parameters.get("DeadLetterConfig", {}).get("Arn")
        LOG.warning(
            "The mapping %s gives up %d records of %s: %s",
            self._poller.esm_uuid, len(discarded.events), self._shard, discarded.condition,
        )  # fmt: skip
        mapping, count = {"EventSourceMappingUUID": self._poller.esm_uuid}, len(discarded.events)
        self._measure(mapping, {"DroppedEventCount": count})
        if destination:
            try:
                self._send(destination, discarded)
            except ClientError:
                # As on AWS, which counts it and goes on: the records are lost.
                LOG.exception("%s could not be told", destination)
                self._measure(_of_function(self._sender.target_arn), {"DestinationDeliveryFailures": 1})
            else:
                self._measure(mapping, {"OnFailureDestinationDeliveredEventCount": count})

    def _measure(self, about: dict[str, str], values: dict[str, float]) -> None:
        arn = parse_arn(self._sender.target_arn)
        measured(arn["account"], arn["region"], "AWS/Lambda", about, values)

    def _send(self, destination: str, discarded: Discarded) -> None:
        now = self.now()
        function, stream = self._sender.target_arn, self._poller.source_arn
        record = invocation_record(discarded, function=function, stream=stream, shard=self._shard, now=now)
        client = get_internal_client(
            destination,
            role_arn=self._poller.invoke_identity_arn,
            service_principal=ServicePrincipal.lambda_,
            source_arn=function,
        )
        match parse_arn(destination)["service"]:
            case "sqs":
                client.send_message(QueueUrl=get_queue_url(destination), MessageBody=json.dumps(record))
            case "sns":
                client.publish(TopicArn=destination, Message=json.dumps(record))
            case "s3":
                client.put_object(
                    Bucket=s3_bucket_name(destination),
                    Key=object_key(self._poller.esm_uuid, self._shard, str(uuid.uuid4()), now),
                    Body=json.dumps(with_payload(record, discarded)),
                )
            case service:
                LOG.error("A mapping of the sandbox has no destination of %s", service)

    def now(self) -> float:
        return time.time()

    def wait(self, seconds: float) -> None:
        self._poller.wait(seconds)


def _of_function(arn: str) -> dict[str, str]:
    # `function:<name>`, or `function:<name>:<alias>`
    return {"FunctionName": parse_arn(arn)["resource"].split(":")[1]}
