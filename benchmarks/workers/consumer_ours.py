"""Ours: `baler consume --once`, as its command line runs it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import typer

from baler.commands.consume.command import consume
from benchmarks.workers.serve import serve


def work(request: dict[str, Any]) -> int:
    """Empty the mailbox once; returns how many files lie in the folder then.

    Args:
        request: `mailbox`, a bucket, and `into`, a folder that is not there yet.
    """
    into = Path(request["into"])
    try:
        consume(into=into, mailbox=request["mailbox"], once=True)
    except typer.Exit as ended:
        if ended.exit_code:
            return 0
    return sum(len(files) for _, _, files in os.walk(into))


if __name__ == "__main__":
    serve(work)
