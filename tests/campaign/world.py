"""One case: a site, what is put into its way, and what has to come of it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.consumer import Site, make_bundle

from baler.files.bundle.ids import bundle_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from random import Random

Files = list[tuple[str, bytes]]


@dataclass
class World:
    """A case while it is made and run.

    Attributes:
        folder: everything lies in it: the site, and a file of someone else's beside it.
        random: where every choice comes from.
        whole_bundles: the files of a bundle appear all at once, in a folder of its own.
        site: the consumer, and the mailbox that it reads.
        good: what must arrive, (key, content), each content once; the contents of a case differ from each other.
        good_keys: the objects that hold it, which must leave the mailbox.
        object_of: the key of the object that holds a content.
        bad: objects that may be refused, and the contents that arrive where they are not. A refused one stays in the
            mailbox and is named in an event.
        planted: files of others in the folder of files, which must stay as they are.
        before_pass: called with the number of each pass, from 0: what happens between passes.
        until_the_end: what is undone when the case is over (patches).
    """

    folder: Path
    random: Random
    whole_bundles: bool = False
    site: Site = field(init=False)
    good: Files = field(default_factory=Files)
    good_keys: set[str] = field(default_factory=set[str])
    object_of: dict[bytes, str] = field(default_factory=dict[bytes, str])
    bad: dict[str, list[bytes]] = field(default_factory=dict[str, list[bytes]])
    planted: dict[Path, bytes] = field(default_factory=dict["Path", bytes])
    before_pass: list[Callable[[int], None]] = field(default_factory=list["Callable[[int], None]"])
    until_the_end: ExitStack = field(default_factory=ExitStack)
    bundles: int = 0

    def __post_init__(self) -> None:
        self.site = Site(self.folder / "site" / "received", whole_bundles=self.whole_bundles)

    def content(self, name: str = "") -> bytes:
        """Return a content that no other file of the case has."""
        self.bundles += 1
        return f"{self.bundles} {name} ".encode(errors="replace") + self.random.randbytes(
            self.random.choice([0, 9, 700])
        )

    def some_files(self, keys: Sequence[str] | None = None) -> Files:
        """Return files with these keys, or a few with harmless ones."""
        if keys is None:
            keys = [f"device-{self.random.randrange(3)}/{self.bundles}-{n}" for n in range(self.random.randrange(1, 5))]
        return [(key, self.content(key)) for key in keys]

    def make_bundle(self, files: Files) -> tuple[str, bytes]:
        """Return the key and the bytes of the next bundle; later ones sort behind it."""
        self.bundles += 1
        bundle_id, body = make_bundle(files, self.bundles)
        return bundle_key(bundle_id), body

    def put_good(self, keys: Sequence[str] | None = None) -> str:
        """Put a bundle that must be delivered."""
        files = self.some_files(keys)
        key, body = self.make_bundle(files)
        self.site.mailbox.put(key, body)
        self.good += files
        self.good_keys.add(key)
        self.object_of |= dict.fromkeys((content for _, content in files), key)
        return key

    def put_bad(self, key: str, body: bytes, contents: list[bytes], metadata: Mapping[str, str] | None = None) -> None:
        """Put an object that may be refused; without metadata its hash is right."""
        self.site.mailbox.put(key, body, metadata)
        self.bad[key] = contents
