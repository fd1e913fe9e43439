import zipfile
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from botocore.exceptions import ClientError

from sandbox.engine import deployment
from sandbox.engine.deployment import ResourceEvent, deploy
from sandbox.engine.endpoint import Endpoint
from sandbox.engine.errors import (
    ConfigurationError,
    CreationError,
    EndpointMismatchError,
    UnsupportedResourceError,
)
from sandbox.engine.resources import registry

WriteProject = Callable[..., Path]

PROGRAM = """
    import pulumi
    import pulumi_aws as aws

    part = pulumi.ComponentResource("baler:test:Part", "part")
    bucket = aws.s3.Bucket("landing", opts=pulumi.ResourceOptions(parent=part))
    me, here = aws.get_caller_identity_output(), aws.get_region_output()
    aws.s3.BucketVersioning("landing", bucket=bucket.bucket, versioning_configuration={"status": "Enabled"})
    pulumi.export("bucket", bucket.bucket)
    pulumi.export("account", me.account_id)
    pulumi.export("region", here.region)
"""


@pytest.fixture(autouse=True)
def moto(aws: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    def endpoint(_url: str, _region: str) -> Endpoint:
        return aws

    monkeypatch.setattr(deployment, "Endpoint", endpoint)


def run(folder: Path) -> tuple[dict[str, object], list[ResourceEvent]]:
    events: list[ResourceEvent] = []
    done = deploy(endpoint="http://moto", stack="test", overrides={}, on_resource=events.append, project_dir=folder)
    return done.outputs, events


def test_the_program_is_deployed_and_its_outputs_returned(aws: Endpoint, write_project: WriteProject) -> None:
    exports, _ = run(write_project(PROGRAM))

    bucket = str(exports["bucket"])
    assert aws.s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
    assert exports == {"bucket": bucket, "account": "123456789012", "region": "eu-west-2"}


def test_each_resource_is_reported_and_components_are_not_created(write_project: WriteProject) -> None:
    exports, events = run(write_project(PROGRAM))

    assert events == [
        ResourceEvent("baler:test:Part", "part", "grouped", ""),
        ResourceEvent("aws:s3/bucket:Bucket", "landing", "created", str(exports["bucket"])),
        ResourceEvent("aws:s3/bucketVersioning:BucketVersioning", "landing", "created", str(exports["bucket"])),
    ]


def test_a_type_that_the_emulator_cannot_have_is_reported_with_the_reason(
    write_project: WriteProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.ABSENT, "aws:budgets/budget:Budget", "LocalStack has no Budgets")
    program = """
        import pulumi_aws as aws

        aws.budgets.Budget("cost", budget_type="COST", time_unit="MONTHLY")
    """

    _, events = run(write_project(program))

    assert events == [ResourceEvent("aws:budgets/budget:Budget", "cost", "absent", "LocalStack has no Budgets")]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("aws.ecr.Repository('news')", r"aws:ecr/repository:Repository \('news'\)"),
        ("aws.sqs.Queue('news', fifo_queue=True)", r"does not know fifoQueue of aws:sqs/queue:Queue \('news'\)"),
        ("aws.get_availability_zones_output()", "getAvailabilityZones"),
    ],
)
def test_what_the_engine_does_not_know_is_refused_and_not_created(
    aws: Endpoint, write_project: WriteProject, program: str, message: str
) -> None:
    with pytest.raises(UnsupportedResourceError, match=message):
        run(write_project(f"import pulumi_aws as aws\n{program}"))

    assert "QueueUrls" not in aws.sqs.list_queues()


def test_a_refusal_of_the_endpoint_names_the_resource(aws: Endpoint, write_project: WriteProject) -> None:
    program = "import pulumi_aws as aws; aws.s3.BucketPolicy('p', bucket='nowhere', policy='{}')"

    with pytest.raises(
        CreationError, match=rf"{aws.url} did not create .*BucketPolicy \('p'\): .*NoSuchBucket"
    ) as refused:
        run(write_project(program))

    assert isinstance(refused.value.__cause__, ClientError)


def test_provider_settings_that_would_be_ignored_are_refused(write_project: WriteProject) -> None:
    folder = write_project(stack="config: {aws:region: eu-west-2, aws:defaultTags: {tags: {a: b}}}")

    with pytest.raises(ConfigurationError, match="aws:defaultTags"):
        run(folder)


def test_what_the_program_refuses_in_words_comes_as_a_sentence(write_project: WriteProject) -> None:
    folder = write_project('import pulumi\nraise pulumi.RunError("baler:lakeSourcesFile: the file is not TOML")')
    with pytest.raises(ConfigurationError, match=r"^baler:lakeSourcesFile: the file is not TOML$"):
        deploy(endpoint="http://moto", stack="test", overrides={}, on_resource=None, project_dir=folder)


def test_a_stack_without_a_region_is_refused(write_project: WriteProject) -> None:
    with pytest.raises(ConfigurationError, match="no aws:region"):
        run(write_project(stack="config: {}"))


def test_an_environment_that_points_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    with pytest.raises(EndpointMismatchError, match=r"127\.0\.0\.1:1, and this deployment is to http://127\.0\.0\.1:2"):
        _ = Endpoint("http://127.0.0.1:2/", "eu-west-2").s3


FUNCTION = """
    import hashlib, base64, pathlib, pulumi
    import pulumi_aws as aws

    zipped = pathlib.Path({path!r})
    role = aws.iam.Role("role", assume_role_policy='{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":'
        '"sts:AssumeRole","Principal":{{"Service":"lambda.amazonaws.com"}}}}]}}')
    function = aws.lambda_.Function("worker", name="worker", role=role.arn, handler="h.h", runtime="python3.11",
        code=pulumi.FileArchive(str(zipped)), publish=True, memory_size={memory},
        source_code_hash=base64.b64encode(hashlib.sha256(zipped.read_bytes()).digest()).decode())
    aws.lambda_.Alias("live", name="live", function_name=function.name, function_version=function.version)
    {more}
"""


def zipped(path: Path, content: str) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("h.py", content)
    return path


def test_what_did_not_change_stays_and_a_function_gets_its_new_code_behind_the_same_alias(
    aws: Endpoint, write_project: WriteProject, tmp_path: Path
) -> None:
    package = zipped(tmp_path / "function.zip", "h = print")
    program = write_project(FUNCTION.format(path=str(package), memory=128, more=""))
    first = deploy(endpoint="http://moto", stack="test", overrides={}, on_resource=None, project_dir=program)
    zipped(package, "h = repr")
    (program / "__main__.py").write_text(
        dedent(FUNCTION.format(path=str(package), memory=128, more='aws.sqs.Queue("new", name="new")'))
    )
    events: list[ResourceEvent] = []
    again = deploy(
        endpoint="http://moto",
        stack="test",
        overrides={},
        on_resource=events.append,
        project_dir=program,
        standing=first.resources,
    )
    assert {event.name: event.outcome for event in events} == {
        "role": "same",
        "worker": "updated",
        "live": "updated",
        "new": "created",
    }
    assert aws.functions.get_alias(FunctionName="worker", Name="live")["FunctionVersion"] == "2"
    assert again.resources.keys() - first.resources.keys() == {("aws:sqs/queue:Queue", "new")}


def test_a_change_that_only_pulumi_can_make_is_refused_by_name(
    aws: Endpoint, write_project: WriteProject, tmp_path: Path
) -> None:
    package = zipped(tmp_path / "function.zip", "h = print")
    program = write_project(FUNCTION.format(path=str(package), memory=128, more=""))
    first = deploy(endpoint="http://moto", stack="test", overrides={}, on_resource=None, project_dir=program)
    (program / "__main__.py").write_text(dedent(FUNCTION.format(path=str(package), memory=256, more="")))
    with pytest.raises(UnsupportedResourceError, match="cannot change memorySize of aws:lambda/function"):
        deploy(
            endpoint="http://moto",
            stack="test",
            overrides={},
            on_resource=None,
            project_dir=program,
            standing=first.resources,
        )
    assert aws.functions.get_function_configuration(FunctionName="worker")["MemorySize"] == 128


ROLE_POLICY = """
    import pulumi_aws as aws

    role = aws.iam.Role("role", name="role", assume_role_policy='{{"Version":"2012-10-17","Statement":[{{"Effect":'
        '"Allow","Action":"sts:AssumeRole","Principal":{{"Service":"lambda.amazonaws.com"}}}}]}}')
    aws.iam.RolePolicy("may", role=role.name, policy='{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",'
        '"Action":"{action}","Resource":"*"}}]}}')
    aws.cloudwatch.LogGroup("log", name="one", retention_in_days={days})
    aws.cloudwatch.LogGroup("log", name="two", opts=__import__("pulumi").ResourceOptions(parent=role))
"""


def test_a_policy_with_a_name_that_was_made_up_takes_the_place_of_the_old_one(
    aws: Endpoint, write_project: WriteProject
) -> None:
    program = write_project(ROLE_POLICY.format(action="s3:GetObject", days=7))
    first = deploy(endpoint="http://moto", stack="test", overrides={}, on_resource=None, project_dir=program)
    (program / "__main__.py").write_text(dedent(ROLE_POLICY.format(action="s3:PutObject", days=7)))
    deploy(
        endpoint="http://moto",
        stack="test",
        overrides={},
        on_resource=None,
        project_dir=program,
        standing=first.resources,
    )
    (policy,) = aws.iam.list_role_policies(RoleName="role")["PolicyNames"]
    document = aws.iam.get_role_policy(RoleName="role", PolicyName=policy)["PolicyDocument"]
    assert "s3:PutObject" in str(document)
