"""The command line of `baler status`: a stack's names in, a screen and an exit code out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final

import typer
from botocore.exceptions import BotoCoreError
from rich.console import Console
from rich.live import Live
from rich.text import Text

from baler.cli import stack
from baler.cli.aws_session import check_settings
from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.report import printable
from baler.cli.s3 import S3Error
from baler.cli.shutdown import Shutdown, Stopping
from baler.cli.stack_outputs import OPTIONS, given, ingest_lanes, output_of_stack
from baler.commands.status.health import HealthStatus
from baler.commands.status.inspectors import Inspectors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from baler.commands.status.inspectors import StackStatus

EPILOG: Final = f"""
**Examples** (with BALER_STACK set)

    baler status

    baler status --watch

The event stream alone:

    baler status --stream $(baler env eventsStream)

The lake alone:

    baler status --sources-table $(baler env lakeSourcesTable)

What a program reads:

    baler status --json | jq -r '.reasons[]'

{
    exit_codes_help(
        {
            ExitCode.OK: "healthy, or --watch was ended",
            ExitCode.CANNOT_PROCEED: "boto3's settings cannot be used, a missing region for example",
            ExitCode.NEEDS_ATTENTION: "unhealthy: a dead letter, an alarm that is on, an objective that was missed",
            ExitCode.UNKNOWN: "unknown: nothing wrong was seen, but not everything could be asked",
        }
    )
}
"""

_EXIT_CODES: Final = {
    HealthStatus.HEALTHY: ExitCode.OK,
    HealthStatus.UNHEALTHY: ExitCode.NEEDS_ATTENTION,
    HealthStatus.UNKNOWN: ExitCode.UNKNOWN,
}


def status(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    ingest_queue_url: Annotated[str | None, given("filesIngestQueueUrl")] = None,
    dead_letter_queue_url: Annotated[str | None, given("filesDeadLetterQueueUrl")] = None,
    archive: Annotated[str | None, given("filesArchiveBucket")] = None,
    stream: Annotated[str | None, given("eventsStream")] = None,
    transform_queue_url: Annotated[str | None, given("eventsTransformQueueUrl")] = None,
    compaction_queue_url: Annotated[str | None, given("eventsCompactionQueueUrl")] = None,
    curation_queue_url: Annotated[str | None, given("lakeCurationQueueUrl")] = None,
    sources_table: Annotated[str | None, given("lakeSourcesTable")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Inspect again and again, until Ctrl-C.")] = False,  # noqa: FBT002 - a flag
    every: Annotated[float, typer.Option(metavar="SECONDS", min=1, help="Time between inspections.")] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an inspection, on a line.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Show whether a stack is healthy: what waits, what is late, what was given up, and which alarms are on.

    It shows all pipelines of the stack, or those that an option names a part of: the files by their two queues and the
    archive, the events by stream and two queues, the lake by its queue and its table of sources. Each part is asked for
    by itself: what your role may not see is shown as such and hides nothing else. Nothing is changed.
    """
    name = stack.required()
    pipelines = (
        {
            "filesIngestQueueUrl": ingest_queue_url,
            "filesDeadLetterQueueUrl": dead_letter_queue_url,
            "filesArchiveBucket": archive,
        },
        {
            "eventsStream": stream,
            "eventsTransformQueueUrl": transform_queue_url,
            "eventsCompactionQueueUrl": compaction_queue_url,
        },
        {"lakeCurationQueueUrl": curation_queue_url, "lakeSourcesTable": sources_table},
    )
    some = any(value for parts in pipelines for value in parts.values())
    files, events, lake = (named(parts) if not some or any(parts.values()) else [] for parts in pipelines)
    if files:
        files = [ingest_lanes(files[0], ask=ingest_queue_url is None), *files[1:]]
    if not files and not events and not lake:
        raise typer.BadParameter(f"Stack {name!r} has no pipeline.")
    try:
        inspector = Inspectors.open(name, files, events, lake)
    except (BotoCoreError, S3Error, ValueError) as error:
        typer.echo(printable(str(error) if isinstance(error, S3Error) else check_settings(error)), err=True)
        raise typer.Exit(ExitCode.CANNOT_PROCEED) from error
    if not watch:
        found = inspector.inspect()
        _show(found, as_json=as_json)
        raise typer.Exit(_EXIT_CODES[found.health])
    with Shutdown() as shutdown:
        try:
            _watch(inspector, shutdown, every, as_json=as_json)
        except Stopping:
            return


def named(parts: Mapping[str, str | None]) -> list[str]:
    """Return the names of a pipeline's parts: what was given, and the rest from the stack; none of one it lacks.

    Args:
        parts: by the name of the output.
    """
    found = {output: value or output_of_stack(output) for output, value in parts.items()}
    missing = [OPTIONS[output].option for output, value in found.items() if not value]
    if len(missing) == len(found):
        return []
    if missing:
        raise typer.BadParameter(f"Name {', '.join(missing)} too, or nothing of that pipeline.")
    return list(found.values())


def _watch(inspector: Inspectors, shutdown: Shutdown, every: float, *, as_json: bool) -> None:
    console = Console()
    if as_json or not console.is_terminal:
        _again_and_again(shutdown, every, lambda: _show(inspector.inspect(), as_json=as_json))
        return
    seen: StackStatus | None = None
    try:
        with Live(
            Text("Asking AWS ..."), console=console, auto_refresh=False, screen=True, vertical_overflow="crop"
        ) as live:

            def look() -> None:
                nonlocal seen
                seen, shown = inspector.watch(every)
                live.update(shown, refresh=True)

            live.refresh()
            _again_and_again(shutdown, every, look)
    finally:
        # The screen is gone with its terminal's second page: what was seen last stays.
        if seen is not None:
            console.print(seen.screen())


def _again_and_again(shutdown: Shutdown, every: float, look: Callable[[], object]) -> None:
    while True:
        look()
        shutdown.wait(every)


def _show(found: StackStatus, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found.document()))
    else:
        Console(highlight=False).print(found.screen())
