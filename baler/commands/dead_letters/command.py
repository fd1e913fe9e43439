"""`baler dead-letters` and its commands."""

from __future__ import annotations

from typing import Final

import typer

from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.commands.dead_letters.discard_command import discard
from baler.commands.dead_letters.list_command import list_letters, show
from baler.commands.dead_letters.redrive_command import redrive

_EXIT_CODES: Final = exit_codes_help(
    {
        ExitCode.OK: "done",
        ExitCode.CANNOT_PROCEED: "AWS or the audit file refused",
        ExitCode.NEEDS_ATTENTION: "a message that was named is not there, its name fits several, you said no, or "
        "what was sent is dead again already",
        ExitCode.RETRY: "AWS did not answer, or did not move or delete some messages",
    }
)

app = typer.Typer(
    name="dead-letters",
    help="List the messages that the pipeline gave up on, send them again, or discard them.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


def _epilog(*examples: str) -> str:
    lines = "\n".join(f"    baler dead-letters {example}" for example in examples)
    return f"\n**Examples** (with BALER_STACK set)\n\n{lines}\n\n{_EXIT_CODES}"


app.command(name="list", epilog=_epilog("list", "list --json | jq -r .found | sort | uniq -c"))(list_letters)
app.command(epilog=_epilog("show 1f0c2a9b"))(show)
app.command(
    epilog=_epilog(
        "redrive --found transient --dry-run",
        "redrive --found transient",
        "redrive 1f0c2a9b 77e0d5c3",
        "redrive --all --rate 100",
        "redrive --all --queue events-transform",
    )
)(redrive)
app.command(
    epilog=_epilog(
        "discard 1f0c2a9b --reason 'sent by hand during the test of 20 November'",
        "discard --found malformed --reason 'not from S3' --yes --audit-log /var/log/baler/audit.jsonl",
    )
)(discard)
