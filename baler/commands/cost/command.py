"""The command line of `baler cost`: a stack's files in, its monthly bill out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.stack import required
from baler.commands.cost.cost_report import CostReport
from baler.commands.cost.events.settings import EventStackSettings
from baler.commands.cost.events.traffic import EventProfile
from baler.commands.cost.figures import figures
from baler.commands.cost.lake.settings import LakeStackSettings
from baler.commands.cost.lake.traffic import NEW_RECORDS, REQUESTS, LakeProfile
from baler.commands.cost.report import footnote
from baler.commands.cost.settings import SharedStackSettings, StackFilesError, read_settings, read_stack_settings
from baler.commands.cost.traffic import Profile

EPILOG: Final = f"""
**Examples**

    baler cost --stack prod --all

    baler cost --stack prod

    baler cost --stack prod --files-per-second 100 --file-bytes 25000 --compression-ratio 3.3

    baler cost --stack prod --events-per-second 1000 --event-bytes 400

    baler cost --stack prod --lake-requests 1000000

What a program reads:

    baler cost --stack prod --json

{
    exit_codes_help(
        {ExitCode.OK: "the estimate was printed", ExitCode.CANNOT_PROCEED: "the stack's files cannot be read"}
    )
}
"""


def cost(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    project: Annotated[Path, typer.Option(metavar="DIR", help="Where Pulumi.yaml is: Baler's checkout.")] = Path(),
    files_per_second: Annotated[
        float | None,
        typer.Option(min=0, help="Files that land, on average.  [default: the stack's baler:filesExpectedPerSecond]"),
    ] = None,
    file_bytes: Annotated[float, typer.Option(min=0, help="Bytes of a file, on average.")] = 2000.0,
    compression_ratio: Annotated[
        float, typer.Option(min=0.1, help="Bytes of files over bytes of their bundle.")
    ] = figures().measured.compression_ratio,
    consumer_delay: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How long a bundle waits in the mailbox, on average.")
    ] = 300.0,
    archive_months: Annotated[
        float, typer.Option(min=0, help="How long the stack has been archiving: the archive is never emptied.")
    ] = 12.0,
    events_per_second: Annotated[
        float | None,
        typer.Option(min=0, help="Events that come, on average.  [default: the stack's baler:eventsExpectedPerSecond]"),
    ] = None,
    event_bytes: Annotated[float, typer.Option(min=0, help="Bytes of an event with its key, on average.")] = 165.0,
    lake_requests: Annotated[float, typer.Option(min=0, help="Requests to the lake's API, a month.")] = REQUESTS,
    new_records: Annotated[
        float, typer.Option(min=0, help="Records of a published answer that are new or changed, on average.")
    ] = NEW_RECORDS,
    every: Annotated[bool, typer.Option("--all", help="Every line, and the check of those estimates.")] = False,  # noqa: FBT002 - a flag
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as one JSON document.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Estimate what a stack costs a month on AWS, and check the requirements' own estimates.

    Nothing is deployed and AWS is not asked: the estimate is made of the stack's settings (Pulumi.STACK.yaml), a dated
    price list, measured figures and stated assumptions. docs/cost.md explains them.
    """
    stack = required()
    report = CostReport(stack)
    try:
        pipelines = read_settings(SharedStackSettings, project, stack).pipelines
        if "files" in pipelines:
            settings = read_stack_settings(project, stack)
            rate = settings.expected_files_per_second if files_per_second is None else files_per_second
            profile = Profile(rate, file_bytes, compression_ratio, consumer_delay, archive_months)
            report.add_files(profile, settings)
        if "events" in pipelines:
            of_events = read_settings(EventStackSettings, project, stack)
            rate = of_events.expected_per_second if events_per_second is None else events_per_second
            report.add_events(EventProfile(rate, event_bytes, archive_months), of_events)
        if "lake" in pipelines:
            of_lake = read_settings(LakeStackSettings, project, stack)
            declared = of_lake.declared_sources(project)
            fetched = [source for source in declared if not source.paused]
            lake = LakeProfile(len(fetched), new_records=new_records, requests=lake_requests, months=archive_months)
            report.add_lake(lake, of_lake, secrets=sum(bool(source.headers) for source in declared))
    except StackFilesError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(ExitCode.CANNOT_PROCEED) from error
    if as_json:
        typer.echo(json.dumps(report.document, indent=2))
        return
    width = Console().width if sys.stdout.isatty() else None
    typer.echo("\n".join([*report.lines(width, every=every), footnote()]))
