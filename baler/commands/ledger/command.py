"""`baler ledger` and its commands."""

from __future__ import annotations

from typing import Final

import typer

from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.commands.ledger.backup import backup
from baler.commands.ledger.queries import check, hooks, list_bundles, quarantine, show

app = typer.Typer(
    name="ledger",
    help="Ask a consumer's ledger what was received and when, what is in quarantine, and which hooks are due.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

_CODES: Final = exit_codes_help(
    {
        ExitCode.OK: "done; for quarantine, hooks and check: nothing is amiss",
        ExitCode.CANNOT_PROCEED: "the ledger cannot be read, or the copy not written",
        ExitCode.NEEDS_ATTENTION: "no such bundle, something is in quarantine, a hook is due, or the ledger is damaged",
    }
)


def _epilog(*examples: str) -> str:
    lines = "\n".join(f"    baler ledger {example}" for example in examples)
    return f"\n**Examples** (BALER_INTO or BALER_STATE says where the consumer is)\n\n{lines}\n\n{_CODES}"


app.command(name="list", epilog=_epilog("list --from 2026-11-20T02:00 --to 2026-11-20T03:00", "list --unfinished"))(
    list_bundles
)
app.command(epilog=_epilog("show 20261120T090101.000000Z-0000000000000001"))(show)
app.command(epilog=_epilog("quarantine"))(quarantine)
app.command(epilog=_epilog("hooks --json"))(hooks)
app.command(epilog=_epilog("check"))(check)
app.command(epilog=_epilog("backup /var/backups/baler-ledger.sqlite"))(backup)
