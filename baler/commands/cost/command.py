"""The command line of `baler cost`: a stack's files in, its monthly bill out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from baler.commands.cost.estimate import compare
from baler.commands.cost.figures import figures
from baler.commands.cost.monthly import monthly_bill
from baler.commands.cost.report import bill_table, document, estimate_table, footnote
from baler.commands.cost.settings import StackFilesError, read_stack_settings
from baler.commands.cost.traffic import Profile

EPILOG: Final = """
**Examples**

    baler cost --stack prod

    baler cost --stack prod --files-per-second 100 --file-bytes 25000 --compression-ratio 3.3

What a program reads:

    baler cost --stack prod --json

**Exit codes**

0 printed · 1 the stack's files cannot be read · 2 wrong command line
"""


def cost(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    stack: Annotated[str, typer.Option(help="The stack, prod say: its settings are in Pulumi.STACK.yaml.")],
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
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Estimate what a stack costs a month on AWS, line by line, and check the requirements' own estimate.

    Nothing is deployed or asked for: the stack's settings, a dated price list, measured figures and stated
    assumptions go in. docs/cost.md tells what they are.
    """
    try:
        settings = read_stack_settings(project, stack)
    except StackFilesError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    rate = settings.expected_files_per_second if files_per_second is None else files_per_second
    profile = Profile(rate, file_bytes, compression_ratio, consumer_delay, archive_months)
    month = monthly_bill(profile, settings, figures())
    compared = compare(settings, figures(), archive_months)
    if as_json:
        typer.echo(json.dumps(document(stack, month, compared), indent=2))
        return
    console = Console(highlight=False)
    console.print(bill_table(stack, month))
    console.print(estimate_table(compared))
    console.print(footnote())
