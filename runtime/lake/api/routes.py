"""The paths of the API, each declared once: for answering, and for the API's description."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from runtime.lake.api.analytics import DAYS_DEFAULT, DAYS_MAX
from runtime.lake.api.paging import LAST_KEY_MAX
from runtime.lake.api.parameters import Choice, Opaque, WholeNumber
from runtime.lake.api.problems import Problem
from runtime.lake.api.records import LIMIT_DEFAULT, LIMIT_MAX

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime.lake.api.parameters import Parameter

_OF_PARAMETERS: Final = (Problem.PARAMETER_INVALID, Problem.PARAMETER_UNKNOWN, Problem.PARAMETER_REPEATED)
# The schedule brings new records every few minutes; after that nobody is shown a page that is older than this.
_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Route:
    """One path.

    Attributes:
        name: of the operation, in the API's description and in traces.
        template: the path; `{id}` stands for what has no slash.
        summary: for people.
        parameters: of the query.
        problems: refusals beside those that every path may have.
        answer: name of the schema of what status 200 brings.
        cache_control: of it.
    """

    name: str
    template: str
    summary: str
    parameters: tuple[Parameter, ...]
    problems: tuple[Problem, ...]
    answer: str
    cache_control: str


def routes(sources: Collection[str]) -> tuple[Route, ...]:
    """Return all of them.

    Args:
        sources: names of those that are declared.
    """
    limit = WholeNumber(
        "limit",
        "Records of a page, at most. A page may have fewer and still go on, if its records are large.",
        1,
        LIMIT_MAX,
        LIMIT_DEFAULT,
    )
    source = Choice("source", "Records of this source alone.", tuple(sorted(sources)), "all sources")
    last_key = Opaque("lastKey", "`lastKey` of the page before; with the same `source` as that page.", LAST_KEY_MAX)
    days = WholeNumber("days", "Days of the timeline, in UTC; the last is today.", 1, DAYS_MAX, DAYS_DEFAULT)
    cached = f"private, max-age={_SECONDS}"
    return (
        Route(
            LIST,
            "/records",
            "Records, newest first; of equal times by source.",
            (limit, source, last_key),
            (*_OF_PARAMETERS, Problem.LAST_KEY_INVALID),
            "RecordPage",
            cached,
        ),
        Route(
            READ,
            "/records/{id}",
            "One record with its document.",
            (),
            (Problem.PARAMETER_UNKNOWN, Problem.NO_SUCH_RECORD),
            "RecordWithDocument",
            cached,
        ),
        Route(
            ANALYTICS,
            "/analytics",
            "How many records there are, by source and by the day that first showed them.",
            (days,),
            _OF_PARAMETERS,
            "Analytics",
            cached,
        ),
        Route(
            DESCRIPTION,
            "/openapi.json",
            "This description.",
            (),
            (Problem.PARAMETER_UNKNOWN,),
            "Description",
            "private, max-age=300",
        ),
    )


LIST: Final = "listRecords"
READ: Final = "readRecord"
ANALYTICS: Final = "readAnalytics"
DESCRIPTION: Final = "readDescription"

_ID: Final = re.compile(r"/records/([^/]+)")


def matching(path: str, declared: Collection[Route]) -> tuple[Route, str] | None:
    """Return the route of a path, and what stands for its `{id}`; None if there is none."""
    found = _ID.fullmatch(path)
    template, record_id = ("/records/{id}", found[1]) if found else (path, "")
    return next(((route, record_id) for route in declared if route.template == template), None)
