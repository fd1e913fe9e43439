"""Brings the access log's lines to their groups, behind the answers: on AWS they come minutes later."""

from __future__ import annotations

import logging
import threading
import time
from queue import SimpleQueue
from typing import NamedTuple

from botocore.exceptions import ClientError
from localstack.aws.connect import connect_to

LOG = logging.getLogger(__name__)


class Line(NamedTuple):
    """A line for a log group."""

    account: str
    region: str
    group: str
    """ARN."""
    text: str
    at: float
    """Seconds since the epoch."""


class LogDelivery:
    """One thread that writes what it is given."""

    def __init__(self) -> None:
        self._lines: SimpleQueue[Line] = SimpleQueue()
        self._streams: set[tuple[str, str]] = set()
        self._thread = threading.Thread(target=self._deliver, name="http-api-access-log", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, line: Line) -> None:
        """Have a line written."""
        self._lines.put(line)

    def _deliver(self) -> None:
        while True:
            line = self._lines.get()
            try:
                self._write(line)
            except ClientError as error:
                LOG.warning("The access log did not get a line into %s: %s", line.group, error)

    def _write(self, line: Line) -> None:
        logs = connect_to(aws_access_key_id=line.account, region_name=line.region).logs
        group = line.group.partition(":log-group:")[2].removesuffix(":*")
        stream = time.strftime("%Y-%m-%d", time.gmtime(line.at))
        if (line.group, stream) not in self._streams:
            try:
                logs.create_log_stream(logGroupName=group, logStreamName=stream)
            except logs.exceptions.ResourceAlreadyExistsException:
                LOG.debug("%s has the stream %s already", group, stream)
            self._streams.add((line.group, stream))
        event = {"timestamp": int(line.at * 1000), "message": line.text}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
