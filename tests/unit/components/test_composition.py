"""A pipeline declares alone what it declares beside another, whatever the other is."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pytest
from harness.recorded_program import EVENTS, LAKE, LAKE_ALONE, REQUIRED, record_program
from pydantic import ConfigDict

from components import pipelines
from components.blocks.function import Function, FunctionArgs
from components.blocks.function_role import FunctionRole, grant_trace
from components.blocks.naming import resource_name
from components.blocks.queue import Queue, QueueArgs
from components.blocks.schedule import Schedule
from components.pipeline import Running
from components.pipelines import PIPELINES, SETTINGS, PipelineKind
from components.settings.model import PipelineSettings, with_prefix
from components.watch.dashboard import Graph, Row, of_queue
from components.watch.definition import Above, Alarm, Metric
from components.watch.stack_watch import Watched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.recorded_program import Deployed, Resource

    from components.blocks.policy_document import Statement
    from components.network.network import Network
    from components.pipeline import Stack

OTHER: Final = "other"
PRIVATE: Final = {"baler:privateNetwork": True, "baler:onPremisesCidrs": ["192.168.0.0/16"]}


class OtherSettings(PipelineSettings):
    """What the other pipeline can set."""

    model_config = ConfigDict(alias_generator=with_prefix(OTHER))


class OtherPipeline:
    """A queue and a function that looks at it, with an alarm and Sids that the file pipeline has too."""

    def __init__(self, name: str, stack: Stack, settings: OtherSettings) -> None:
        assert isinstance(settings, OtherSettings)
        self._name = name
        self._stack = stack
        self._queue = Queue(
            resource_name(name, "ingest"),
            QueueArgs(
                dead_letter_name=resource_name(name, "dead-letters"),
                visibility_timeout_seconds=30,
                retention_days=4,
                dead_letter_retention_days=14,
                max_receive_count=10,
            ),
        )
        self._queue.restrict([])

    def calls(self) -> Mapping[str, Sequence[Statement]]:
        return {"sqs": self._grant_inspect(), "xray": grant_trace(), "kinesis-streams": []}

    def run(self, network: Network) -> Running:
        name = resource_name(self._name, "aggregator")
        platform = self._stack.function_platform(network.functions)
        role = FunctionRole(name, self._grant_inspect(), description="Looks.", platform=platform)
        function = Function(
            name,
            FunctionArgs(
                description="Looks at the queue.",
                handler="runtime.files.mailbox_monitor.handler.handle",
                service="other",
                platform=platform,
                role=role,
                environment={"QUEUE": self._queue.url},
                timeout_seconds=10,
                memory_megabytes=128,
            ),
        )
        Schedule(name, function, rate="rate(1 minute)")
        watched = Watched(
            alarms=[_queue_age()],
            rows=[Row(title="Is it late?", subtitle="", graphs=[_waiting()], begins_with_alarms=True)],
            recorded=[],
            shifted=[],
        )
        return Running(watched=watched, outputs={"ingestQueueUrl": self._queue.url})

    def _grant_inspect(self) -> list[Statement]:
        action = ["sqs:GetQueueAttributes"]
        return [{"Sid": "InspectIngestQueue", "Effect": "Allow", "Action": action, "Resource": [self._queue.arn]}]


class AskingPipeline(OtherPipeline):
    """One that asks, as the file pipeline does, for an endpoint when the network is there."""

    def run(self, network: Network) -> Running:
        network.functions.endpoint("lambda", self._grant_inspect())
        return super().run(network)


def _queue_age() -> Alarm:
    age = Metric(namespace="AWS/SQS", name="ApproximateAgeOfOldestMessage", dimensions={}, statistic="Maximum")
    return Alarm(
        name="queue-age",
        metric=age,
        when=Above(threshold=1),
        breaching=2,
        periods=3,
        missing="ignore",
        means="It waits.",
        first="look.",
        runbook="backlog",
        pages=True,
    )


def _waiting() -> Graph:
    return Graph(title="Waiting", metrics=[of_queue("queue", "NumberOfMessagesSent", "Sum", "sent")])


@pytest.fixture(scope="module")
def deployed() -> dict[tuple[str, ...], Deployed]:
    """What the program declares for each pipeline alone, and for both beside each other."""
    nothing: dict[str, Any] = {key: [] if isinstance(value, list) else "" for key, value in REQUIRED.items()}
    runs: dict[tuple[str, ...], Mapping[str, Any]] = {("files",): {}, (OTHER,): nothing, ("files", OTHER): {}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipelines, "PIPELINES", {**PIPELINES, OTHER: PipelineKind(OtherSettings, OtherPipeline)})
        patch.setattr(pipelines, "SETTINGS", {**SETTINGS, OTHER: OtherSettings})
        return {
            chosen: record_program("staging", {**PRIVATE, **settings, "baler:pipelines": list(chosen)})
            for chosen, settings in runs.items()
        }


def private(*chosen: str) -> Deployed:
    return record_program("staging", {**EVENTS, **PRIVATE, "baler:pipelines": list(chosen)})


def declared(deployed: Deployed, pipeline: str) -> dict[tuple[str, str], Any]:
    """Return what is a pipeline's by its name: all but the package, which nobody builds here."""
    return {
        (each.type, each.name): (_inputs(each), each.protected, each.ignored, each.parent)
        for each in deployed.resources
        if each.name.startswith(f"baler-{deployed.stack}-{pipeline}-")
    }


def _inputs(resource: Resource) -> dict[str, Any]:
    return {
        key: value for key, value in resource.inputs.items() if not isinstance(value, pulumi.Asset | pulumi.Archive)
    }


@pytest.mark.parametrize("pipeline", ["files", OTHER])
def test_a_pipeline_alone_declares_what_it_declares_beside_another(
    deployed: dict[tuple[str, ...], Deployed], pipeline: str
) -> None:
    alone, beside = (declared(deployed[chosen], pipeline) for chosen in ((pipeline,), ("files", OTHER)))
    assert alone
    assert alone == beside


@pytest.mark.parametrize("pipeline", ["files", "events"])
def test_files_and_events_declare_alone_what_they_declare_beside_each_other(
    deployed: dict[tuple[str, ...], Deployed], pipeline: str
) -> None:
    alone = deployed[("files",)] if pipeline == "files" else private("events")
    assert declared(alone, pipeline)
    assert declared(alone, pipeline) == declared(private("files", "events"), pipeline)


@pytest.mark.requirement("LAKE-SEC-03")
@pytest.mark.parametrize("pipeline", ["files", "lake"])
def test_files_and_lake_declare_alone_what_they_declare_beside_each_other(
    deployed: dict[tuple[str, ...], Deployed], pipeline: str
) -> None:
    nothing: dict[str, Any] = {key: [] if isinstance(value, list) else "" for key, value in REQUIRED.items()}
    alone = (
        deployed[("files",)] if pipeline == "files" else record_program("staging", {**PRIVATE, **nothing, **LAKE_ALONE})
    )
    beside = record_program("staging", {**PRIVATE, **LAKE})
    assert declared(alone, pipeline)
    assert declared(alone, pipeline) == declared(beside, pipeline)


def test_an_endpoint_of_files_and_events_has_room_for_what_both_call() -> None:
    """An endpoint's policy has at most 20,480 characters (AWS PrivateLink quotas)."""
    for endpoint in private("files", "events").all("ec2/vpcEndpoint:VpcEndpoint"):
        assert len(endpoint.inputs["policy"]) < 20_480, endpoint.name


def test_two_pipelines_declare_what_each_declares_alone_and_nothing_twice(
    deployed: dict[tuple[str, ...], Deployed],
) -> None:
    def names(*chosen: str) -> Counter[tuple[str, str]]:
        return Counter((each.type, each.name) for each in deployed[chosen].resources)

    assert names("files", OTHER) == names("files") | names(OTHER)
    assert set(names("files", OTHER).values()) == {1}


def test_a_pipeline_that_a_stack_does_not_have_leaves_nothing_in_it(deployed: dict[tuple[str, ...], Deployed]) -> None:
    for absent, chosen in (("files", OTHER), (OTHER, "files")):
        found = deployed[(chosen,)]
        assert declared(found, absent) == {}
        assert not [output for output in found.exports if output.startswith(absent)]


def test_the_outputs_of_both_are_there_under_names_of_their_own(deployed: dict[tuple[str, ...], Deployed]) -> None:
    beside = deployed["files", OTHER].exports
    assert set(beside) == {*deployed[("files",)].exports, *deployed[(OTHER,)].exports}
    assert beside["filesIngestQueueUrl"] != beside["otherIngestQueueUrl"]


def test_an_endpoint_lets_the_functions_of_both_through(deployed: dict[tuple[str, ...], Deployed]) -> None:
    def through(chosen: tuple[str, ...]) -> list[str]:
        policy = deployed[chosen].one("ec2/vpcEndpoint:VpcEndpoint", "function-access-sqs").document("policy")
        return [json.dumps(statement) for statement in policy["Statement"]]

    beside = through(("files", OTHER))
    assert sorted(beside) == sorted([*through(("files",)), *through((OTHER,))])
    sids = [json.loads(statement)["Sid"] for statement in beside]
    assert len(set(sids)) == len(sids)
    assert {"FilesInspectIngestQueue", "OtherInspectIngestQueue"} <= set(sids)


def test_one_alarm_is_over_all_that_page_and_one_dashboard_shows_all(
    deployed: dict[tuple[str, ...], Deployed],
) -> None:
    beside = deployed["files", OTHER]
    (unhealthy,) = beside.all("cloudwatch/compositeAlarm:CompositeAlarm")
    (dashboard,) = beside.all("cloudwatch/dashboard:Dashboard")
    for pipeline in ("files", OTHER):
        arn = beside.one("cloudwatch/metricAlarm:MetricAlarm", f"{pipeline}-queue-age").outputs["arn"]
        assert f'ALARM("{arn}")' in unhealthy.inputs["alarmRule"]
        assert f"{pipeline}-queue-age" in unhealthy.inputs["alarmDescription"]
        assert arn in dashboard.inputs["dashboardBody"]
    assert "## Other: Is it late?" in dashboard.inputs["dashboardBody"]


def test_the_alarms_of_one_pipeline_do_not_take_back_the_versions_of_another(
    deployed: dict[tuple[str, ...], Deployed],
) -> None:
    (group,) = deployed["files", OTHER].all("codedeploy/deploymentGroup:DeploymentGroup")
    assert all("-files-" in alarm for alarm in group.inputs["alarmConfiguration"]["alarms"])


def test_an_endpoint_that_would_be_there_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "PIPELINES", {**PIPELINES, OTHER: PipelineKind(OtherSettings, AskingPipeline)})
    monkeypatch.setattr(pipelines, "SETTINGS", {**SETTINGS, OTHER: OtherSettings})
    with pytest.raises(ValueError, match="has an endpoint of lambda already"):
        record_program("staging", {**PRIVATE, "baler:pipelines": ["files", OTHER]})
