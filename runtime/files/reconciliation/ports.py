"""What the nightly function needs of the outside beside the comparison (baler/files/reconciliation/ports.py).

Every call may raise Unavailable (see baler/files/claims/ports.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from runtime.files.reconciliation.progress import Progress


class Superseded(Exception):  # noqa: N818 - what it is about
    """Another run has carried the sweep on meanwhile: it is that one's now."""


class ProgressStore(Protocol):
    """Keeps how far the sweep is, between two runs."""

    def load(self) -> Progress | None:
        """Return what was saved last; None if nothing was."""
        ...

    def save(self, progress: Progress) -> None:
        """Save, if what is saved is of the generation before.

        Raises:
            Superseded: it is of another generation.
        """
        ...
