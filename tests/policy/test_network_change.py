"""The live version is let in and finds its network at every moment of a move from one network to another."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest
from access_matrix.simulator import Case, Request, surprises
from harness.recorded_program import ACCOUNT, record_program
from harness.updates import UpdatedStack, early, late

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harness.recorded_program import Deployed, Resource
    from harness.updates import Moment, Version

STACK: Final = "staging"
PREMISES: Final = {"baler:onPremisesCidrs": ["192.168.0.0/16"], "baler:vpnGatewayAddress": "198.41.0.4"}
NONE, FIRST, SECOND = "none", "10.80.0.0/24", "10.99.0.0/24"
POLICIES: Final = ("aws:s3/bucketPolicy", "aws:iam/rolePolicy")
FUNCTION: Final = ("aws:lambda/",)
ORDERS: Final = (early(*POLICIES), late(*POLICIES), early(*FUNCTION), late(*FUNCTION), early())
SERVICES: Final = ("s3", "dynamodb", "sqs", "xray")


@cache
def program(new: str, live: str, rollout: str) -> Deployed:
    """Return what the program declares with these settings."""
    place = {"baler:privateNetwork": False} if new == NONE else {"baler:networkCidr": new, **PREMISES}
    return record_program(STACK, {**place, "baler:liveNetwork": live, "baler:rollout": rollout})


def one(moment: Moment, type_token: str, part: str) -> Resource:
    (found,) = (
        resource
        for resource in moment.resources.values()
        if resource.type == f"aws:{type_token}" and resource.name == f"baler-{STACK}-{part}"
    )
    return found


def needed(moment: Moment) -> Iterator[tuple[str, str, str | None]]:
    """Yield what the aggregator does with every batch: action, resource, and the bucket whose policy is asked."""
    landing, archive, mailbox = (
        one(moment, "s3/bucket:Bucket", f"files-{part}").outputs["arn"]
        for part in ("landing", "archive", "distribution")
    )
    yield "s3:GetObject", f"{landing}/device-7/reading.json", "landing"
    yield "s3:GetObjectVersion", f"{landing}/device-7/reading.json", "landing"
    yield "s3:PutObject", f"{archive}/bundles/2026/bundle.tar.gz", "archive"
    yield "s3:GetObject", f"{archive}/bundles/2026/bundle.tar.gz", "archive"
    yield "s3:PutObject", f"{mailbox}/bundles/2026/bundle.tar.gz", "distribution"
    table = one(moment, "dynamodb/table:Table", "files-claims").outputs["arn"]
    yield "dynamodb:PutItem", table, None
    yield "dynamodb:GetItem", table, None
    yield "sqs:ChangeMessageVisibility", one(moment, "sqs/queue:Queue", "files-ingest").outputs["arn"], None
    yield "xray:PutTraceSegments", "*", None


class Judge:
    """Collects what is asked at each moment, each question once, and has all of it answered together."""

    def __init__(self) -> None:
        self.missing: list[str] = []
        self._documents: dict[str, Any] = {}
        self._cases: dict[Request, Case] = {}

    def look_at(self, moments: Iterable[Moment]) -> None:
        for moment in moments:
            lost = moment.live.needs - set(moment.resources)
            self.missing += [f"after {moment.after}, version {moment.live.number} misses {urn}" for urn in lost]
            for request in self._requests(moment):
                told = f"after {moment.after}, version {moment.live.number} in {moment.live.vpc}: {request.action}"
                self._cases.setdefault(request, Case(request, wanted=True, told=told))

    def refused(self) -> list[str]:
        cases = list(self._cases.values())
        found = surprises(self._documents, [[case] for case in cases])
        return [*self.missing, *(case.told for case in found if case is not None)]

    def _requests(self, moment: Moment) -> Iterator[Request]:
        role = str(one(moment, "iam/role:Role", "files-aggregator").outputs["arn"])
        identity = self._named(one(moment, "iam/rolePolicy:RolePolicy", "files-aggregator").inputs["policy"])
        function = str(one(moment, "lambda/function:Function", "files-aggregator").outputs["arn"])
        caller = {"aws:PrincipalArn": role, "aws:PrincipalAccount": ACCOUNT, "lambda:SourceFunctionArn": function}
        for action, resource, bucket in needed(moment):
            service = action.partition(":")[0]
            way, endpoint = self._way(moment, service)
            if endpoint is None and moment.live.vpc:
                continue  # told as missing
            yield Request(
                principal=role,
                action=action,
                resource=resource,
                account=ACCOUNT,
                context=Context({**caller, **way, **_of_s3(action)}),
                identity=(identity,),
                resource_policy=self._named(
                    one(moment, "s3/bucketPolicy:BucketPolicy", f"files-{bucket}").inputs["policy"]
                )
                if bucket
                else None,
                endpoint=(endpoint,) if endpoint else (),
            )
        if moment.live.vpc:
            yield Request(
                principal=role,
                action="ec2:DeleteNetworkInterface",
                resource=f"arn:aws:ec2:eu-west-2:{ACCOUNT}:network-interface/eni-7",
                account=ACCOUNT,
                context=Context({"aws:PrincipalArn": role, "aws:PrincipalAccount": ACCOUNT}),
                identity=(identity,),
                resource_policy=None,
                endpoint=(),
            )

    def _way(self, moment: Moment, service: str) -> tuple[dict[str, str], str | None]:
        """Return what AWS says of where a request comes from, and the policy of the endpoint that it passes."""
        if moment.live.vpc is None:
            return {"aws:SourceIp": "198.51.100.7"}, None
        endpoints = _endpoints(moment.resources, moment.live)
        if service not in endpoints:
            self.missing.append(f"after {moment.after}, version {moment.live.number} has no endpoint of {service}")
            return {}, None
        endpoint = endpoints[service]
        way = {"aws:SourceVpc": moment.live.vpc, "aws:SourceVpce": str(endpoint.outputs["id"])}
        return {**way, "aws:VpcSourceIp": "10.80.0.7"}, self._named(endpoint.inputs["policy"])

    def _named(self, document: str) -> str:
        self._documents[document] = json.loads(document)
        return document


class Context(dict[str, str]):
    """The context of a request, which asks the same question again if its entries are the same."""

    def __hash__(self) -> int:  # type: ignore[override]  # never changed once it is made
        return hash(frozenset(self.items()))


def _of_s3(action: str) -> dict[str, str]:
    if not action.startswith("s3:"):
        return {"aws:SecureTransport": "true"}
    conditional = {"s3:if-none-match": "*", "s3:ObjectCreationOperation": "true"}
    return {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3", **(conditional if "PutObject" in action else {})}


def _endpoints(resources: Mapping[str, Resource], version: Version) -> dict[str, Resource]:
    """Return the endpoints of a version's network that lead its requests to a service under the service's own name."""
    return {
        resource.inputs["serviceName"].rpartition(".")[2]: resource
        for resource in resources.values()
        if resource.type == "aws:ec2/vpcEndpoint:VpcEndpoint"
        and resource.inputs["vpcId"] == version.vpc
        and resource.inputs.get("privateDnsEnabled", True)
    }


@pytest.mark.parametrize(
    ("old", "new", "rollout"),
    [
        (NONE, FIRST, "canary"),
        (FIRST, NONE, "canary"),
        (FIRST, SECOND, "canary"),
        (FIRST, NONE, "at-once"),
        (FIRST, SECOND, "at-once"),
    ],
)
def test_no_moment_of_a_move_refuses_the_live_version_or_takes_its_network(old: str, new: str, rollout: str) -> None:
    judge = Judge()
    stack = UpdatedStack(program(old, old, rollout))
    judge.look_at(stack.update(program(new, old, rollout), ORDERS))
    assert (stack.live == stack.newest) is (rollout == "at-once")
    stack.deploy()
    assert (stack.live.number, stack.live.vpc is None) == (2, new == NONE)
    judge.look_at(stack.update(program(new, new, rollout), ORDERS))
    assert judge.refused() == []
    networks = [r for r in stack.resources.values() if r.type == "aws:ec2/vpc:Vpc"]
    assert [r.inputs["cidrBlock"] for r in networks] == ([] if new == NONE else [new])


@pytest.mark.parametrize(("old", "new"), [(NONE, FIRST), (FIRST, NONE), (FIRST, SECOND)])
def test_a_move_that_does_not_wait_for_the_live_version_is_seen_to_refuse_it(old: str, new: str) -> None:
    judge = Judge()
    stack = UpdatedStack(program(old, old, "canary"))
    judge.look_at(stack.update(program(new, new, "canary"), ORDERS))
    assert judge.refused()
