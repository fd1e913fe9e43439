"""From a request to its answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from runtime.lake.api import routes as paths
from runtime.lake.api.analytics import DAYS_DEFAULT, content_of, read_analytics
from runtime.lake.api.answer import ALLOWED, content, options, refusal
from runtime.lake.api.openapi import description
from runtime.lake.api.paging import read_last_key
from runtime.lake.api.parameters import read_parameters
from runtime.lake.api.problems import ApiError, Problem
from runtime.lake.api.record import read_record
from runtime.lake.api.records import LIMIT_DEFAULT, PageRequest, read_page
from runtime.lake.api.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from baler.lake.sources import Source
    from runtime.lake.api.answer import Answer
    from runtime.lake.api.ports import Stores
    from runtime.lake.api.request import Request
    from runtime.lake.api.routes import Route

OTHER: Final = "other"
"""The operation of requests that no route has, for traces."""
_METHODS: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and which operation gave it."""

    operation: str
    answer: Answer


class Api:
    """Answers requests.

    Args:
        sources: that are declared.
        retention_days: how long records are kept; 0 for ever.
    """

    def __init__(self, sources: Sequence[Source], retention_days: int) -> None:
        self._sources: Mapping[str, Source] = {each.name: each for each in sources}
        self._retention_days = retention_days
        self._routes = paths.routes(self._sources)
        self._description = ""

    def answer(self, request: Request, stores: Stores, now: float) -> Answered:
        """Answer a request.

        Args:
            request: what is asked.
            stores: for this request.
            now: seconds since the epoch.

        Raises:
            Unavailable: a store did not answer.
        """
        found = paths.matching(request.path, self._routes)
        operation = found[0].name if found else OTHER
        try:
            answer = self._answer(request, found, stores, View(self._sources, now, self._retention_days))
        except ApiError as error:
            answer = refusal(error)
        return Answered(operation, answer.for_method(request.method))

    def _answer(self, request: Request, found: tuple[Route, str] | None, stores: Stores, view: View) -> Answer:
        if found is None:
            raise ApiError(Problem.NO_SUCH_PATH, f"there is nothing here; the paths are {self._templates()}")
        route, record_id = found
        if request.method == "OPTIONS":
            return options()
        if request.method not in _METHODS:
            raise ApiError(
                Problem.METHOD_NOT_ALLOWED, f"the API is for reading; the methods are {ALLOWED}", {"allow": ALLOWED}
            )
        values = read_parameters(route.parameters, request.query)
        same_as = ""
        match route.name:
            case paths.LIST:
                body = self._page(values, stores, view)
            case paths.READ:
                body = read_record(record_id, stores.records, view)
            case paths.ANALYTICS:
                counted = read_analytics(cast("int", values.get("days", DAYS_DEFAULT)), stores.counters, view)
                body, same_as = json.dumps(counted, separators=(",", ":")), content_of(counted)
            case _:
                body = self._described()
        return content(request, body, route.cache_control, same_as)

    def _page(self, values: Mapping[str, int | str], stores: Stores, view: View) -> str:
        source, key = cast("str", values.get("source", "")), stores.paging_key.read
        token = values.get("lastKey")
        asked = PageRequest(
            source=source,
            limit=cast("int", values.get("limit", LIMIT_DEFAULT)),
            after=None if token is None else read_last_key(cast("str", token), source, key),
        )
        return read_page(asked, stores.records, view, key)

    def _described(self) -> str:
        if not self._description:
            self._description = json.dumps(
                description(self._routes, list(self._sources.values())), separators=(",", ":")
            )
        return self._description

    def _templates(self) -> str:
        return ", ".join(route.template for route in self._routes)
