"""What an audit has found, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from baler.cli.exit_codes import ExitCode
from baler.files.reconciliation.judgement import NEEDS_ANNOUNCEMENT, Judgement
from baler.files.story.state import FileState, Standing

OF_JUDGEMENT = {
    Judgement.MISSING: FileState.MISSING,
    Judgement.IN_PROGRESS: FileState.IN_PROGRESS,
    Judgement.UNFINISHED: FileState.UNFINISHED,
    Judgement.REJECTED: FileState.DEAD_LETTER,
}
"""The state that follows from a claim alone; of what is delivered, the archive has to say more."""

_REPAIRABLE = {OF_JUDGEMENT[judgement] for judgement in NEEDS_ANNOUNCEMENT}


@dataclass(slots=True)
class Tally:
    """Counts of one audit.

    Attributes:
        landed: files of the period.
        bundles: archived bundles that were compared.
        states: files by what became of them.
        twice: files that several bundles hold, those included that landed before the period.
        announced: files that were sent to the queue again.
        unreadable: bundles whose index entry could not be read.
        queue_is_full: not all that is missing was sent.
    """

    landed: int = 0
    bundles: int = 0
    states: Counter[FileState] = field(default_factory=Counter[FileState])
    twice: int = 0
    announced: int = 0
    unreadable: int = 0
    queue_is_full: bool = False

    @property
    def wrong(self) -> int:
        """How many files are not as they should be."""
        return self.twice + sum(count for state, count in self.states.items() if state.standing is Standing.WRONG)

    def exit_code(self, *, repair: bool) -> ExitCode:
        """Return how the audit ends."""
        repairable = sum(self.states[state] for state in _REPAIRABLE) if repair else 0
        if self.wrong > repairable:
            return ExitCode.NEEDS_ATTENTION
        if self.unreadable or self.states[FileState.UNKNOWN]:
            return ExitCode.UNKNOWN
        return ExitCode.UNFINISHED if repairable else ExitCode.OK
