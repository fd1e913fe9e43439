import re
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime import rpc

from sandbox.engine.errors import CreationError, UnsupportedResourceError
from sandbox.engine.inputs import Inputs
from sandbox.engine.resources.registry import CREATORS, creation_of
from sandbox.engine.waiting import wait_for_state


def test_a_type_without_a_creator_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedResourceError, match=r"aws:ecr/repository:Repository \('news'\)"):
        creation_of("aws:ecr/repository:Repository", "news", {})


@pytest.mark.parametrize("token", sorted(CREATORS))
def test_an_input_that_no_creator_takes_is_refused_by_name_before_there_is_a_client(token: str, tmp_path: Path) -> None:
    package = tmp_path / "function.zip"
    package.touch()
    code = {"code": pulumi.FileArchive(str(package))} if token.endswith(":Function") else {}

    with pytest.raises(
        UnsupportedResourceError, match=rf"does not know somethingNew of {re.escape(token)} \('thing'\)"
    ):
        creation_of(token, "thing", {"somethingNew": "value"} | code)


def test_an_input_inside_a_structure_is_refused_by_its_path() -> None:
    rules = [{"status": "Enabled"}, {"expiration": {"days": 1, "moon": "full"}}]

    with pytest.raises(UnsupportedResourceError, match=r"does not know rules\[1\]\.expiration\.moon of"):
        creation_of("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "x", {"rules": rules})


def test_whole_numbers_arrive_as_floats_and_are_given_as_int() -> None:
    inputs = Inputs({"days": 7.0, "ratio": 0.5, "deep": [{"size": 512.0}], "on": True})

    assert str(inputs.take("days")) == "7"
    assert inputs.take("ratio") == 0.5
    assert str(inputs.sections("deep")[0].take("size")) == "512"
    assert inputs.take("on") is True


def test_a_secret_input_is_given_in_plain() -> None:
    assert Inputs({"policy": rpc.wrap_rpc_secret("document")}).take("policy") == "document"


def test_inputs_that_are_not_set_make_no_parameters() -> None:
    inputs = Inputs({"timeout": 3.0})

    assert inputs.renamed(timeout="Timeout", handler="Handler") == {"Timeout": 3}
    assert inputs.section("environment").renamed(variables="Variables") == {}
    assert inputs.left_over() == []


def test_a_name_too_long_for_the_service_is_refused_as_pulumi_does() -> None:
    with pytest.raises(UnsupportedResourceError, match=r"Bucket \('b{56}'\).*63 characters"):
        creation_of("aws:s3/bucket:Bucket", "b" * 56, {})


def test_waiting_ends_as_soon_as_the_state_is_reached() -> None:
    states = iter(["Pending", "Pending", "Active"])

    wait_for_state("Function f", "Active", lambda: next(states))

    assert list(states) == []


def test_waiting_says_what_was_expected_and_what_was_there() -> None:
    with pytest.raises(CreationError, match=r"Function f is Failed after 0\.2 s and should be Active"):
        wait_for_state("Function f", "Active", lambda: "Failed", deadline=0.2)
