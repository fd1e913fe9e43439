"""Judges requests by policies, with a memory of what was judged before."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from baler_iam.node import EvaluatorError
from baler_iam.patterns import fits, patterns_of, plain

if TYPE_CHECKING:
    from baler_iam.node import NodeProcess
    from baler_iam.patterns import Patterns

_MOST_REMEMBERED = 10_000


class Question(NamedTuple):
    """A request as IAM sees it; policies are JSON texts.

    Attributes:
        principal: ARN or service principal; None without credentials.
        action: `s3:GetObject`, for example.
        resource: ARN, or "*" for an action that has no resources.
        account: the account that owns the resource.
        context: condition keys and their values.
        identity: the policies attached to the principal.
        resource_policy: the policy attached to the resource.
        endpoint: the policies of the VPC endpoint that the request passes.
    """

    principal: str | None
    action: str
    resource: str
    account: str
    context: tuple[tuple[str, str | tuple[str, ...]], ...]
    identity: tuple[str, ...]
    resource_policy: str | None
    endpoint: tuple[str, ...]

    @property
    def policies(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.identity, *self.endpoint, *([self.resource_policy] if self.resource_policy else []))


class Verdict(NamedTuple):
    """The evaluator's answer.

    Attributes:
        result: `Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`.
        kind: of policy that refuses, or that would have to allow: `identity-based`, `resource-based`, `VPC endpoint`.
        statement: that refuses, or that would allow if its condition held.
    """

    result: str
    kind: str = ""
    statement: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether the request may go on."""
        return self.result == "Allowed"

    @property
    def policy(self) -> str:
        """The kind with its article: `an identity-based policy`."""
        return f"{'an' if self.kind.startswith('i') else 'a'} {self.kind} policy"


class Evaluator:
    """Asks the process one question at a time; thread-safe."""

    def __init__(self, process: NodeProcess) -> None:
        self._process = process
        self._lock = threading.Lock()
        self._told: set[str] = set()
        self._remembered: dict[Question, Verdict] = {}

    def verdict(self, question: Question) -> Verdict:
        """Judge.

        Raises:
            EvaluatorError: the process does not answer, or the request or a policy is none of IAM's.
        """
        patterns = patterns_of(question.policies)
        context = tuple((key, value) for key, value in question.context if key.lower() in patterns.keys)
        question = question._replace(context=question.context if patterns.variable else context)
        essence = question if patterns.variable else _essence(question, patterns)
        verdict = self._remembered.get(essence)
        if verdict is None:
            with self._lock:
                verdict = self._ask(_judgeable(question, patterns))
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[essence] = verdict
        return verdict

    def _ask(self, question: Question) -> Verdict:
        try:
            answer = self._process.ask(
                {
                    **question._asdict(),
                    "context": dict(question.context),
                    "identity": [self._told_name(policy) for policy in question.identity],
                    "resource_policy": question.resource_policy and self._told_name(question.resource_policy),
                    "endpoint": [self._told_name(policy) for policy in question.endpoint],
                }
            )
        except EvaluatorError:
            # The next one starts without documents.
            self._told.clear()
            raise
        return _verdict(answer)

    def _told_name(self, policy: str) -> str:
        name = hashlib.sha256(policy.encode()).hexdigest()
        if name not in self._told:
            self._process.tell({"document": name, "policy": json.loads(policy)})
            self._told.add(name)
        return name


def _verdict(answer: dict[str, Any]) -> Verdict:
    if "error" in answer:
        raise EvaluatorError(f"it is none of IAM's requests: {json.dumps(answer['error'])}")
    try:
        return Verdict(answer["result"], answer.get("kind", ""), answer.get("statement"))
    except KeyError as error:
        raise EvaluatorError(f"the IAM evaluator left out the {error} of its answer") from error


def _essence(question: Question, patterns: Patterns) -> Question:
    """Return what stands for all questions with the same verdict."""

    def reduced(key: str, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        compared = patterns.strings.get(key.lower())
        if compared is None:
            return value
        if isinstance(value, str):
            return fits(compared, value)
        return tuple(sorted({fits(compared, each) for each in value}))

    return question._replace(
        resource=fits(patterns.resources, question.resource),
        context=tuple((key, reduced(key, value)) for key, value in question.context),
    )


def _judgeable(question: Question, patterns: Patterns) -> Question:
    """Return the same question in words that do not mislead the evaluator."""
    if question.resource == "*":
        return question
    resource = None if patterns.variable else plain(question.resource, patterns.resources)
    if resource is None:
        raise EvaluatorError(f"no policy can be judged for a resource with this name: {question.resource!r}")
    return question._replace(resource=resource)
