"""Every state that a landed file, one version of one object, can be in (docs/questions.md has the same table)."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Self


class Standing(Enum):
    """Whether a state is as it should be."""

    ON_ITS_WAY = "on its way"
    ARRIVED = "arrived"
    WRONG = "wrong"
    UNKNOWN = "unknown"


class FileState(StrEnum):
    """What became of a file.

    Attributes:
        standing: whether that is as it should be.
        meaning: what it says.
        action: what an operator does next.
    """

    standing: Standing
    meaning: str
    action: str

    def __new__(cls, name: str, standing: Standing, meaning: str, action: str) -> Self:
        """Make a member of its name, its standing and two sentences."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.standing = standing
        member.meaning = meaning
        member.action = action
        return member

    WAITING = (
        "waiting",
        Standing.ON_ITS_WAY,
        "It landed within the last hour, and no attempt has claimed it yet.",
        "Wait. If nothing moves, docs/runbooks/files-stuck.md.",
    )
    IN_PROGRESS = (
        "in_progress",
        Standing.ON_ITS_WAY,
        "An attempt has claimed it and may be alive: its lease runs.",
        "Wait for the end of the lease.",
    )
    IN_MAILBOX = (
        "in_mailbox",
        Standing.ON_ITS_WAY,
        "Its bundle is in the archive and lies in the mailbox.",
        "Wait. If it stays there, docs/runbooks/not-consumed.md or docs/runbooks/receiver-down.md.",
    )
    RECEIVING = (
        "receiving",
        Standing.ON_ITS_WAY,
        "The consumer has unpacked its bundle, and its files are moving into place.",
        "Wait. If it stays so, see what the consumer says.",
    )
    RECEIVED = (
        "received",
        Standing.ARRIVED,
        "The consumer's ledger says that every file of its bundle is in place.",
        "Nothing.",
    )
    DELIVERED = (
        "delivered",
        Standing.ARRIVED,
        "The receiver has acknowledged its bundle: there is a receipt.",
        "Nothing.",
    )
    TAKEN = (
        "taken",
        Standing.ARRIVED,
        "Its bundle was in the mailbox and is gone: the consumer deletes what it has delivered.",
        "Nothing. The consumer's ledger says when: `--state` on its host.",
    )
    MISSING = (
        "missing",
        Standing.WRONG,
        "It landed more than an hour ago; unless its message waits in the queue, nothing is going to deliver it.",
        "Look at the queue, then `baler audit --repair`.",
    )
    UNFINISHED = (
        "unfinished",
        Standing.WRONG,
        "The attempt that had claimed it ended before its bundle was in the mailbox, and no other has taken it up.",
        "`baler audit --repair` sends it again; the next attempt finishes it.",
    )
    DEAD_LETTER = (
        "dead_letter",
        Standing.WRONG,
        "It is not delivered, and its message is among the dead letters.",
        "docs/runbooks/dead-letters.md.",
    )
    SET_ASIDE = (
        "set_aside",
        Standing.WRONG,
        "The receiver refused its bundle, which lies in the quarantine of the mailbox.",
        "docs/runbooks/refused-bundles.md, then `baler redeliver`.",
    )
    UNRECEIVED = (
        "unreceived",
        Standing.WRONG,
        "Its bundle is gone from the mailbox, and neither receipt nor ledger has it.",
        "`baler replay` of the bundle.",
    )
    UNARCHIVED = (
        "unarchived",
        Standing.WRONG,
        "The claim table says that it is in an archived bundle, and the archive says that it is not.",
        "Find out who removed the bundle: `baler verify`. Have the file put once more.",
    )
    TWICE = (
        "twice",
        Standing.WRONG,
        "Two or more archived bundles hold it.",
        "A defect of Baler: keep the bundles, and report it.",
    )
    UNKNOWN = (
        "unknown",
        Standing.UNKNOWN,
        "Something that the answer depends on could not be asked.",
        "Read what it was, and ask again when it is mended.",
    )
