"""Made-up text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

_WORDS: Final = (
    "accusantium", "aliquid", "animi", "aspernatur", "aut", "beatae", "consequatur", "cum", "delectus", "dicta",
    "dolor", "ducimus", "eaque", "enim", "error", "est", "eum", "ex", "facere", "fuga", "hic", "illo", "in",
    "ipsa", "iste", "iure", "laborum", "maiores", "minima", "molestiae", "nam", "nemo", "nisi", "non", "nulla",
    "occaecati", "odit", "omnis", "pariatur", "porro",
)  # fmt: skip


def words(random: Random, count: int) -> str:
    """Return so many words."""
    return " ".join(random.choice(_WORDS) for _ in range(count))


def lines(random: Random, count: int) -> str:
    """Return so many lines of some words each."""
    return "\n".join(words(random, random.randint(5, 9)) for _ in range(count))
