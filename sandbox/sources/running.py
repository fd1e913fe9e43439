"""The stand-ins as a stack's sources, for the length of a `with` block."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from baler.lake.declarations import shipped_declarations
from sandbox.sources.faults import FaultKind
from sandbox.sources.people import People
from sandbox.sources.posts import Posts
from sandbox.sources.server import served
from sandbox.sources.stand_in import StandIn
from sandbox.sources.tides import Tides

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

POSTS: Final = "jsonplaceholder"
PEOPLE: Final = "randomuser"
TIDES: Final = "tide-gauges"
"""Names of the sources."""

_PUBLIC: Final = {POSTS: "https://jsonplaceholder.typicode.com", PEOPLE: "https://randomuser.me"}
_FILE: Final = "sources.toml"
_TIDES: Final = """
[[source]]
name = "tide-gauges"
type = "readings"
url = "{origin}/v1/readings"
records = "data"
id = "reading"
pages = {{ kind = "cursor", parameter = "cursor", next = "meta.next" }}

[source.fields]
gauge = "gauge.name"
level_m = {{ kind = "number" }}
rising = {{ kind = "boolean" }}
taken_at = "taken_at"
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """The stand-ins that run.

    Attributes:
        posts, people, tides: their content.
        stand_ins: by the names of the sources.
        file: the declarations that a stack fetches them by.
    """

    posts: Posts
    people: People
    tides: Tides
    stand_ins: Mapping[str, StandIn]
    file: Path

    @property
    def settings(self) -> dict[str, Any]:
        """The configuration by which a stack fetches them."""
        return {
            "baler:lakeSourcesFile": str(self.file),
            "baler:lakeOpenOrigins": [stand_in.origin for stand_in in self.stand_ins.values()],
        }

    def fall_silent(self) -> None:
        """Let no source answer well any more: whenever the rule fires, nothing new comes."""
        for stand_in in self.stand_ins.values():
            stand_in.fail(FaultKind.ERROR)

    def recover(self) -> None:
        """Let all sources answer well."""
        for stand_in in self.stand_ins.values():
            stand_in.recover()

    def declare_third(self) -> None:
        """Add the third source to the file, as a user does: what is deployed afterwards fetches it."""
        declared = self.file.read_text(encoding="utf-8")
        third = _TIDES.format(origin=self.stand_ins[TIDES].origin)
        self.file.write_text(declared + third, encoding="utf-8")


@contextmanager
def running_sources(folder: Path, *, seed: int = 0) -> Generator[Sources]:
    """Serve the stand-ins, and declare the first two as the shipped file declares the public APIs.

    Args:
        folder: gets the file of declarations.
        seed: the same makes the same content.
    """
    posts, people, tides = Posts(seed), People(seed), Tides(seed)
    with ExitStack() as running:
        stand_ins = {
            name: running.enter_context(served(StandIn(api)))
            for name, api in ((POSTS, posts), (PEOPLE, people), (TIDES, tides))
        }
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / _FILE).resolve()
        file.write_text(_declared(stand_ins), encoding="utf-8")
        yield Sources(posts, people, tides, stand_ins, file)


def _declared(stand_ins: Mapping[str, StandIn]) -> str:
    text = shipped_declarations()
    for name, origin in _PUBLIC.items():
        text = text.replace(f'"{origin}/', f'"{stand_ins[name].origin}/')
    return text
