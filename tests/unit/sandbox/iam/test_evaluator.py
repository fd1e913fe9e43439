"""baler_iam.evaluator and its process: real verdicts, and no verdict at all where the process fails."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from baler_iam.evaluator import Evaluator, Question, Verdict
from baler_iam.node import EvaluatorError, NodeProcess

from sandbox.localstack.configuration import iam_environment
from sandbox.localstack.installation import INSTALLED

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT = "000000000000"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/function/session"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/function"
_NODE = iam_environment(evaluator=INSTALLED.evaluator, refusals=Path())["BALER_IAM_NODE"]


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


READ = {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/in/*"]}
FROM_THERE = {**READ, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
REFUSE = {
    "Sid": "Refuse",
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["s3:*"],
    "Resource": ["arn:aws:s3:::b/in/no*"],
}
BUNDLES = {
    "Sid": "List",
    "Effect": "Allow",
    "Action": ["s3:ListBucket"],
    "Resource": ["arn:aws:s3:::b"],
    "Condition": {"StringLike": {"s3:prefix": "bundles/*"}},
}


def question(key: str = "in/file", **changed: Any) -> Question:
    asked = Question(
        principal=SESSION,
        action="s3:GetObject",
        resource=f"arn:aws:s3:::b/{key}",
        account=ACCOUNT,
        context=(("aws:PrincipalArn", ROLE),),
        identity=(policy(READ),),
        resource_policy=None,
        endpoint=(),
    )
    return asked._replace(**changed)


@pytest.fixture(scope="module")
def process() -> Iterator[NodeProcess]:
    node = NodeProcess([_NODE, str(INSTALLED.evaluator)])
    yield node
    node.close()


@pytest.fixture
def evaluator(process: NodeProcess) -> Iterator[Evaluator]:
    process.close()  # knows no document of an earlier test
    yield Evaluator(process)
    process.close()


def test_a_verdict_names_the_kind_of_policy_and_the_statement_that_decided(evaluator: Evaluator) -> None:
    assert evaluator.verdict(question()) == Verdict("Allowed", "identity-based")
    assert evaluator.verdict(question("out/file")) == Verdict("ImplicitlyDenied", "identity-based")
    assert evaluator.verdict(question("in/nothing", resource_policy=policy(REFUSE))) == Verdict(
        "ExplicitlyDenied", "resource-based", "Refuse"
    )
    service = question(principal="s3.amazonaws.com", identity=(), context=())
    assert evaluator.verdict(service) == Verdict("ImplicitlyDenied", "resource-based")
    through = question(endpoint=(policy({**READ, "Principal": "*", "Resource": ["arn:aws:s3:::other/*"]}),))
    assert evaluator.verdict(through) == Verdict("ImplicitlyDenied", "VPC endpoint")


def test_a_statement_that_would_allow_but_for_its_condition_is_named(evaluator: Evaluator) -> None:
    asked = question(identity=(policy(FROM_THERE),), context=(("aws:SourceIp", "198.51.100.7"),))
    assert evaluator.verdict(asked) == Verdict("ImplicitlyDenied", "identity-based", "Read")
    assert evaluator.verdict(asked._replace(context=(("aws:SourceIp", "192.0.2.7"),))).allowed


def test_keys_that_the_same_patterns_match_are_one_question(evaluator: Evaluator, process: NodeProcess) -> None:
    asked: list[Any] = []
    ask = process.ask
    process.ask = lambda each: asked.append(each) or ask(each)  # type: ignore[method-assign]
    try:
        assert all(evaluator.verdict(question(f"in/{number}")).allowed for number in range(50))
        assert not evaluator.verdict(question("out/0")).allowed
        listing = [
            question(action="s3:ListBucket", resource="arn:aws:s3:::b", identity=(policy(BUNDLES),), context=context)
            for context in ((("s3:prefix", f"bundles/{number}"),) for number in range(50))
        ]
        assert all(evaluator.verdict(each).allowed for each in listing)
        assert not evaluator.verdict(listing[0]._replace(context=(("s3:prefix", "other"),))).allowed
    finally:
        process.ask = ask  # type: ignore[method-assign]
    assert len(asked) == 4


@pytest.mark.parametrize("key", ["in/*", "in/?", "in/a\nb", "in/a\rb", "in/a\u2028b", "in/*?\n", "in/${aws:username}"])
def test_a_key_with_characters_that_mean_something_in_a_pattern_is_judged_as_any_other(
    evaluator: Evaluator, key: str
) -> None:
    assert evaluator.verdict(question(key)).allowed
    assert not evaluator.verdict(question(key.replace("in/", "out/"))).allowed


def test_a_key_that_no_plain_one_can_stand_for_is_not_judged(evaluator: Evaluator) -> None:
    only = policy({**READ, "Resource": ["arn:aws:s3:::b/in/a*b"]})
    assert evaluator.verdict(question("in/a\nb", identity=(only,))).allowed
    exact = policy({**READ, "Resource": ["arn:aws:s3:::b/in/a\nb"]})
    with pytest.raises(EvaluatorError, match="no policy can be judged for a resource with this name"):
        evaluator.verdict(question("in/a\nb", identity=(exact,)))


def test_an_action_that_iam_does_not_know_is_not_judged(evaluator: Evaluator) -> None:
    with pytest.raises(EvaluatorError, match=r"invalid\.action"):
        evaluator.verdict(question(action="s3:NoSuchAction"))


# --- a process that fails

DIES = "import sys; sys.stdin.readline(); sys.exit(1)"
HANGS = "import time; time.sleep(600)"
NO_JSON = "import sys; sys.stdin.readline(); print('Allowed', flush=True); sys.stdin.read()"
NO_OBJECT = "import sys; sys.stdin.readline(); print('[]', flush=True); sys.stdin.read()"
NO_RESULT = "import sys; sys.stdin.readline(); sys.stdin.readline(); print('{}', flush=True); sys.stdin.read()"


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (DIES, "the IAM evaluator (ended|could not be reached)"),
        (HANGS, "the IAM evaluator did not answer for 0.5 s"),
        (NO_JSON, "the IAM evaluator answered what is no JSON: b'Allowed'"),
        (NO_OBJECT, "the IAM evaluator answered what is no object"),
        (NO_RESULT, "the IAM evaluator left out the 'result' of its answer"),
    ],
)
def test_a_process_that_fails_gives_no_verdict_and_says_why(program: str, told: str) -> None:
    # Only one that is meant to hang is not waited for.
    seconds = 0.5 if program == HANGS else 60.0
    process = NodeProcess([sys.executable, "-c", program], answer_seconds=seconds)
    try:
        with pytest.raises(EvaluatorError, match=told):
            Evaluator(process).verdict(question())
    finally:
        process.close()


def test_after_a_process_that_died_the_next_question_starts_another(evaluator: Evaluator, process: NodeProcess) -> None:
    assert evaluator.verdict(question()).allowed
    running = process._process  # pyright: ignore[reportPrivateUsage]  # as if something killed it
    assert running is not None
    running.kill()
    running.wait()
    with pytest.raises(EvaluatorError, match="the IAM evaluator"):
        evaluator.verdict(question("out/file"))
    assert not evaluator.verdict(question("out/file")).allowed
    assert evaluator.verdict(question("in/nothing", resource_policy=policy(REFUSE))).statement == "Refuse"


def test_a_key_is_used_only_for_what_its_policy_names_as_the_encryption_context(evaluator: Evaluator) -> None:
    key, stream = f"arn:aws:kms:eu-west-2:{ACCOUNT}:key/1", f"arn:aws:kinesis:eu-west-2:{ACCOUNT}:stream/events"
    names_the_stream = {
        "Sid": "Decrypt",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": ["kms:Decrypt"],
        "Resource": ["*"],
        "Condition": {"StringEquals": {"kms:EncryptionContext:aws:kinesis:arn": stream}},
    }
    may_decrypt = {"Sid": "May", "Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [key]}
    asked = question(
        action="kms:Decrypt",
        resource=key,
        identity=(policy(may_decrypt),),
        resource_policy=policy(names_the_stream),
    )
    for named, result in ((stream, "Allowed"), (f"{stream}-2", "ImplicitlyDenied")):
        context = (*asked.context, ("kms:EncryptionContext:aws:kinesis:arn", named))
        assert evaluator.verdict(asked._replace(context=context)).result == result
