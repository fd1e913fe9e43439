"""`python -m campaign`, with tests/ on the path. `make campaign` calls it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from campaign.driver import FAMILIES, run_case


def main(
    cases: Annotated[int, typer.Option(min=1, help="Run this many, from seed 0.")] = 5000,
    seed: Annotated[int | None, typer.Option(min=0, help="Run this one case.")] = None,
    family: Annotated[str | None, typer.Option(help=f"Only this family: {', '.join(FAMILIES)}.")] = None,
    disk: Annotated[Path | None, typer.Option(help="A folder on the disk to try.  [default: memory, if there]")] = None,
) -> None:
    """Look for input that makes the consumer lose, overwrite or misplace a file, or stop.

    Exit codes: 0 none was found, 1 one was found.
    """
    if family is not None and family not in FAMILIES:
        raise typer.BadParameter(f"there is {', '.join(FAMILIES)}", param_hint="--family")
    seeds = range(cases) if seed is None else [seed]
    ran: Counter[str] = Counter()
    harmed = 0
    for number in seeds:
        if family is not None and list(FAMILIES)[number % len(FAMILIES)] != family:
            continue
        outcome = run_case(number, disk)
        ran[outcome.family] += 1
        ran["refused"] += outcome.refused
        harmed += bool(outcome.harm)
        for sentence in outcome.harm:
            typer.echo(f"seed {number} ({outcome.family}): {sentence}")
    refused = ran.pop("refused")
    told = ", ".join(f"{name} {count}" for name, count in sorted(ran.items()))
    typer.echo(f"{ran.total()} cases ({told}), {refused} with a bundle in quarantine, {harmed} with harm")
    raise typer.Exit(1 if harmed else 0)


if __name__ == "__main__":
    typer.run(main)
