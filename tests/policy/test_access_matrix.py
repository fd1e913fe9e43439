"""The policies that the program produces answer as the table says, and the table notices where one is weakened."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

import pytest
from access_matrix.equivalents import EQUIVALENT
from access_matrix.judgement import Judged, judged
from access_matrix.mutants import Mutant, mutants_of
from access_matrix.produced import UnknownPolicyError, produced_policies
from access_matrix.row import rows
from access_matrix.rows import ROWS
from access_matrix.simulator import SimulatorError
from access_matrix.vocabulary import Expected, On, Variant, Via, Who
from harness.recorded_program import Deployed, Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from access_matrix.row import Row

# The test that comes first judges the mutants of every variant, on a machine that may be busy with other suites.
pytestmark = pytest.mark.timeout(3600)

every_variant = pytest.mark.parametrize("variant", Variant)


@cache
def whole(variant: Variant) -> Judged:
    return judged(variant, ROWS)


@cache
def unnoticed(variant: Variant) -> tuple[str, ...]:
    return tuple(whole(variant).unnoticed())


def asked(who: Who, via: Via, expected: Expected, action: str, on: On) -> Sequence[Row]:
    return rows(who, via, "a test", (expected, action, on))


@pytest.mark.requirement("PULL-REQ-01", "PULL-REQ-04", "PULL-REQ-06", "PULL-NFR-06", "PULL-NFR-10")
@every_variant
def test_the_policies_answer_as_the_table_says(variant: Variant) -> None:
    assert whole(variant).wrong() == []


@pytest.mark.requirement("PULL-NFR-06")
@every_variant
def test_every_policy_decides_some_row(variant: Variant) -> None:
    deciding = {name for case in whole(variant).cases for name in case.request.documents}
    assert set(whole(variant).documents) <= deciding


@pytest.mark.requirement("PULL-NFR-06")
@every_variant
def test_the_table_notices_every_statement_that_is_dropped_or_widened(variant: Variant) -> None:
    surprising = [name for name in unnoticed(variant) if not any(fnmatchcase(name, each) for each in EQUIVALENT)]
    assert surprising == []


def test_every_mutant_that_is_said_to_change_nothing_is_there() -> None:
    left = [name for variant in Variant for name in unnoticed(variant)]
    assert [pattern for pattern in EQUIVALENT if not any(fnmatchcase(name, pattern) for name in left)] == []


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (asked(Who.CONSUMER, Via.PREMISES, Expected.NOT_GRANTED, "s3:GetObject", On.MAILED_BUNDLE), "allowed: "),
        (asked(Who.CONSUMER, Via.PREMISES, Expected.ALLOWED, "s3:PutObject", On.MAILED_BUNDLE), "refused: "),
        # Refused as deployed, and yet not for ever: nothing denies it.
        (asked(Who.AGGREGATOR, Via.LAMBDA, Expected.REFUSED, "sqs:SendMessage", On.INGEST), "allowed: "),
    ],
)
def test_an_answer_other_than_the_table_s_is_told(row: Sequence[Row], told: str) -> None:
    [line] = judged(Variant.PRIVATE, row).wrong()
    assert line.startswith(told)
    assert "expected: " in line


@pytest.mark.parametrize("action", ["s3:NoSuchAction", "s3:GetObject"])
def test_a_request_that_iam_does_not_know_is_no_answer(action: str) -> None:
    with pytest.raises(SimulatorError, match=action):
        judged(Variant.OPEN, asked(Who.CONSUMER, Via.INTERNET, Expected.NOT_GRANTED, action, On.CLAIMS)).wrong()


def test_a_policy_that_is_attached_to_nothing_known_stops_the_judgement() -> None:
    policy = Resource(
        type="aws:ecr/repositoryPolicy:RepositoryPolicy",
        name="baler-prod-images",
        urn="urn",
        inputs={"policy": '{"Statement": []}'},
        outputs={},
        protected=False,
        parent="",
        depends_on=(),
        refers={},
    )
    with pytest.raises(UnknownPolicyError, match="RepositoryPolicy has a document in 'policy'"):
        produced_policies(Deployed("prod", {}, [policy], {}))


@pytest.mark.parametrize(
    ("statement", "action", "resource", "expected"),
    [
        ({"Action": ["s3:GetObject"], "Resource": ["arn:a/*"]}, "s3:getobject", "arn:a/key", True),
        ({"Action": ["S3:Get*"], "Resource": ["*"]}, "s3:GetObject", "arn:a/key", True),
        ({"Action": ["s3:GetObject"], "Resource": ["arn:a/*"]}, "s3:PutObject", "arn:a/key", False),
        ({"Action": ["s3:GetObject"], "Resource": ["arn:a/*"]}, "s3:GetObject", "arn:b/key", False),
        ({"NotAction": ["s3:GetObject"], "Resource": ["*"]}, "s3:PutObject", "arn:a/key", True),
        ({"NotAction": ["s3:*"], "Resource": ["*"]}, "s3:PutObject", "arn:a/key", False),
        ({"Action": ["s3:*"], "NotResource": ["arn:a/*"]}, "s3:PutObject", "arn:a/key", False),
        ({"Action": ["s3:*"], "NotResource": ["arn:a/*"]}, "s3:PutObject", "arn:b/key", True),
        ({"Action": ["xray:PutTraceSegments"], "Resource": ["arn:a"]}, "xray:PutTraceSegments", "*", True),
        ({"Action": ["sts:AssumeRole"]}, "sts:AssumeRole", "arn:a", True),
    ],
)
def test_a_mutant_is_asked_what_it_may_answer_otherwise_alone(
    statement: dict[str, list[str]], action: str, resource: str, *, expected: bool
) -> None:
    mutant = Mutant("bucket", "Read dropped", {}, (statement,))
    assert mutant.may_answer_otherwise(action, resource) is expected


def test_a_statement_is_weakened_in_every_way() -> None:
    statement = {
        "Sid": "Read",
        "Effect": "Allow",
        "Principal": {"AWS": "somebody"},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": ["one"],
        "Condition": {"IpAddress": {"aws:SourceIp": ["a", "b"]}},
    }
    assert [mutant.change for mutant in mutants_of({"bucket": {"Statement": [statement]}})] == [
        "Read dropped",
        "Read Action is s3:*",
        "Read Action without s3:GetObject",
        "Read Action without s3:ListBucket",
        "Read Resource is *",
        "Read Principal is anybody",
        "Read without its condition aws:SourceIp",
        "Read aws:SourceIp without a",
        "Read aws:SourceIp without b",
    ]
