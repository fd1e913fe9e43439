"""What is said of a requirement, and of the document that it is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Requirement:
    """One requirement.

    Attributes:
        title: as the document has it, in short where it has sections instead of a table.
        components: the files and folders that build it, from the repository's root.
        missing: what is not built or not shown yet, as a sentence; empty where nothing is.
        same_as: the requirement of an earlier document that asks for the same: what builds and holds that one does so
            for this one too.
    """

    title: str
    components: tuple[str, ...] = ()
    missing: str = ""
    same_as: str = ""


@dataclass(frozen=True)
class Document:
    """A document of requirements.

    Attributes:
        number: its number, which is its rank: where two disagree the lower one wins.
        title: the system that it asks for.
        prefix: what its ids begin with.
        requirements: by id, in the document's order.
    """

    number: int
    title: str
    prefix: str
    requirements: Mapping[str, Requirement]
