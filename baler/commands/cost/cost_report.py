"""The bills of a stack's pipelines, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baler.commands.cost.document import document
from baler.commands.cost.estimate import ESTIMATES, compare
from baler.commands.cost.events.document import event_document
from baler.commands.cost.events.estimate import EVENT_ESTIMATES, compare_events
from baler.commands.cost.events.monthly import monthly_event_bill
from baler.commands.cost.events.report import event_check, event_title
from baler.commands.cost.figures import figures
from baler.commands.cost.lake.estimate import compare_lake
from baler.commands.cost.lake.monthly import monthly_lake_bill
from baler.commands.cost.lake.report import lake_check, lake_document, lake_title
from baler.commands.cost.monthly import monthly_bill
from baler.commands.cost.report import every_line, file_check, file_title, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baler.commands.cost.bill import Bill
    from baler.commands.cost.events.settings import EventStackSettings
    from baler.commands.cost.events.traffic import EventProfile
    from baler.commands.cost.lake.settings import LakeStackSettings
    from baler.commands.cost.lake.traffic import LakeProfile
    from baler.commands.cost.report import EstimateCheck
    from baler.commands.cost.settings import StackSettings
    from baler.commands.cost.traffic import Profile


class CostReport:
    """What each pipeline of a stack costs, one after the other.

    Args:
        stack: its name.

    Attributes:
        document: for programs. What is of another pipeline than the files stands under its name.
    """

    def __init__(self, stack: str) -> None:
        self.document: dict[str, Any] = {"stack": stack}
        self._stack = stack
        self._parts: list[tuple[str, Bill, Sequence[EstimateCheck]]] = []

    def add_files(self, profile: Profile, settings: StackSettings) -> None:
        """Add the file pipeline, and the estimates of documents 1 and 2."""
        month = monthly_bill(profile, settings, figures())
        compared = [compare(estimate, settings, figures(), profile.archive_months) for estimate in ESTIMATES]
        self.document |= document(self._stack, month, compared)
        self._parts.append((file_title(self._stack, month), month.bill, [file_check(one) for one in compared]))

    def add_events(self, profile: EventProfile, settings: EventStackSettings) -> None:
        """Add the event stream, and the estimates of document 5."""
        month = monthly_event_bill(profile, settings, figures())
        compared = [compare_events(estimate, settings, figures()) for estimate in EVENT_ESTIMATES]
        self.document["events"] = event_document(month, compared)
        self._parts.append((event_title(self._stack, month), month.bill, [event_check(one) for one in compared]))

    def add_lake(self, profile: LakeProfile, settings: LakeStackSettings, *, secrets: int) -> None:
        """Add the lake, and the estimate of document 4."""
        month = monthly_lake_bill(profile, settings, figures(), secrets=secrets)
        compared = compare_lake(settings, figures())
        self.document["lake"] = lake_document(month, compared)
        self._parts.append((lake_title(self._stack, month), month.bill, [lake_check(compared)]))

    def lines(self, width: int | None, *, every: bool) -> list[str]:
        """Return the report: the sums, or every line and the checks of the estimates."""
        told: list[str] = []
        for title, bill, checks in self._parts:
            told += [*(every_line(title, bill, checks, width) if every else summary(title, bill, width)), ""]
        return told
