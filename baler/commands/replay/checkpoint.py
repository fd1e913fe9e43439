"""The checkpoint: a replay that is not done yet, in a file that `--continue` takes.

It is written before the first restore or put and removed when nothing is left to do, so whatever happens in between
(Ctrl-C, a reboot, SIGKILL) the same replay can be continued; under its own id, so that no bundle is delivered
twice for it. The first line says what was asked for; each further one names a bundle that is in the mailbox.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import IO, TYPE_CHECKING, Any, Final, Self, cast

from baler.files.archive.bucket import TIERS, RestoreOptions, Tier
from baler.files.bundle.ids import bundle_key
from baler.files.horizon import REPLAY_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

_FORMAT: Final = 1


class CheckpointError(Exception):
    """A checkpoint cannot be written or read; the message says why."""


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What was asked for.

    Attributes:
        archive, mailbox: the buckets.
        bundles: ids, oldest first.
        tier: how fast, and for how much, Deep Archive gives them back.
        keep_days: how long it keeps the readable copies.
        replay_id: what the objects in the mailbox say they were put for: each bundle is delivered once for it.
    """

    archive: str
    mailbox: str
    bundles: Sequence[str]
    tier: Tier
    keep_days: int
    replay_id: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{token_hex(4)}")

    @property
    def restore(self) -> RestoreOptions:
        """How Deep Archive is asked."""
        return RestoreOptions(self.tier, self.keep_days)


class Checkpoint:
    """An open checkpoint.

    Attributes:
        path: the file.
        request: what was asked for.
    """

    def __init__(self, path: Path, request: ReplayRequest, replayed: set[str], journal: IO[str]) -> None:
        self.path = path
        self.request = request
        self._replayed = replayed
        self._journal = journal

    @classmethod
    def create(cls, folder: Path, request: ReplayRequest) -> Self:
        """Write a new checkpoint into a folder.

        Raises:
            CheckpointError: the folder takes none.
        """
        path = folder / f"replay-{request.replay_id}.jsonl"
        try:
            journal = path.open("x", encoding="ascii")
            journal.write(json.dumps({"baler_replay": _FORMAT, **asdict(request)}) + "\n")
            journal.flush()
            os.fsync(journal.fileno())
        except OSError as error:
            raise CheckpointError(
                f"Cannot write the checkpoint {path} ({error.strerror}): go to a folder that can be written to."
            ) from error
        return cls(path, request, set(), journal)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a checkpoint that an earlier run left.

        Raises:
            CheckpointError: it is none, or cannot be read and written.
        """
        try:
            head, *lines = path.read_text(encoding="ascii").splitlines()
            request = _request(json.loads(head))
            journal = path.open("a", encoding="ascii")
        except OSError as error:
            raise CheckpointError(f"Cannot open the checkpoint {path}: {error.strerror}.") from error
        except (ValueError, TypeError, AttributeError) as error:
            raise CheckpointError(f"{path} is not a checkpoint of `baler replay`: {error}.") from error
        if _days_since(request.replay_id) > REPLAY_DAYS:
            raise CheckpointError(
                f"{path} is of a replay that began more than {REPLAY_DAYS} days ago: consumers may have forgotten what "
                "they took for it, and would take it again. Begin a new replay of what is still missing."
            )
        # The last line of a process that was killed may be cut off: its bundle is put again, and taken once.
        return cls(path, request, {replayed for line in lines if (replayed := _bundle_in(line))}, journal)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._journal.close()

    @property
    def left(self) -> list[str]:
        """The bundles that are not yet in the mailbox."""
        return [bundle_id for bundle_id in self.request.bundles if bundle_id not in self._replayed]

    def note(self, bundle_id: str) -> None:
        """Note that a bundle is in the mailbox."""
        self._replayed.add(bundle_id)
        # A line of its own, whatever a killed process left of the line before.
        self._journal.write(f"\n{json.dumps({'replayed': bundle_id})}\n")
        self._journal.flush()

    def remove(self) -> None:
        """Remove the file: nothing is left to do."""
        self.path.unlink(missing_ok=True)


def _request(fields: dict[str, Any]) -> ReplayRequest:
    """Return what the first line of a checkpoint says; raise ValueError, TypeError or AttributeError if it is none."""
    if fields.pop("baler_replay", None) != _FORMAT:
        raise ValueError("written by another program, or another version of this one")
    request = ReplayRequest(**fields)
    if not all(isinstance(fields.get(name), str) for name in ("archive", "mailbox", "replay_id")):
        raise ValueError("a bucket or the replay's id is no text")
    for bundle_id in request.bundles:
        bundle_key(bundle_id)
    if request.tier not in TIERS:
        raise ValueError(f"no tier of Deep Archive: {request.tier!r}")
    return request


def _days_since(replay_id: str) -> float:
    """Return how old a replay is by its id; 0 where that does not say."""
    try:
        began = datetime.strptime(replay_id.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return 0
    return (datetime.now(UTC) - began) / timedelta(days=1)


def _bundle_in(line: str) -> str | None:
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return cast("dict[str, Any]", fields).get("replayed") if isinstance(fields, dict) else None
