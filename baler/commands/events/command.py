"""`baler events` and its commands."""

from __future__ import annotations

import typer

from baler.commands.events import (
    batches,
    compact,
    produce,
    query,
    rebuild,
    redrive,
    rejected,
    replay,
    reprocess,
    verify,
)

app = typer.Typer(
    name="events",
    help="Operate the event stream: send events, see what became of them, query them, bring them back.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

app.command(epilog=produce.EPILOG)(produce.produce)
app.command(epilog=batches.EPILOG)(batches.batches)
app.command(epilog=rejected.EPILOG)(rejected.rejected)
app.command(epilog=query.EPILOG)(query.query)
app.command(epilog=compact.EPILOG)(compact.compact)
app.command(epilog=redrive.EPILOG)(redrive.redrive)
app.command(epilog=replay.EPILOG)(replay.replay)
app.command(epilog=reprocess.EPILOG)(reprocess.reprocess)
app.command(epilog=rebuild.EPILOG)(rebuild.rebuild)
app.command(epilog=verify.EPILOG)(verify.verify)
