"""`baler dead-letters` and its commands."""

from __future__ import annotations

import typer

from baler.commands.dead_letters.discard_command import discard
from baler.commands.dead_letters.exit_code import EXIT_CODES
from baler.commands.dead_letters.look_command import list_letters, show
from baler.commands.dead_letters.redrive_command import redrive

app = typer.Typer(
    name="dead-letters",
    help="Look at the messages that the pipeline gave up on, send them again, or discard them.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


def _epilog(*examples: str) -> str:
    lines = "\n".join(f"    baler dead-letters {example}" for example in examples)
    return f"\n**Examples** (with the BALER_... variables set)\n\n{lines}\n{EXIT_CODES}"


app.command(name="list", epilog=_epilog("list", "list --json | jq -r .found | sort | uniq -c"))(list_letters)
app.command(epilog=_epilog("show 1f0c2a9b"))(show)
app.command(
    epilog=_epilog(
        "redrive --found transient --dry-run",
        "redrive --found transient",
        "redrive 1f0c2a9b 77e0d5c3",
        "redrive --all --rate 100",
    )
)(redrive)
app.command(
    epilog=_epilog(
        "discard 1f0c2a9b --reason 'sent by hand during the test of 20 November'",
        "discard --found malformed --reason 'not from S3' --yes --audit-log /var/log/baler/audit.jsonl",
    )
)(discard)
