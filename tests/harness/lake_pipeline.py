"""A lake deployed on LocalStack with its sources, as tests handle it. Nothing is fake but the cloud and the web."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from baler.lake.announcement import Announcement, message_of
from harness.pipeline import wait_until
from sandbox.demo.lake.expected import expected_of
from sandbox.demo.lake.found import Answers, Found, counters_of, left_in, messages_in, raw_objects_of, records_of
from sandbox.demo.lake.http_api import LakeApi
from sandbox.demo.lake.proof import prove
from sandbox.demo.lake.schedule import Schedule
from sandbox.engine.endpoint import Endpoint
from sandbox.iam.parties import endpoint_of
from sandbox.sources.running import PEOPLE, POSTS

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from sandbox.demo.lake.found import RawObject
    from sandbox.demo.lake.proof import Proof
    from sandbox.demo.lake.schedule import SourceRun
    from sandbox.deployed import DeployedLake
    from sandbox.sources.running import Sources
    from sandbox.sources.stand_in import StandIn

_AT_ONCE = 10


class LakePipeline:
    """The deployed lake, its sources, and clients for it."""

    def __init__(self, deployed: DeployedLake, sources: Sources) -> None:
        self.deployed = deployed
        self.sources = sources
        self.aws = endpoint_of(deployed, "operator")
        self.root = Endpoint(deployed.endpoint, deployed.region)
        self.schedule = Schedule(self.aws, deployed)
        self.api = LakeApi(deployed.api_url)

    @property
    def posts(self) -> StandIn:
        return self.sources.stand_ins[POSTS]

    @property
    def people(self) -> StandIn:
        return self.sources.stand_ins[PEOPLE]

    def fetch(self) -> Mapping[str, SourceRun]:
        """Have both sources fetched, and all that they sent curated; return how their runs ended."""
        runs = self.schedule.fire_and_wait([POSTS, PEOPLE])
        self.wait_until_counted()
        self.wait_until_idle()
        return runs

    def sent(self) -> dict[str, tuple[Any, ...]]:
        """The good answers of each source that was asked."""
        return {name: stand_in.sent for name, stand_in in self.sources.stand_ins.items() if stand_in.sent}

    def wait_until_counted(self) -> None:
        """Wait until /analytics counts all that was sent."""
        count = len(expected_of(self.sent()))
        wait_until(f"{count} records", lambda: self.api.analytics()["total"], lambda total: total == count)

    def wait_until_idle(self) -> None:
        """Wait until curation has nothing left to do."""
        url = self.deployed.curation_queue_url
        wait_until("an empty queue", lambda: messages_in(self.aws, url), lambda left: left == 0)

    def raw(self, source: str) -> list[RawObject]:
        """The raw objects of a source, the oldest first."""
        found = (each for each in raw_objects_of(self.aws, self.deployed) if each.source == source)
        return sorted(found, key=lambda each: each.captured_at)

    def records(self) -> dict[str, dict[str, Any]]:
        """The table of records."""
        return records_of(self.aws, self.deployed)

    def announce_again(self) -> int:
        """Announce every raw object once more, the newest first; return how many there are."""
        raw = sorted(raw_objects_of(self.aws, self.deployed), key=lambda each: each.captured_at, reverse=True)
        bucket = self.deployed.raw_bucket
        self.announce(*(message_of(Announcement(each.key, each.version, time.time()), bucket) for each in raw))
        return len(raw)

    def announce(self, *bodies: str) -> None:
        """Send messages to curation, as S3 or anybody might."""
        for start in range(0, len(bodies), _AT_ONCE):
            batch = bodies[start : start + _AT_ONCE]
            entries: Any = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(batch)]
            self.aws.sqs.send_message_batch(QueueUrl=self.deployed.curation_queue_url, Entries=entries)

    def dead_letters(self) -> list[dict[str, Any]]:
        """Take what is among the dead letters."""
        url = self.deployed.curation_dead_letter_queue_url
        answer: Any = self.aws.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], WaitTimeSeconds=1
        )
        for message in answer.get("Messages", []):
            self.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return answer.get("Messages", [])

    def proof(self) -> Proof:
        """Hold all that there is against all that the sources have sent."""
        records, sent = self.records(), self.sent()
        found = Found(
            raw=raw_objects_of(self.aws, self.deployed),
            records=records,
            counters=counters_of(self.aws, self.deployed),
            answers=Answers(
                all=self.api.records(limit=100),
                by_source={name: self.api.records(name, limit=100) for name in sent},
                single={name: self.api.record(name) for name in sorted(records)[::29]},
                analytics=self.api.analytics(),
            ),
            left=left_in(self.aws, self.deployed),
        )
        return prove(sent, found)

    def logged(self, log_group: str, text: str) -> list[str]:
        """The lines of a log that hold a text."""
        pages = self.aws.logs.get_paginator("filter_log_events").paginate(logGroupName=log_group)
        return [line for page in pages for event in page["events"] if text in (line := event.get("message", ""))]

    def transactions_fail(self, **fault: Any) -> None:
        """Let the next transactions on the table of records fail, as the sandbox's DynamoDB can."""
        url = f"{self.deployed.endpoint}/_baler/dynamodb/faults"
        document = json.dumps({"table": self.deployed.records_table, **fault}).encode()
        with urlopen(Request(url, document, method="POST"), timeout=300):  # noqa: S310 - http, on this machine
            pass

    @contextmanager
    def without_right(self, function: str, action: str) -> Generator[None]:
        """Take a right from a function's role for the length of the block."""
        role = self.root.functions.get_function_configuration(FunctionName=function)["Role"].rpartition("/")[2]
        denial = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
        name = f"denied-{token_hex(3)}"
        self.root.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(denial))
        try:
            yield
        finally:
            self.root.iam.delete_role_policy(RoleName=role, PolicyName=name)
