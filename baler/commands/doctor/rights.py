"""Whether what commands take from a stack is there, and may be asked for."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from baler.aws.faults import code_of
from baler.cli.clients import client
from baler.cli.refusals import MEANINGS
from baler.cli.stack_outputs import OPTIONS
from baler.commands.doctor.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_THREADS: Final = 8
_DENIED: Final = "Access is denied"


class Probe(NamedTuple):
    """A question that changes nothing and that anybody who works with such a thing may ask.

    Attributes:
        service: as boto3 names it.
        action: as IAM names it.
        operation: the method of boto3's client.
        named_by: its parameter that gets the name of the thing.
    """

    service: str
    action: str
    operation: str
    named_by: str


_PROBES: Final[Mapping[str, Probe]] = {
    "Bucket": Probe("s3", "s3:ListBucket", "head_bucket", "Bucket"),
    "Function": Probe("lambda", "lambda:GetFunctionConfiguration", "get_function_configuration", "FunctionName"),
    "QueueUrl": Probe("sqs", "sqs:GetQueueAttributes", "get_queue_attributes", "QueueUrl"),
    "Stream": Probe("kinesis", "kinesis:DescribeStreamSummary", "describe_stream_summary", "StreamName"),
    "Table": Probe("dynamodb", "dynamodb:DescribeTable", "describe_table", "TableName"),
}
"""By how the name of an output ends."""


def things(outputs: Mapping[str, Any]) -> dict[str, str]:
    """Return what commands would use, by the name of the output: a variable goes before what the stack says."""
    found = {output: os.environ.get(option.variable) or outputs.get(output) for output, option in OPTIONS.items()}
    return {output: str(value) for output, value in found.items() if value and _probe(output)}


def rights(named: Mapping[str, str]) -> Iterator[Finding]:
    """Ask for each of them, several at a time; yield in the order of their names."""
    probes = {output: probe for output in sorted(named) if (probe := _probe(output))}
    # botocore makes clients in one thread, and uses them in many.
    clients = {
        service: client(service, attempts=2, read_seconds=10) for service in {p.service for p in probes.values()}
    }
    with ThreadPoolExecutor(_THREADS) as threads:
        asked = [
            threads.submit(_asked, output, named[output], probe, clients[probe.service])
            for output, probe in probes.items()
        ]
        yield from (finding.result() for finding in asked)


def _probe(output: str) -> Probe | None:
    return next((probe for ending, probe in _PROBES.items() if output.endswith(ending)), None)


def _asked(output: str, name: str, probe: Probe, service: Any) -> Finding:
    try:
        getattr(service, probe.operation)(**{probe.named_by: name})
    except ClientError as error:
        code = code_of(error)
        # An answer to a HEAD has no body: the status is its code.
        meaning = "There is no such bucket" if code == "404" else MEANINGS.get(code)
        if meaning == _DENIED:
            return Finding(output, Verdict.UNKNOWN, f"your role may not {probe.action} on {name}.")
        return Finding(output, Verdict.WRONG, f"{meaning or error}: {name}")
    except BotoCoreError as error:
        return Finding(output, Verdict.UNKNOWN, f"{name} cannot be asked for: {error}")
    return Finding(output, Verdict.OK, name)
