"""`baler lake` and its commands."""

from __future__ import annotations

import typer

from baler.commands.lake import rebuild, record, rejected, sources, verify, versions

app = typer.Typer(
    name="lake",
    help="Operate the API data lake: see what became of a source or a record, check the counters, curate again.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

app.command(epilog=sources.EPILOG)(sources.sources)
app.command(epilog=record.EPILOG)(record.record)
app.command(epilog=versions.EPILOG)(versions.versions)
app.command(epilog=rejected.EPILOG)(rejected.rejected)
app.command(epilog=verify.EPILOG)(verify.verify)
app.command(epilog=rebuild.EPILOG)(rebuild.rebuild)
