"""The sources of a stack, as a deployment reads them: checked before anything is deployed, and put into the functions.

So a wrong file stops `pulumi preview`, and not the first run of a function.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from baler.lake.declarations import read_declarations, shipped_declarations
from baler.lake.sources import Source
from components.blocks.function_package import PROJECT

FILE: Final = "sources.toml"
"""What it is called in a function's package, beside the function's modules: Lambda starts functions there."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A file of sources."""

    text: str
    sources: tuple[Source, ...]


def declared(path: str, open_origins: Collection[str]) -> Declared:
    """Read the file of sources.

    Args:
        path: relative to the project; empty is the file that Baler ships.
        open_origins: see `baler.lake.sources.check_source`.

    Raises:
        OSError, UnicodeDecodeError: it cannot be read.
        DeclarationError: it is wrong; the message names the source and the key.
    """
    text = (PROJECT / path).read_text(encoding="utf-8") if path else shipped_declarations()
    return Declared(text, read_declarations(text, frozenset(open_origins)))
