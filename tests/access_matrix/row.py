"""A row of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from access_matrix.vocabulary import Expected, On, Variant

if TYPE_CHECKING:
    from access_matrix.vocabulary import Layer, Via, Who

Answers = Expected | tuple[Expected | None, Expected | None] | tuple[Expected | None, Expected | None, Expected | None]
Cell = tuple[Answers, str, On | tuple[On, ...]]


@dataclass(frozen=True)
class Row:
    """What must come of some requests.

    Attributes:
        does: IAM actions; each is asked of each of `on`.
        open, private, pushed, events, lake: the answer that every one of them must get in each kind of stack; None
            where it is not asked. Who, what and ways that a kind of stack does not have are left out by themselves.
        why: the requirement: a section of document 1 or its id.
        without: the policies that are supposed lost.
    """

    who: Who
    does: tuple[str, ...]
    on: tuple[On, ...]
    via: Via
    open: Expected | None
    private: Expected | None
    pushed: Expected | None
    why: str
    without: tuple[Layer, ...] = ()
    events: Expected | None = None
    lake: Expected | None = None

    def expected(self, variant: Variant) -> Expected | None:
        """Return the answer that a kind of stack must give."""
        return {
            Variant.OPEN: self.open,
            Variant.PRIVATE: self.private,
            Variant.PUSHED: self.pushed,
            Variant.EVENTS: self.events,
            Variant.LAKE: self.lake,
        }[variant]


@dataclass(frozen=True)
class Section:
    """Rows about one of the parties."""

    title: str
    rows: tuple[Row, ...]
    variants: tuple[Variant, ...] = (Variant.OPEN, Variant.PRIVATE, Variant.PUSHED)
    """The kinds of stacks that they are about."""


def rows(who: Who, via: Via, why: str, *cells: Cell, without: tuple[Layer, ...] = ()) -> tuple[Row, ...]:
    """Return rows that share who, from where and why.

    Args:
        who: who asks.
        via: from where.
        why: the requirement.
        cells: the answer (one for all kinds of stacks; or one each, of which the last one counts for pushed stacks too
            where there are two), actions with blanks between them, resources.
        without: the policies that are supposed lost.
    """
    made: list[Row] = []
    for expected, actions, on in cells:
        answers = expected if isinstance(expected, tuple) else (expected, expected)
        made.append(
            Row(
                who=who,
                does=tuple(actions.split()),
                on=on if isinstance(on, tuple) else (on,),
                via=via,
                open=answers[0],
                private=answers[1],
                pushed=answers[-1],
                why=why,
                without=without,
            )
        )
    return tuple(made)


def event_rows(
    who: Who, via: Via, why: str, *cells: tuple[Expected, str, On | tuple[On, ...]], without: tuple[Layer, ...] = ()
) -> tuple[Row, ...]:
    """Return rows about a stack that has the event stream, which are asked nowhere else; see `rows`."""
    return tuple(
        Row(
            who=who,
            does=tuple(actions.split()),
            on=on if isinstance(on, tuple) else (on,),
            via=via,
            open=None,
            private=None,
            pushed=None,
            why=why,
            without=without,
            events=expected,
        )
        for expected, actions, on in cells
    )


def lake_rows(who: Who, via: Via, why: str, *cells: tuple[Expected, str, On | tuple[On, ...]]) -> tuple[Row, ...]:
    """Return rows about a stack that has the data lake, which are asked nowhere else; see `rows`."""
    return tuple(
        Row(
            who=who,
            does=tuple(actions.split()),
            on=on if isinstance(on, tuple) else (on,),
            via=via,
            open=None,
            private=None,
            pushed=None,
            why=why,
            lake=expected,
        )
        for expected, actions, on in cells
    )
