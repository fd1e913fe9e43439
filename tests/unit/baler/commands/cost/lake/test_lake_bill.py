"""The bill of the lake follows the settings, the load, and what the program really declares."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from harness.recorded_program import LAKE_ALONE, record_program

from baler.commands.cost.figures import figures
from baler.commands.cost.lake import monthly
from baler.commands.cost.lake.estimate import compare_lake
from baler.commands.cost.lake.part import LakeBillPart
from baler.commands.cost.lake.settings import LakeStackSettings
from baler.commands.cost.lake.traffic import LakeProfile
from baler.commands.cost.settings import StackFilesError
from baler.lake.declarations import shipped_declarations
from baler.prices import price
from components.lake.settings import LakeSettings
from components.settings.shared import SharedSettings

if TYPE_CHECKING:
    from pathlib import Path

    from baler.commands.cost.bill import Line


def bill(profile: LakeProfile, settings: LakeStackSettings, **changed: object) -> monthly.LakeMonth:
    return monthly.monthly_lake_bill(profile, settings.model_copy(update=changed), figures())


def the(month: monthly.LakeMonth, part: LakeBillPart, item: str) -> Line:
    (found,) = (line for line in month.bill.lines if (line.part, line.item) == (part, item))
    return found


def test_what_costs_is_a_setting_of_the_program(settings: LakeStackSettings) -> None:
    declared = {
        field.alias: field.default for model in (SharedSettings, LakeSettings) for field in model.model_fields.values()
    }
    for name, field in LakeStackSettings.model_fields.items():
        assert field.alias in declared
        if str(field.alias).startswith("lake"):
            assert getattr(settings, name) == declared[field.alias], name


@pytest.mark.parametrize("field", ["sources", "answer_records", "published_share", "new_records", "requests", "months"])
def test_more_of_anything_never_costs_less(settings: LakeStackSettings, field: str) -> None:
    usual = LakeProfile()
    months = [bill(replace(usual, **{field: getattr(usual, field) * factor}), settings) for factor in (0.01, 0.1, 1, 2)]
    for part in LakeBillPart:
        assert all(more >= less for less, more in pairwise(month.bill.of(part) for month in months)), part


def test_a_record_and_its_count_are_a_transaction_and_the_index_is_written_once(settings: LakeStackSettings) -> None:
    profile = LakeProfile(sources=1, published_share=1.0, new_records=98.0, record_bytes=500.0)
    month = bill(profile, settings)
    assert the(month, LakeBillPart.TABLES, "records written").quantity == pytest.approx(month.traffic.objects * 98 * 3)
    assert the(month, LakeBillPart.TABLES, "counters").quantity == pytest.approx(month.traffic.objects * 4)


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (LakeBillPart.CURATION, "answer_records"),
        (LakeBillPart.CURATION, "sources"),
        (LakeBillPart.ANSWERING, "requests"),
    ],
)
def test_a_function_is_paid_for_what_it_does(settings: LakeStackSettings, part: LakeBillPart, field: str) -> None:
    usual = LakeProfile()
    twice = replace(usual, **{field: getattr(usual, field) * 2})
    memory = [the(bill(profile, settings), part, "memory").quantity for profile in (usual, twice)]
    assert memory[1] > 1.2 * memory[0]


def test_what_expires_is_not_paid_for_longer(settings: LakeStackSettings) -> None:
    profile = LakeProfile(months=24.0)
    for_ever, a_month = (
        bill(profile, settings),
        bill(profile, settings, record_retention_days=30, raw_retention_days=60),
    )
    for part, item, factor in ((LakeBillPart.TABLES, "kept", 24), (LakeBillPart.RAW, "answers kept", 12)):
        assert the(for_ever, part, item).quantity == pytest.approx(factor * the(a_month, part, item).quantity, rel=0.05)


def test_a_stack_without_a_dashboard_pays_for_none(settings: LakeStackSettings) -> None:
    assert bill(LakeProfile(), settings, dashboard=False).bill.of(LakeBillPart.SITE) == 0


@pytest.mark.requirement("LAKE-COST-01")
def test_the_documents_lines_add_up_to_its_own_total_and_watching_is_not_among_them(
    settings: LakeStackSettings,
) -> None:
    compared = compare_lake(settings, figures())
    assert compared.total.line.low == pytest.approx(1.19)
    by_service = {each.line.service: each for each in compared.lines}
    assert by_service["API Gateway"].verdict == by_service["DynamoDB"].verdict == "near"
    assert by_service["CloudWatch"].ours > sum(each.ours for each in compared.lines) / 2


def test_the_bill_counts_what_the_program_declares() -> None:
    alarms = [
        each
        for each in record_program("prod", LAKE_ALONE).all("cloudwatch/metricAlarm:MetricAlarm")
        if each.name.startswith("baler-prod-lake-")
    ]
    counted = {
        of_source: sum(
            sum("metric" in query for query in alarm.inputs.get("metricQueries", [])) or 1
            for alarm in alarms
            if (alarm.name.startswith("baler-prod-lake-source-")) is of_source
        )
        for of_source in (True, False)
    }
    assert counted == {True: 2 * monthly.SOURCE_ALARMS, False: monthly.ALARM_METRICS}


def test_the_sources_are_those_of_the_stacks_own_file(settings: LakeStackSettings, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(shipped_declarations().replace("randomuser", "people"), encoding="utf-8")
    own = settings.model_copy(update={"sources_file": "sources.toml"})
    assert [source.name for source in own.declared_sources(tmp_path)] == ["jsonplaceholder", "people"]
    with pytest.raises(StackFilesError, match=r"missing\.toml"):
        settings.model_copy(update={"sources_file": "missing.toml"}).declared_sources(tmp_path)


def test_the_prices_that_are_from_memory_say_so() -> None:
    assert not price("http_api_request").certain
    assert not price("cloudfront_request").certain
