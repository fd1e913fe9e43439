"""The policy pack as the Pulumi CLI runs it: a process of its own that is asked over gRPC."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policy.rules import RULES
from sandbox.engine.program import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "urn:pulumi:dev::baler::aws:s3/bucket:Bucket::landing"
# What stands in a preview for a string that nobody knows yet (sdk/go/common/resource/plugin of pulumi/pulumi).
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.fixture(scope="module")
def analyzer() -> Iterator[Any]:
    stack = {"PULUMI_PROJECT": "baler", "PULUMI_STACK": "dev", "PULUMI_DRY_RUN": "true"}
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:0", str(PROJECT_DIR / "policy")],
        env={**os.environ, **stack},
        stdout=subprocess.PIPE,
        text=True,
    ) as pack:
        try:
            assert pack.stdout is not None
            with grpc.insecure_channel(f"127.0.0.1:{int(pack.stdout.readline())}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            pack.kill()


def properties(**values: Any) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())


def refusals(analyzer: Any, token: str, **values: Any) -> dict[str, str]:
    """The messages about one resource, by rule."""
    request = analyzer_pb2.AnalyzeRequest(type=token, urn=f"urn::{token}", name="it", properties=properties(**values))
    return {found.policyName: found.message for found in analyzer.Analyze(request).diagnostics}


def stack_refusals(analyzer: Any, *others: Any) -> set[tuple[str, str]]:
    """The rules that are broken among a bucket and other resources, with the URN that breaks them."""
    bucket = analyzer_pb2.AnalyzerResource(type="aws:s3/bucket:Bucket", urn=BUCKET, name="landing")
    answer = analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[bucket, *others]))
    return {(found.policyName, found.urn) for found in answer.diagnostics}


@pytest.mark.requirement("PUSH-INT-04")
def test_the_pack_has_every_rule_and_each_can_stop_a_deployment(analyzer: Any) -> None:
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    assert {policy.name for policy in info.policies} == {rule.name for rule in RULES}
    assert {policy.enforcementLevel for policy in info.policies} == {analyzer_pb2.MANDATORY}


def test_a_resource_that_breaks_a_rule_is_refused_with_what_to_do(analyzer: Any) -> None:
    told = refusals(
        analyzer, "aws:cloudwatch/logGroup:LogGroup", tags={"project": "a", "stack": "b", "managed-by": "c"}
    )
    assert {rule: "set retentionInDays" in message for rule, message in told.items()} == {"log-ends": True}


def test_rules_know_the_stack_that_they_are_asked_about(analyzer: Any) -> None:
    # In prod it would have to be in the network.
    assert set(refusals(analyzer, "aws:lambda/function:Function")) == {"tagged"}


def test_a_rule_about_several_resources_names_the_one_that_breaks_it(analyzer: Any) -> None:
    assert ("bucket-is-never-public", BUCKET) in stack_refusals(analyzer)


def test_a_preview_that_knows_no_names_yet_knows_what_belongs_together(analyzer: Any) -> None:
    block = analyzer_pb2.AnalyzerResource(
        type="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        urn="urn::block",
        name="block",
        properties=properties(
            bucket=UNKNOWN,
            blockPublicAcls=True,
            blockPublicPolicy=True,
            ignorePublicAcls=True,
            restrictPublicBuckets=True,
        ),
        propertyDependencies={"bucket": analyzer_pb2.AnalyzerPropertyDependencies(urns=[BUCKET])},
    )
    rules = {rule for rule, _ in stack_refusals(analyzer, block)}
    assert "bucket-is-never-public" not in rules
    assert "bucket-is-encrypted" in rules


def test_a_document_that_is_not_known_yet_is_no_violation_and_not_passed_over_in_silence(analyzer: Any) -> None:
    told = refusals(analyzer, "aws:s3/bucketPolicy:BucketPolicy", policy=UNKNOWN)
    assert "can't run policy 'bucket-wants-tls'" in told["bucket-wants-tls"]
