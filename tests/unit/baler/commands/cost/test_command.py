"""`baler cost` as a user runs it."""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest
from harness.shipped_stacks import shipped_project
from typer.testing import CliRunner

from baler.cli.main import app
from baler.commands.cost.bill import BillPart
from baler.commands.cost.columns import columns
from baler.commands.cost.estimate import ESTIMATES, compare
from baler.commands.cost.figures import figures
from baler.commands.cost.monthly import monthly_bill
from baler.commands.cost.report import every_line, file_check
from baler.commands.cost.settings import read_stack_settings
from baler.commands.cost.traffic import Profile

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["cost", *arguments], env={"COLUMNS": "200"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def read(*arguments: str) -> dict[str, Any]:
    code, out, _ = run("--stack", "prod", "--project", str(shipped_project()), "--json", *arguments)
    assert code == 0
    return json.loads(out)


def test_people_get_the_sum_its_parts_and_the_largest_lines_on_one_screen() -> None:
    code, out, _ = run("--stack", "prod", "--project", str(shipped_project()))

    assert code == 0
    assert f"{read()['total_usd']:,.2f}  total" in out
    assert "S3, landing: files put" in out
    assert {part for part in BillPart if part in out} == set(BillPart) - {BillPart.COURIER}
    assert len(out.splitlines()) <= 40


def test_all_is_every_line_and_the_check_of_the_estimate_a_line_each() -> None:
    code, out, _ = run("--stack", "prod", "--project", str(shipped_project()), "--all")
    bill = read()

    assert code == 0
    assert all(f"{line['part']}: {line['item']}" in out for line in bill["lines"])
    compared = [each for one in bill["requirement_estimates"] for each in one["lines"]]
    assert all(each["reasons"] in out for each in compared)
    assert "0.00099 ?" in out
    parts = {line["part"] for line in bill["lines"]}
    assert len(out.splitlines()) == 14 + len(bill["lines"]) + len(parts) + len(compared)


@pytest.mark.parametrize("width", [20, 60, 80, 200, None])
def test_no_number_is_cut_whatever_the_width(width: int | None) -> None:
    settings = read_stack_settings(shipped_project(), "prod")
    month = monthly_bill(Profile(1000.0, 2000.0, 3.0, 300.0, 12.0), settings, figures())
    checks = [file_check(compare(estimate, settings, figures(), 12.0)) for estimate in ESTIMATES]
    text = "\n".join(every_line("prod", month.bill, checks, width))

    assert all(re.search(rf"^ *{line.usd:,.2f} .* {line.price.unit} ", text, re.MULTILINE) for line in month.bill.lines)


def test_the_last_column_folds_at_the_width_and_the_others_never_do() -> None:
    rows = [("1,234", "a part", "words that go on for longer than there is room for them")]

    assert columns(rows, "><<", 40) == [
        "1,234  a part  words that go on for",
        "               longer than there is room",
        "               for them",
    ]
    assert columns(rows, "><<", 20) == columns(rows, "><<", None)
    assert len(columns(rows, "><<", None)) == 1


def test_the_stack_may_be_named_by_its_variable() -> None:
    result = CliRunner().invoke(app, ["cost", "--project", str(shipped_project())], env={"BALER_STACK": "prod"})

    assert result.exit_code == 0
    assert "A month of prod" in result.stdout


def test_each_part_stands_in_one_piece_with_one_sum() -> None:
    parts = [line["part"] for line in read()["lines"]]

    assert [part for part, _ in groupby(parts)] == list(dict.fromkeys(parts))


def test_programs_get_lines_that_add_up() -> None:
    told = read()

    assert sum(line["usd"] for line in told["lines"]) == pytest.approx(told["total_usd"])
    assert all(line["usd"] == pytest.approx(line["quantity"] * line["usd_each"]) for line in told["lines"])
    assert [one["document"] for one in told["requirement_estimates"]] == [1, 2]
    assert all(one["lines"][-1]["service"] == "Total" for one in told["requirement_estimates"])
    assert told["prices_as_of"]


@pytest.mark.parametrize(
    "option",
    [
        ("--files-per-second", "20"),
        ("--file-bytes", "4000"),
        ("--compression-ratio", "1"),
        ("--consumer-delay", "9e6"),
        ("--archive-months", "60"),
    ],
    ids=lambda option: option[0],
)
def test_every_option_moves_the_total(option: tuple[str, str]) -> None:
    assert read(*option)["total_usd"] > read()["total_usd"]


def test_without_a_rate_the_bill_is_of_what_the_stack_expects(tmp_path: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.prod.yaml"):
        text = (shipped_project() / name).read_text()
        (tmp_path / name).write_text(text + ("  baler:filesExpectedPerSecond: 20\n" if "prod" in name else ""))
    arguments = ("--stack", "prod", "--project", str(tmp_path), "--json")
    assert json.loads(run(*arguments)[1])["total_usd"] == read("--files-per-second", "20")["total_usd"]


def test_the_options_leave_the_documents_own_traffic_alone() -> None:
    assert read("--files-per-second", "500")["requirement_estimates"] == read()["requirement_estimates"]


def test_a_stack_that_cannot_be_read_ends_with_what_to_do() -> None:
    code, out, err = run("--stack", "nowhere", "--project", str(shipped_project()))

    assert (code, out) == (1, "")
    assert "The stacks here are: dev, local, prod, staging" in err


def test_a_negative_rate_is_a_wrong_command_line() -> None:
    assert run("--stack", "prod", "--files-per-second", "-1")[0] == 2
