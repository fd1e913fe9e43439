"""What no log and no metric may tell: the content of files and of messages. Noted as it is landed, looked for after."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mypy_boto3_logs import CloudWatchLogsClient

MARKER: Final = f"c0ntent-{token_hex(8)}"
"""In every file's metadata and every message's attributes, and in the body of a file that has no other."""

# What survives in a log line however it is quoted there; shorter words come up by themselves.
_PLAIN: Final = re.compile(rb"[ !#-&(-\[\]-~]{8,}")
_ENOUGH: Final = 24


@dataclass
class Content:
    """The content of a session, and the keys, which may be told."""

    _keys: list[str] = field(default_factory=list[str])
    _parts: set[str] = field(default_factory=lambda: {MARKER})

    def landed(self, key: str, body: bytes) -> None:
        """Note a file: of its body the longest part that is the same in every notation."""
        self._keys.append(key)
        if parts := _PLAIN.findall(body):
            self._parts.add(max(parts, key=len)[:_ENOUGH].decode())

    def sent(self, body: str) -> None:
        """Note a message: its whole body, also as a string within JSON. Parts of an event may be told, keys say."""
        self._parts |= {body, json.dumps(body)[1:-1]}

    def leaks(self, told: Iterable[tuple[str, str]]) -> list[str]:
        """Return the lines that have content in them, each after the name of who told it."""
        keys = "\n".join(self._keys)
        content = re.compile("|".join(re.escape(part) for part in self._parts if part not in keys))
        return [f"{teller}: {line.rstrip()}" for teller, line in told if content.search(line)]


def told_by(logs: CloudWatchLogsClient, cloudwatch: Any) -> Iterator[tuple[str, str]]:
    """Every line of every stream of every log group, and the name and dimensions of every metric."""
    for groups in logs.get_paginator("describe_log_groups").paginate():
        for name in (group.get("logGroupName", "") for group in groups["logGroups"]):
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                yield from ((name, event.get("message", "")) for event in page["events"])
    for page in cloudwatch.get_paginator("list_metrics").paginate():
        yield from (("a metric", json.dumps(metric, ensure_ascii=False)) for metric in page["Metrics"])
