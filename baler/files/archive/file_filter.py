"""Which files are meant: by exact key, by what the key begins with, by a pattern."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PATTERN_HELP: Final = (
    "Files whose whole key fits: * stands for any characters, / too, ? for one, [ab] for one of these. Repeatable."
)
"""What `--pattern` of every command means."""


@dataclass(frozen=True)
class FileFilter:
    """Files that are meant: of one of the keys or fitting one of the patterns, if there are any of either.

    Attributes:
        keys: exact.
        patterns: as PATTERN_HELP says; letters are told apart by their case.
        prefix: what every key begins with.
    """

    keys: frozenset[str] = frozenset()
    patterns: Sequence[str] = ()
    prefix: str = ""
    _fits: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        joined = "|".join(fnmatch.translate(pattern) for pattern in self.patterns)
        object.__setattr__(self, "_fits", re.compile(joined) if self.patterns else None)

    @classmethod
    def of(cls, keys: Iterable[str] = (), patterns: Sequence[str] | None = None, prefix: str = "") -> FileFilter:
        """Make one of what a command line has."""
        return cls(frozenset(keys), tuple(patterns or ()), prefix)

    @property
    def is_all(self) -> bool:
        """Every file is meant."""
        return not self.keys and not self.patterns and not self.prefix

    def matches(self, key: str) -> bool:
        """Tell whether the file of a key is meant."""
        if self.prefix and not key.startswith(self.prefix):
            return False
        if key in self.keys:
            return True
        return self._fits.match(key) is not None if self._fits else not self.keys

    def __str__(self) -> str:
        """Say what is meant, as after "no bundle holds"."""
        named = [repr(each) for each in (*sorted(self.keys), *self.patterns)]
        if self.prefix:
            named.append(f"what begins with {self.prefix!r}")
        return ", ".join(named) or "a file"
