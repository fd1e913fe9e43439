"""What commands take from a stack: each output has one option and one variable, in every command that asks for it.

A command asks for an output by its name, and gets what was given: the option, else its variable, else what baler.toml
says of that command, else the output of the stack that is selected.

    def redeliver(mailbox: Annotated[str, from_stack("filesDistributionBucket")], ...) -> None:
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import typer

from baler.cli import stack
from baler.cli.bucket_name import bucket_name

if TYPE_CHECKING:
    from collections.abc import Mapping


# Set while a shell asks what a command takes, which must neither fail nor ask AWS (Typer reads options for it).
_COMPLETION: Final = "_BALER_COMPLETE"


LANES: Final = "filesIngestQueueUrls"
LANES_VARIABLE: Final = "BALER_INGEST_QUEUE_URLS"
"""What gives all queues of a stack that has several; there is no option for it."""


class StackOption(NamedTuple):
    """How an output of the stack is given in its place."""

    option: str
    variable: str


OPTIONS: Final[Mapping[str, StackOption]] = {
    "filesAggregatorFunction": StackOption("--function", "BALER_AGGREGATOR_FUNCTION"),
    "filesArchiveBucket": StackOption("--archive", "BALER_ARCHIVE"),
    "filesClaimTable": StackOption("--claim-table", "BALER_CLAIM_TABLE"),
    "filesConsumerLeaseTable": StackOption("--lease-table", "BALER_LEASE_TABLE"),
    "filesCourierTable": StackOption("--courier-table", "BALER_COURIER_TABLE"),
    "filesDeadLetterQueueUrl": StackOption("--dead-letter-queue-url", "BALER_DEAD_LETTER_QUEUE_URL"),
    "filesDistributionBucket": StackOption("--mailbox", "BALER_MAILBOX"),
    "filesIngestQueueUrl": StackOption("--ingest-queue-url", "BALER_INGEST_QUEUE_URL"),
    "filesLandingBucket": StackOption("--landing-bucket", "BALER_LANDING_BUCKET"),
    "filesLandingRetentionDays": StackOption("--landing-retention-days", "BALER_LANDING_RETENTION_DAYS"),
    "filesMaxFileMegabytes": StackOption("--max-file-megabytes", "BALER_MAX_FILE_MEGABYTES"),
    "eventsBatchTable": StackOption("--batch-table", "BALER_EVENTS_BATCH_TABLE"),
    "eventsCompactionQueueUrl": StackOption("--compaction-queue-url", "BALER_EVENTS_COMPACTION_QUEUE_URL"),
    "eventsCompactorFunction": StackOption("--compactor-function", "BALER_EVENTS_COMPACTOR_FUNCTION"),
    "eventsDatabase": StackOption("--database", "BALER_EVENTS_DATABASE"),
    "eventsFailureBucket": StackOption("--failure-bucket", "BALER_EVENTS_FAILURE_BUCKET"),
    "eventsProcessedBucket": StackOption("--processed-bucket", "BALER_EVENTS_PROCESSED_BUCKET"),
    "eventsProcessorMapping": StackOption("--processor-mapping", "BALER_EVENTS_PROCESSOR_MAPPING"),
    "eventsProgressTable": StackOption("--progress-table", "BALER_EVENTS_PROGRESS_TABLE"),
    "eventsRawBucket": StackOption("--raw-bucket", "BALER_EVENTS_RAW_BUCKET"),
    "eventsRecoveryFunction": StackOption("--recovery-function", "BALER_EVENTS_RECOVERY_FUNCTION"),
    "eventsStream": StackOption("--stream", "BALER_EVENTS_STREAM"),
    "eventsTransformQueueUrl": StackOption("--transform-queue-url", "BALER_EVENTS_TRANSFORM_QUEUE_URL"),
    "lakeCountersTable": StackOption("--counters-table", "BALER_LAKE_COUNTERS_TABLE"),
    "lakeCurationQueueUrl": StackOption("--curation-queue-url", "BALER_LAKE_CURATION_QUEUE_URL"),
    "lakeRawBucket": StackOption("--raw-bucket", "BALER_LAKE_RAW_BUCKET"),
    "lakeRecordsTable": StackOption("--records-table", "BALER_LAKE_RECORDS_TABLE"),
    "lakeSourcesTable": StackOption("--sources-table", "BALER_LAKE_SOURCES_TABLE"),
    "lakeVersionsTable": StackOption("--versions-table", "BALER_LAKE_VERSIONS_TABLE"),
}
"""By the name of the output."""


def from_stack(output: str, help: str = "", *, optional: bool = False, fallback: Any = None, **limits: Any) -> Any:  # noqa: A002 - as typer calls it
    """Return the option of a command that gives an output, for `Annotated`; the parameter has no default of its own.

    Args:
        output: one of `OPTIONS`.
        help: what it means to the command, before the sentence that says where it comes from.
        optional: None, or the fallback, where no stack is named or the stack has no such output. Otherwise the command
            ends with a sentence.
        fallback: of an optional one.
        limits: as `typer.Option` takes them: min and max.
    """

    def read() -> Any:
        if _COMPLETION in os.environ:
            return None
        if not optional:
            return required_output(output)
        found = None if stack.selected() is None else output_of_stack(output)
        return fallback if found is None else found

    return given(output, help, default_factory=read, show_default=False, **limits)


def given(output: str, help: str = "", **more: Any) -> Any:  # noqa: A002 - as typer calls it
    """Return the option that gives an output, for a command that asks the stack itself, or does not."""
    known = OPTIONS[output]
    return typer.Option(
        known.option,
        envvar=known.variable,
        metavar=_metavar(output),
        parser=bucket_name if output.endswith("Bucket") else None,
        help=f"{help} The stack's output {output}.".strip(),
        **more,
    )


def output_of_stack(output: str) -> Any:
    """Return an output of the stack that is selected; None if it has no such.

    Raises:
        typer.BadParameter: no stack is named.
        typer.Exit: it cannot be read; why has been said.
    """
    return stack.outputs(stack.required()).get(output)


def required_output(output: str) -> Any:
    """Return an output of the stack that is selected.

    Raises:
        typer.BadParameter: no stack is named, or it has no such output.
        typer.Exit: it cannot be read; why has been said.
    """
    option = OPTIONS[output].option
    name = stack.selected()
    if name is None:
        raise typer.BadParameter(f"Name the stack (--stack, {stack.VARIABLE}, baler.toml), or give {option}.")
    found = output_of_stack(output)
    if found is None:
        raise typer.BadParameter(f"Stack {name!r} has no output {output}: name another one, or give {option}.")
    return found


def ingest_lanes(first: str, *, ask: bool = True) -> str:
    """Return the URLs of all queues of the stack whose ingest queue is the one given, with spaces between.

    In a shell that has evaluated `baler env` a variable names them. A stack with one queue has no such output; a queue
    that is not the stack's, or of a stack that cannot be asked, is alone.

    Args:
        first: the URL of the queue that people send to.
        ask: the stack that is selected, where no variable says it.
    """
    lanes = os.environ.get(LANES_VARIABLE)
    if not lanes and ask and (name := stack.selected()) is not None:
        lanes = stack.outputs_or_none(name).get(LANES)
    return lanes if lanes and lanes.split()[0] == first else first


def _metavar(output: str) -> str:
    kinds = {"Bucket": "BUCKET", "Url": "URL", "Table": "TABLE", "Mapping": "UUID", "Days": "DAYS", "Megabytes": "MIB"}
    return next((metavar for ending, metavar in kinds.items() if output.endswith(ending)), "NAME")
