"""Writes docs/security-matrix.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.engine.program import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from access_matrix.row import Row, Section
    from access_matrix.vocabulary import Expected, Variant

PAGE: Final = PROJECT_DIR / "docs" / "security-matrix.md"

_HEAD: Final = """\
# Who may do what

Each line is asked of the policies that the program produces, by a simulator of IAM (`make test-policy`): those of
roles, buckets, queues, secrets and VPC endpoints together. *open* is a stack without a private network, *private* one
with a network and an endpoint for the premises, from where a consumer comes, *pushed* one with a network and a line,
over which the courier goes to the receiver, *events* one with a network and the event stream alone, and *lake* one with
the data lake alone, whose functions are in no network. Who, what and ways that a kind of stack does not have are not
asked there.

- **yes**: allowed.
- **no**: not granted.
- **never**: refused even to a caller who is also granted everything.
- blank: such a stack has no such thing.

Sections 5.x and 8.4 are those of requirement document 1. A test takes each statement of each policy away, or widens it,
and sees that a line notices; the changes that no line can notice are at the end.

What IAM does not decide is not here: public access blocks, encryption, routes and security groups are held by the unit
tests of `components/` and by the policy pack. The simulator ignores `Principal` in an endpoint's policy, which is `*`
in ours: callers are bounded by a condition.

This page is generated from `tests/access_matrix/rows*.py`: change those, then
`PYTHONPATH=tests .venv/bin/python -m access_matrix --write`.
"""


def render(sections: Sequence[Section], equivalents: Iterable[tuple[str, str]]) -> str:
    """Return the page: a table for each section, then the changes to policies that no line can notice."""
    lines = [_HEAD]
    for section in sections:
        columns = ("who", "does", "on", "from", *section.variants, "why")
        lines += [f"## {section.title}", "", f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
        lines += [*(_line(row, section.variants) for row in section.rows), ""]
    lines += ["## Changes to the policies that change nothing", "", "| policy: change | why no line notices |"]
    lines += ["| --- | --- |", *(f"| `{pattern.replace('[*]', '*')}` | {why} |" for pattern, why in equivalents)]
    return "\n".join(lines) + "\n"


def _line(row: Row, variants: Sequence[Variant]) -> str:
    who = f"{row.who}, without {' and '.join(row.without)}" if row.without else row.who
    cells = (
        who,
        ", ".join(f"`{action}`" for action in row.does),
        ", ".join(row.on),
        row.via,
        *(_answer(row.expected(variant)) for variant in variants),
        row.why,
    )
    return f"| {' | '.join(cells)} |"


def _answer(expected: Expected | None) -> str:
    return f"**{expected}**" if expected else ""
