"""Faults of the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.rehearsal.fault import Broken, Fault, Typed
from sandbox.rehearsal.functions import bad_release, mapping_off, policy_changed, rule_off
from sandbox.sources.faults import FaultKind
from sandbox.sources.running import POSTS

if TYPE_CHECKING:
    from sandbox.rehearsal.stages import LakeStage

_UNHEALTHY: Final = "pipeline-unhealthy"
# The rule fires every five minutes, which are as many alarms' periods of ten seconds.
_FACTOR: Final = 30.0


def _source(stage: LakeStage) -> Broken:
    source = stage.sources.stand_ins[POSTS]
    source.fail(FaultKind.ERROR)
    return Broken(others=source.recover, who="whoever runs the source repairs it")


def _silent(stage: LakeStage) -> Broken:
    return rule_off(stage.aws, stage.deployed.schedule_rule)


def _function_broken(stage: LakeStage) -> Broken:
    return bad_release(stage.aws, stage.deployed.curation_function)


def _not_curated(stage: LakeStage) -> Broken:
    return mapping_off(stage.aws, stage.deployed.curation_function)


def _api(stage: LakeStage) -> Broken:
    return policy_changed(stage.aws, stage.deployed.api_function, ["dynamodb:*"])


def _of_lake(*, typed: tuple[Typed, ...], **fault: Any) -> Fault[LakeStage]:
    return Fault(**fault, typed=typed, pipeline="lake", factor=_FACTOR, lapsed="lake-")


FAULTS_OF_LAKE: Final[tuple[Fault[Any], ...]] = (
    _of_lake(
        name="lake-source",
        summary="a source answers 200 and an error",
        page="lake-source",
        alarms=(f"lake-source-{POSTS}-failing",),
        break_it=_source,
        typed=(Typed("export INGESTION_LOG"),),
    ),
    _of_lake(
        name="lake-silent",
        summary="somebody has disabled the schedule's rule",
        page="lake-source",
        alarms=("lake-schedule-silent", _UNHEALTHY),
        break_it=_silent,
        typed=(Typed("describe-rule"), Typed("enable-rule --name $RULE")),
    ),
    _of_lake(
        name="lake-function-broken",
        summary="a release of curation that cannot even be loaded",
        page="lake-function-broken",
        alarms=("lake-curation-error-rate",),
        break_it=_function_broken,
        typed=(Typed("export INGESTION"), Typed("update-alias")),
    ),
    _of_lake(
        name="lake-not-curated",
        summary="somebody has disabled the mapping of curation's queue",
        page="lake-not-curated",
        alarms=("lake-not-curated", _UNHEALTHY),
        break_it=_not_curated,
        typed=(Typed("export QUEUE="), Typed("pulumi up --refresh")),
    ),
    _of_lake(
        name="lake-api",
        summary="somebody has taken the tables from the API's role",
        page="lake-api",
        alarms=("lake-api-5xx", _UNHEALTHY),
        break_it=_api,
        typed=(Typed("export ACCESS"), Typed("pulumi up --refresh")),
    ),
)
