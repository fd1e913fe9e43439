"""Paths into a document: keys of objects and places in arrays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, cast


class _Missing:
    """Stands for a value that is not there; null is a value."""


MISSING: Final = _Missing()

_PLACE: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Path:
    """Where a value lies.

    Attributes:
        keys: from the outside in; none for the whole. In an array, digits are the place, from 0.
    """

    keys: tuple[str, ...] = ()

    def value_in(self, document: object) -> object:
        """Return the value there, or MISSING."""
        found = document
        for key in self.keys:
            if isinstance(found, dict):
                found = cast("dict[str, object]", found).get(key, MISSING)
            elif isinstance(found, list) and _PLACE.fullmatch(key):
                items = cast("list[object]", found)
                found = items[int(key)] if int(key) < len(items) else MISSING
            else:
                return MISSING
        return found


WHOLE: Final = Path()
"""The path of the whole document."""
