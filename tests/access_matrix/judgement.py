"""Asks every row of the policies of one deployment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from harness.recorded_program import EVENTS_ALONE, HTTP, LAKE_ALONE, record_program

from access_matrix.mutants import mutants_of
from access_matrix.produced import produced_policies
from access_matrix.requests import ANALYST, EXTERNAL_ID, OPERATOR, OWN_DOCUMENTS, Requests
from access_matrix.resources import PREFIX
from access_matrix.resources_of_events import REPLICA
from access_matrix.resources_of_lake import SOURCES_FILE
from access_matrix.simulator import Case, surprises
from access_matrix.vocabulary import Expected, Variant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from access_matrix.mutants import Mutant
    from access_matrix.row import Row
    from access_matrix.simulator import Request

_PARTIES: Final = {
    "baler:filesExternalPartyExternalId": EXTERNAL_ID,
    "baler:filesExternalPartyPrefix": PREFIX,
    "baler:operatorPrincipalArns": [OPERATOR],
}
_STANDBY: Final = {**_PARTIES, "baler:filesConsumerStandby": True}
STACKS: Final[dict[Variant, tuple[str, dict[str, Any]]]] = {
    Variant.OPEN: ("dev", _STANDBY),
    Variant.PRIVATE: ("prod", {**_STANDBY, "baler:onPremisesCidrs": ["10.20.0.0/16"]}),
    Variant.PUSHED: ("prod", {**_PARTIES, **HTTP}),
    Variant.EVENTS: (
        "prod",
        {
            **EVENTS_ALONE,
            "baler:operatorPrincipalArns": [OPERATOR],
            "baler:eventsAnalystPrincipalArns": [ANALYST],
            "baler:eventsReplicaBucketArn": REPLICA,
        },
    ),
    Variant.LAKE: (
        "prod",
        {
            **LAKE_ALONE,
            "baler:operatorPrincipalArns": [OPERATOR],
            "baler:lakeSourcesFile": SOURCES_FILE,
            "baler:lakeKeepVersions": True,
        },
    ),
}
"""The stack that stands for each kind, and its settings."""


@dataclass(frozen=True)
class Judged:
    """The cases of a deployment, and the documents that decide them."""

    documents: Mapping[str, Any]
    """The program's own, by name."""

    cases: tuple[Case, ...]

    def wrong(self) -> list[str]:
        """Return the cases that the policies answer otherwise than the table, a line each."""
        found = surprises({**OWN_DOCUMENTS, **self.documents}, [[case] for case in self.cases])
        return [f"{'refused' if case.wanted else 'allowed'}: {case.told}" for case in found if case]

    def unnoticed(self) -> list[str]:
        """Return the names of the mutants of the documents that change no answer of the table."""
        mutants = list(mutants_of(self.documents))
        documents = {**OWN_DOCUMENTS, **self.documents, **{mutant.name: mutant.policy for mutant in mutants}}
        found = surprises(documents, [self._judged_by(mutant) for mutant in mutants])
        return [mutant.name for mutant, case in zip(mutants, found, strict=True) if case is None]

    def _judged_by(self, mutant: Mutant) -> list[Case]:
        """Return the cases that a document decides, and its mutant may otherwise, with the mutant in its place."""
        return [
            replace(case, request=_in_place_of(case.request, mutant))
            for case in self.cases
            if mutant.document in case.request.documents
            and mutant.may_answer_otherwise(case.request.action, case.request.resource)
        ]


def judged(variant: Variant, rows: Sequence[Row]) -> Judged:
    """Return the cases of the rows for a kind of stack, and the program's documents for it."""
    deployed = record_program(*STACKS[variant])
    produced = produced_policies(deployed)
    requests = Requests(deployed, produced, variant)
    return Judged(
        {name: document for name, document in produced.documents.items() if _is_asked(name, variant)},
        tuple(_case(row, row.expected(variant), request) for row in rows for request in requests.of(row)),
    )


def _is_asked(document: str, variant: Variant) -> bool:
    """Tell whether a kind of stack is asked about a document.

    What pipelines share is asked about where the files are: it is the same here (test_composition.py).
    """
    if variant is Variant.LAKE:
        return " lake-" in document
    return variant is not Variant.EVENTS or " events-" in document or document.startswith("endpoint ")


def _case(row: Row, expected: Expected | None, request: Request) -> Case:
    without = f" without {' and '.join(row.without)}" if row.without else ""
    told = f"{row.who}{without} {request.action} on {request.resource} {row.via}; expected: {expected} ({row.why})"
    return Case(request, expected is Expected.ALLOWED, told)


def _in_place_of(request: Request, mutant: Mutant) -> Request:
    def renamed(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(mutant.name if name == mutant.document else name for name in names)

    policy = mutant.name if request.resource_policy == mutant.document else request.resource_policy
    return replace(
        request, identity=renamed(request.identity), endpoint=renamed(request.endpoint), resource_policy=policy
    )
