"""Rules about streams: what encrypts them, how they are read, and what becomes of what is given up."""

from collections.abc import Iterator, Sequence
from typing import Final

from policy.rule import Declared, ResourceRule, StackRule

_STREAM: Final = "aws:kinesis/stream:Stream"
_MAPPING: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"
_BUCKET: Final = "aws:s3/bucket"


def _unencrypted(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type == _STREAM and (
        declared.props.get("encryptionType") != "KMS" or not declared.props.get("kmsKeyId")
    ):
        yield "Whoever may read it reads it in plain: set encryptionType to KMS, and kmsKeyId to a key of the stack."


def _without_records(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    buckets = {resource.urn for resource in resources if resource.type.startswith(_BUCKET)}
    for mapping in _mappings_of_streams(resources):
        if not buckets & set(mapping.refers.get("destinationConfig", ())):
            yield (
                mapping,
                (
                    "A record that Lambda gives up would be lost, and a queue is told its number alone: set "
                    "destinationConfig to a bucket."
                ),
            )


def _out_of_order(declared: Declared, _stack: str) -> Iterator[str]:
    if _reads_a_stream(declared) and declared.props.get("parallelizationFactor", 1) != 1:
        yield "Batches of a shard would overtake one another: set parallelizationFactor to 1."


def _from_the_middle(declared: Declared, _stack: str) -> Iterator[str]:
    if _reads_a_stream(declared) and declared.props["startingPosition"] != "TRIM_HORIZON":
        yield "Records that come while it is made would be left out: set startingPosition to TRIM_HORIZON."


def _mappings_of_streams(resources: Sequence[Declared]) -> Iterator[Declared]:
    return (resource for resource in resources if _reads_a_stream(resource))


def _reads_a_stream(declared: Declared) -> bool:
    return declared.type == _MAPPING and bool(declared.props.get("startingPosition"))


RULES: Final = (
    ResourceRule("stream-is-encrypted", "A stream is encrypted with a key of the stack.", _unencrypted),
    StackRule("stream-gives-nothing-up-unread", "What a reader gives up of a stream is kept.", _without_records),
    ResourceRule("stream-is-read-in-order", "A shard is read batch after batch.", _out_of_order),
    ResourceRule("stream-is-read-whole", "A reader begins with all that the stream has.", _from_the_middle),
)
