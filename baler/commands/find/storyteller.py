"""Gathers what is known of files: claims for all of them at once, then each one's bundles, many at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from baler.cli.s3 import CONNECTIONS
from baler.files.story.evidence import FileEvidence
from baler.files.story.state import FileState
from baler.files.story.verdict import state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from baler.commands.find.dead_letter_search import DeadLetterSearch
    from baler.files.claims.model import Claim
    from baler.files.landed_file import LandedFile
    from baler.files.places.bundle_inspector import BundleInspector, InspectedBundle
    from baler.files.reconciliation.ports import ClaimReader

# How often a file is looked at whose claim changes hands meanwhile, or whose bundle was between two places.
_LOOKS: Final = 3
# What a bundle that moves from place to place may seem to be: looked at once more before it is said.
_DOUBTFUL: Final = frozenset({FileState.UNRECEIVED, FileState.UNARCHIVED, FileState.UNFINISHED})
# What a message among the dead letters would explain.
_UNEXPLAINED: Final = frozenset({FileState.MISSING, FileState.UNFINISHED, FileState.WAITING})


@dataclass(frozen=True, slots=True)
class Subject:
    """A version of a file whose story is wanted.

    Attributes:
        key: the exact key.
        version_id: None where it has none of its own.
        landed: as the landing bucket has it; None where it does not have it any more.
        is_current: it is what a GET of the key answers.
        indexed: the bundles whose manifests, found by a search, list it.
    """

    key: str
    version_id: str | None
    landed: LandedFile | None = None
    is_current: bool = False
    indexed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileStory:
    """All that is known of a version of a file.

    Attributes:
        subject: which it is.
        state: what became of it.
        evidence: what that follows from.
        bundles: those that are said to hold it.
    """

    subject: Subject
    state: FileState
    evidence: FileEvidence
    bundles: tuple[InspectedBundle, ...] = field(default=())


class Storyteller:
    """Finds out what became of files.

    Args:
        landing_bucket: its name.
        claims: the claim table.
        inspector: asks the places that bundles come to.
        dead_letters: the search in the dead-letter queue; None where the queue is not known.
        clock: the time, seconds since the epoch.
    """

    def __init__(
        self,
        landing_bucket: str,
        claims: ClaimReader,
        inspector: BundleInspector,
        dead_letters: DeadLetterSearch | None,
        clock: Callable[[], float],
    ) -> None:
        self._landing_bucket = landing_bucket
        self._claims = claims
        self._inspector = inspector
        self._dead_letters = dead_letters
        self._clock = clock

    def stories(self, subjects: Sequence[Subject]) -> list[FileStory]:
        """Return the stories of files, in their order.

        Raises:
            S3Error: S3 failed.
            Unavailable: DynamoDB did not answer.
        """
        identities = {subject: self._identity(subject) for subject in subjects}
        named = [identity for identity in identities.values() if identity is not None]
        claims = self._standing(named)
        rejections = self._claims.rejections(named)

        def tell(subject: Subject) -> FileStory:
            identity = identities[subject]
            if identity is None:
                return self._story(subject, None, None)
            return self._settled(subject, identity, claims.get(identity), rejections.get(identity))

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            stories = list(pool.map(tell, subjects))
        return self._explained(stories, identities)

    def _settled(self, subject: Subject, identity: str, claim: Claim | None, rejection: str | None) -> FileStory:
        """Return a story whose claim still stood when its bundle had been looked at (decision 7)."""
        story = self._story(subject, claim, rejection)
        for _ in range(_LOOKS - 1):
            again = self._standing([identity]).get(identity)
            if again == claim and story.state not in _DOUBTFUL:
                break
            claim = again
            story = self._story(subject, claim, rejection)
        return story

    def _story(self, subject: Subject, claim: Claim | None, rejection: str | None) -> FileStory:
        claimed = () if claim is None else (claim.bundle_id,)
        bundle_ids = dict.fromkeys((*claimed, *subject.indexed))
        bundles = tuple(self._inspector.inspect(bundle_id, subject.key, subject.version_id) for bundle_id in bundle_ids)
        evidence = FileEvidence(subject.landed, claim, tuple(bundle.holding for bundle in bundles), rejection)
        return FileStory(subject, state_of(evidence, self._clock()), evidence, bundles)

    def _explained(self, stories: list[FileStory], identities: Mapping[Subject, str | None]) -> list[FileStory]:
        """Ask the dead letters for what nothing else explains: SQS notes nothing where it moves a message there."""
        wanted = {identities[story.subject] for story in stories if story.state in _UNEXPLAINED} - {None}
        if not wanted or self._dead_letters is None:
            return stories
        reasons = self._dead_letters.reasons([identity for identity in wanted if identity is not None])
        return [self._with_reason(story, reasons.get(identities[story.subject] or "")) for story in stories]

    def _with_reason(self, story: FileStory, reason: str | None) -> FileStory:
        if reason is None or story.state not in _UNEXPLAINED:
            return story
        evidence = replace(story.evidence, dead_letter=reason)
        return replace(story, evidence=evidence, state=state_of(evidence, self._clock()))

    def _standing(self, identities: Iterable[str]) -> Mapping[str, Claim]:
        """Return the claims that stand, by identity."""
        now = self._clock()
        return {
            identity: claim
            for identity, claim in self._claims.claims(list(identities)).items()
            if claim.expires_at >= now and not claim.is_given_back
        }

    def _identity(self, subject: Subject) -> str | None:
        """Return the identity of a file; None where it went by its ETag, and that is gone with it."""
        if subject.landed is not None:
            return subject.landed.identity
        if subject.version_id is None:
            return None
        return f"{self._landing_bucket}/{subject.key}@{subject.version_id}"
