"""What S3, SQS and Lambda tell the monitor of the pipeline's configuration: what was declared, but for a cause."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from metric_rules.causes import Fed, Mapping
from runtime.files.aws.path_inspection import Inspector
from runtime.files.mailbox_monitor.path import IngestPath, read_lanes

if TYPE_CHECKING:
    from harness.recorded_program import Deployed

    from metric_rules.causes import Cause


class Configuration:
    """The configuration of a stack, in the words of AWS's answers."""

    def __init__(self, deployed: Deployed) -> None:
        variables = deployed.one("lambda/function:Function", "files-mailbox-monitor").inputs["environment"]["variables"]
        self._path = IngestPath(
            bucket=variables["LANDING_BUCKET"],
            lanes=read_lanes(variables["INGEST_LANES"]),
            alias_arn=variables["AGGREGATOR_ALIAS_ARN"],
        )
        (declared,) = deployed.one("s3/bucketNotification:BucketNotification", "files-landing").inputs["queues"]
        self._notification = {"QueueArn": declared["queueArn"], "Events": declared["events"]}
        self._policies = {
            "Policy": deployed.one("sqs/queuePolicy:QueuePolicy", "files-ingest").inputs["policy"],
            "RedrivePolicy": deployed.one("sqs/queue:Queue", "files-ingest").inputs["redrivePolicy"],
        }
        mapping = deployed.one("lambda/eventSourceMapping:EventSourceMapping", "files-aggregator").inputs
        self._mapping = {"EventSourceArn": mapping["eventSourceArn"], "FunctionArn": mapping["functionName"]}

    def inspector(self, cause: Cause, messages: tuple[int, int]) -> Inspector:
        """Return the monitor's inspector, of a queue with so many visible messages, and so many that are not."""
        answers = {
            "get_bucket_notification_configuration": partial(self._bucket, cause),
            "get_queue_attributes": partial(self._queue, cause, messages),
            "get_event_source_mapping": partial(self._source, cause),
        }
        client = cast("Any", SimpleNamespace(**answers))
        return Inspector(self._path, client, client, client)

    def _bucket(self, cause: Cause, **_asked: Any) -> dict[str, Any]:
        return {} if cause.fed is Fed.NOTIFICATION_REPLACED else {"QueueConfigurations": [self._notification]}

    def _queue(self, cause: Cause, messages: tuple[int, int], **_asked: Any) -> dict[str, Any]:
        if cause.fed is Fed.QUEUE_GONE:
            raise ClientError({"Error": {"Code": "AWS.SimpleQueueService.NonExistentQueue"}}, "GetQueueAttributes")
        visible, hidden = (str(count) for count in messages)
        counts = {"ApproximateNumberOfMessages": visible, "ApproximateNumberOfMessagesNotVisible": hidden}
        policies = {**self._policies, **({"Policy": ""} if cause.fed is Fed.POLICY_GONE else {})}
        return {"Attributes": {**policies, **counts}}

    def _source(self, cause: Cause, **_asked: Any) -> dict[str, Any]:
        if cause.mapping is Mapping.MISSING:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetEventSourceMapping")
        return {**self._mapping, "State": str(cause.mapping)}
