"""Several updates of one stack in a row: what the engine does to which resource, in the orders that it may take.

The engine registers a resource when all that it depends on is there, and independent ones in any order, and it deletes
at the end, what depends on others first (Pulumi, "How Pulumi works"). The program runs for real; only which version of
the function is live is played here.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from harness.recorded_program import Deployed, Resource

_FUNCTION: Final = "aws:lambda/function:Function"
_ALIAS: Final = "aws:lambda/alias:Alias"
_OF_NETWORKS: Final = ("aws:ec2/", "aws:vpc/")
# Inputs whose change makes another resource of a network's parts (provider's schemas, "replaceOnChanges").
_REPLACING: Final = ("vpcId", "cidrBlock", "availabilityZone", "serviceName", "subnetId", "securityGroupId")


@dataclass(frozen=True)
class Version:
    """A published version of the aggregator, with what it keeps of the update that published it.

    Attributes:
        vpc: the network that it runs in; None is Lambda's own.
        needs: the parts of that network without which it reaches nothing, by URN.
    """

    number: int
    vpc: str | None
    needs: frozenset[str]


@dataclass(frozen=True)
class Operation:
    """What the engine does to a resource."""

    kind: Literal["create", "update", "replace", "delete"]
    resource: Resource


@dataclass(frozen=True)
class Moment:
    """A stack between two operations.

    Attributes:
        after: the operation that has just ended, in words.
        resources: what is deployed, by URN.
        live: the version behind the alias.
    """

    after: str
    resources: Mapping[str, Resource]
    live: Version


class UpdatedStack:
    """A stack that is deployed, and updated after that."""

    def __init__(self, first: Deployed) -> None:
        self.resources: dict[str, Resource] = {resource.urn: resource for resource in first.resources}
        self.newest = _version(1, first)
        self.live = self.newest

    def update(self, wanted: Deployed, orders: Iterable[Order]) -> Iterator[Moment]:
        """Run `pulumi up` with what the program declares now, once for each order; yield the moments of all of them."""
        operations = dict(self._operations(wanted))
        published = _version(self.newest.number + 1, wanted)
        before, live = self.resources, self.live
        for order in orders:
            self.resources, self.live = dict(before), live
            yield from self._carry_out(order(wanted.resources, list(before.values()), operations), published)
        publishes = any(_is_aggregator(operation.resource, _FUNCTION) for operation in operations.values())
        self.newest = published if publishes else self.newest

    def deploy(self) -> None:
        """Run `baler deploy`: the alias moves to the newest version."""
        self.live = self.newest

    def _operations(self, wanted: Deployed) -> Iterator[tuple[str, Operation]]:
        there = {resource.urn for resource in wanted.resources}
        published = False
        for resource in wanted.resources:
            old = self.resources.get(resource.urn)
            if old is None:
                yield resource.urn, Operation("create", resource)
                published |= _is_aggregator(resource, _FUNCTION)
            elif changed := {key for key in {*old.inputs, *resource.inputs} if _differ(old, resource, key)}:
                replaced = resource.type.startswith(_OF_NETWORKS) and changed & set(_REPLACING)
                yield resource.urn, Operation("replace" if replaced else "update", resource)
                published |= _is_aggregator(resource, _FUNCTION)
            elif _is_aggregator(resource, _ALIAS) and published and not resource.ignored:
                yield resource.urn, Operation("update", resource)
        for urn, resource in self.resources.items():
            if urn not in there:
                yield urn, Operation("delete", resource)

    def _carry_out(self, operations: Sequence[Operation], published: Version) -> Iterator[Moment]:
        for operation in operations:
            resource = operation.resource
            if operation.kind == "delete":
                del self.resources[resource.urn]
            else:
                self.resources[resource.urn] = resource
            if operation.kind == "update" and _is_aggregator(resource, _ALIAS):
                self.live = published
            if operation.kind == "replace" and resource.urn in self.live.needs:
                raise AssertionError(f"{resource.urn} is replaced, and {self.live} needs it")
            yield Moment(f"{operation.kind} {resource.type} {resource.name}", dict(self.resources), self.live)


if TYPE_CHECKING:
    Order = Callable[[Sequence[Resource], Sequence[Resource], Mapping[str, Operation]], Sequence[Operation]]


def early(*types: str) -> Order:
    """Return the order that comes to resources of these types as early as it can, and to others by chance."""
    return _by(lambda resource, chance: (not resource.type.startswith(types), chance.random()))


def late(*types: str) -> Order:
    """Return the order that leaves resources of these types for as late as it can."""
    return _by(lambda resource, chance: (resource.type.startswith(types), chance.random()))


def _by(priority: Callable[[Resource, random.Random], tuple[bool, float]]) -> Order:
    def order(
        wanted: Sequence[Resource], there: Sequence[Resource], operations: Mapping[str, Operation]
    ) -> list[Operation]:
        chance = random.Random(7)  # noqa: S311 - an order, no secret
        made = [resource for resource in wanted if resource.type.startswith("aws:")]
        needs = {resource.urn: set(resource.depends_on) for resource in made}
        known = {resource.urn for resource in made}
        sequence = [r for r in _sorted(made, needs, known, lambda r: priority(r, chance)) if r.urn in operations]
        gone = [resource for resource in there if resource.urn in operations and resource.urn not in known]
        needed_by: dict[str, set[str]] = {resource.urn: set() for resource in gone}
        for resource in gone:
            for urn in set(resource.depends_on) & set(needed_by):
                needed_by[urn].add(resource.urn)
        sequence += _sorted(gone, needed_by, set(needed_by), lambda r: priority(r, chance))
        return [operations[resource.urn] for resource in sequence]

    return order


def _sorted(
    resources: Sequence[Resource],
    needs: Mapping[str, set[str]],
    known: set[str],
    priority: Callable[[Resource], tuple[bool, float]],
) -> Iterator[Resource]:
    """Yield each resource after those that it needs, and otherwise by priority."""
    missing = {resource.urn: len(needs[resource.urn] & known) for resource in resources}
    waiting: dict[str, list[Resource]] = {}
    for resource in resources:
        for urn in needs[resource.urn] & known:
            waiting.setdefault(urn, []).append(resource)
    ready = [(priority(r), r.urn, r) for r in resources if not missing[r.urn]]
    heapq.heapify(ready)
    while ready:
        *_, resource = heapq.heappop(ready)
        yield resource
        for after in waiting.get(resource.urn, ()):
            missing[after.urn] -= 1
            if not missing[after.urn]:
                heapq.heappush(ready, (priority(after), after.urn, after))


def _version(number: int, deployed: Deployed) -> Version:
    (function,) = (r for r in deployed.resources if _is_aggregator(r, _FUNCTION))
    by_urn = {resource.urn: resource for resource in deployed.resources}
    found: set[str] = set()
    waiting = list(function.depends_on)
    while waiting:
        urn = waiting.pop()
        if urn in found or urn not in by_urn:
            continue
        found.add(urn)
        waiting += by_urn[urn].depends_on
    config = function.inputs.get("vpcConfig")
    subnets = {r.outputs["id"]: r.inputs["vpcId"] for r in deployed.all("ec2/subnet:Subnet")}
    if not config:
        return Version(number, None, frozenset())
    (vpc,) = {subnets[subnet] for subnet in config["subnetIds"]}
    # What leads elsewhere is in other networks, or at the premises: the guards that the function waits for name it.
    of_it = {urn for urn in found if by_urn[urn].type.startswith(_OF_NETWORKS) and _is_within(by_urn[urn], vpc, by_urn)}
    return Version(number, vpc, frozenset(of_it))


def _is_within(resource: Resource, vpc: str, by_urn: Mapping[str, Resource]) -> bool:
    if "on-premises" in resource.name:
        return False
    if resource.type == "aws:ec2/vpc:Vpc" or "vpcId" in resource.inputs:
        return vpc in (resource.outputs["id"], resource.inputs.get("vpcId"))
    return any(_is_within(by_urn[urn], vpc, by_urn) for urn in resource.depends_on if urn in by_urn)


def _is_aggregator(resource: Resource, type_token: str) -> bool:
    return resource.type == type_token and resource.name.endswith("-aggregator")


def _differ(old: Resource, new: Resource, key: str) -> bool:
    if key in new.ignored or key == "code":
        return False
    return bool(old.inputs.get(key) != new.inputs.get(key))
