"""The receiver's credentials: kept for minutes, and good while secret and receiver disagree during a rotation.

A secret has versions. Secrets Manager marks the newest AWSCURRENT and the one before AWSPREVIOUS. A rotation reaches
the secret and the receiver at different times, so for some minutes one of the two is right, and it is not known which.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html#term_version
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from baler.files.courier.answer import Answer, Meaning
from baler.store_errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT_SECONDS: Final = 300.0
"""How long a version is used before it is asked for again: what reading costs is then nothing, and so is a rotation."""

UNUSABLE: Final = "client-credentials-unusable"


class UnusableCredentialsError(Exception):
    """The secret holds nothing that a receiver could be asked with: nothing is sent.

    Attributes:
        why: what is wrong, a word for people, logs and metrics: "certificate-expired". Never anything of the secret.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def unusable(why: str) -> Answer:
    """Return the answer for credentials with which nothing was sent."""
    return Answer(Meaning.UNAUTHORIZED, f"{UNUSABLE}:{why}")


@dataclass(frozen=True, slots=True)
class SecretVersion:
    """One version of the secret.

    Attributes:
        version_id: unique.
        text: its value.
        created_at: seconds since the epoch.
    """

    version_id: str
    text: str = field(repr=False)
    created_at: float


class SecretStore(Protocol):
    """Where the secret is kept. Calls may raise Unavailable or Refused (baler/store_errors.py)."""

    def current(self) -> SecretVersion | None:
        """Return the version that is in force; None where the secret has no value yet."""
        ...

    def previous(self) -> SecretVersion | None:
        """Return the version that was in force before; None where there was none."""
        ...


class Credentials:
    """The versions of one secret, and which of them the receiver takes. Threads may share it.

    Args:
        store: where the secret is kept.
        grace_seconds: for how long after a new version came into force the one before is tried too.
        clock: the time, seconds since the epoch.
    """

    def __init__(self, store: SecretStore, grace_seconds: float, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._grace_seconds = grace_seconds
        self._clock = clock
        self._lock = threading.Lock()
        # One send at a time finds out whether another version is taken, and those that were refused beside it follow.
        self._trial = threading.Lock()
        self._failed_trials = 0
        self._taken_id = ""
        # In force, when it came into force as far as is known here, and when it was read.
        self._current: SecretVersion | None = None
        self._current_since = 0.0
        self._read_at = 0.0
        # The one to use: that in force, or for the time of grace the one before.
        self._used: SecretVersion | None = None

    @property
    def age_seconds(self) -> float | None:
        """How old the version in force is; None while none was read."""
        current = self._current
        return None if current is None else max(self._clock() - current.created_at, 0.0)

    def send(self, attempt: Callable[[SecretVersion], Answer], repeatable: Callable[[], bool]) -> Answer:
        """Send with the credentials; once more with others, if the first were refused and there are any.

        So a rotation costs nothing, and a receiver that counts bad tries counts two at most: of several sends that are
        refused at the same time, one tries the other version, and the others follow where it was taken.

        Args:
            attempt: sends once. It may raise UnusableCredentialsError before anything is sent.
            repeatable: whether what was sent can be sent again; asked after a refusal.
        """
        failed_trials = self._failed_trials
        try:
            version = self._version()
        except Unavailable as error:
            return unusable((error.reason or "secret-refused") if isinstance(error, Refused) else "secret-unavailable")
        if version is None:
            return unusable("secret-without-value")
        answer = _tried(attempt, version)
        if answer.meaning is not Meaning.UNAUTHORIZED:
            return answer
        with self._trial:
            other = self._instead_of(version) if self._failed_trials == failed_trials else None
            if other is None or not repeatable():
                return answer
            second = None if other.version_id == self._taken_id else self._tried_instead(attempt, other)
        return second or self._tried_instead(attempt, other)

    def _tried_instead(self, attempt: Callable[[SecretVersion], Answer], version: SecretVersion) -> Answer:
        answer = _tried(attempt, version)
        if answer.meaning is Meaning.UNAUTHORIZED:
            self._failed_trials += 1
            self._taken_id = ""
            self._return_to_current()
        elif answer.meaning is Meaning.ACCEPTED:
            self._taken_id = version.version_id
        return answer

    def _version(self) -> SecretVersion | None:
        with self._lock:
            if self._used is not None and 0 <= self._clock() - self._read_at < KEPT_SECONDS:
                return self._used
            try:
                self._read()
            except Unavailable:
                # What was good a while ago is better than nothing: the receiver says whether it still is.
                if self._used is None:
                    raise
            return self._used

    def _read(self) -> None:
        """Ask for the version in force, and use it, unless the one before is in use and may be for a while yet."""
        current = self._store.current()
        known = self._current
        self._read_at = self._clock()
        if current is None:
            return
        if known is None or known.version_id != current.version_id:
            # A version may be made long before it comes into force.
            self._current_since = current.created_at if known is None else self._read_at
            self._used = current
        elif not self._within_grace():
            self._used = current
        self._current = current

    def _within_grace(self) -> bool:
        return self._clock() - self._current_since < self._grace_seconds

    def _instead_of(self, refused: SecretVersion) -> SecretVersion | None:
        """Return the version to try after one was refused, and use it from now on; None where there is no other."""
        with self._lock:
            if self._used is not None and self._used.version_id != refused.version_id:
                return self._used  # another thread was here before
            try:
                self._read()
                current = self._current
                if current is not None and current.version_id != refused.version_id:
                    self._used = current
                elif self._within_grace():
                    previous = self._store.previous()
                    if previous is None or previous.version_id == refused.version_id:
                        return None
                    self._used = previous
                else:
                    return None
            except Unavailable:
                return None
            return self._used

    def _return_to_current(self) -> None:
        with self._lock:
            self._used = self._current


def _tried(attempt: Callable[[SecretVersion], Answer], version: SecretVersion) -> Answer:
    try:
        return attempt(version)
    except UnusableCredentialsError as error:
        return unusable(error.why)
