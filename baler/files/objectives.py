"""How fast files must arrive, in seconds from landing to mailbox (requirements, NFR-02): the one place that says so."""

from __future__ import annotations

from typing import Final

TYPICAL_SECONDS: Final = 120
"""95% of files are in the mailbox by then."""

NEARLY_ALL_SECONDS: Final = 180
"""99.9% of files are in the mailbox by then."""
