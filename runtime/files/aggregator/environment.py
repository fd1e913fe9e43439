"""The function's environment: read once, and refused by the variable's name before any work is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baler.environment_variables import text, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping


_MEBIBYTE: Final = 1024 * 1024
# Measured by `make bench`: 75 MiB before the first file; the rest is for buffers of 16 connections.
_INTERPRETER_BYTES: Final = 128 * _MEBIBYTE
# Lambda's smallest function has 128 MiB in all.
_LEAST_IN_MEMORY_BYTES: Final = 4 * _MEBIBYTE


@dataclass(frozen=True, slots=True)
class Environment:
    """What the stack tells the function.

    Attributes:
        stack: the stack's name, a dimension of every metric.
        landing_bucket, archive_bucket, distribution_bucket: names.
        claim_table: the table's name.
        ingest_queue_url: the queue that the batches come from; of several, the first.
        dead_letter_queue_url: where messages go that can never be processed.
        claim_lifetime_seconds: how long a claim stands.
        longest_retry_seconds: the longest wait until a message that failed is seen again.
        max_file_bytes: larger files are rejected.
        max_bundle_bytes: more bytes than this make several bundles.
        memory_bytes: what the function has; Lambda tells it.
    """

    stack: str
    landing_bucket: str
    archive_bucket: str
    distribution_bucket: str
    claim_table: str
    ingest_queue_url: str
    dead_letter_queue_url: str
    claim_lifetime_seconds: int
    longest_retry_seconds: int
    max_file_bytes: int
    max_bundle_bytes: int
    memory_bytes: int

    @property
    def in_memory_bytes(self) -> int:
        """How many bytes of fetched files, and how many of the open bundle, are in memory; what is more goes to disk.

        A quarter of what is left beside the interpreter with its libraries, since there are up to three such heaps:
        the files that wait, the one that is being bundled, and the bundle.
        """
        return max((self.memory_bytes - _INTERPRETER_BYTES) // 4, _LEAST_IN_MEMORY_BYTES)

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Read the variables.

        Raises:
            InvalidEnvironment: one is missing, empty, or not a positive whole number where it must be.
        """
        return cls(
            stack=text(variables, "STACK"),
            landing_bucket=text(variables, "LANDING_BUCKET"),
            archive_bucket=text(variables, "ARCHIVE_BUCKET"),
            distribution_bucket=text(variables, "DISTRIBUTION_BUCKET"),
            claim_table=text(variables, "CLAIM_TABLE"),
            ingest_queue_url=text(variables, "INGEST_QUEUE_URL"),
            dead_letter_queue_url=text(variables, "DEAD_LETTER_QUEUE_URL"),
            claim_lifetime_seconds=whole_number(variables, "CLAIM_LIFETIME_SECONDS"),
            longest_retry_seconds=whole_number(variables, "LONGEST_RETRY_SECONDS"),
            max_file_bytes=whole_number(variables, "MAX_FILE_BYTES"),
            max_bundle_bytes=whole_number(variables, "MAX_BUNDLE_BYTES"),
            memory_bytes=whole_number(variables, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE") * _MEBIBYTE,
        )
