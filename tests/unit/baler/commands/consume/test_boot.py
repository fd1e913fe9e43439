"""Which run of the machine it is."""

from __future__ import annotations

from pathlib import Path

from baler.commands.consume.boot import boot_id

UNIT = Path(__file__).parents[5] / "premises" / "baler-consume.service"


def test_a_machine_is_known_by_the_id_of_its_start_where_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "boot_id").write_text("0f-3c\n")
    assert boot_id({}, tmp_path / "boot_id") == "0f3c"
    assert boot_id({}, tmp_path / "missing") is None


def test_the_service_is_told_what_it_cannot_read_in_the_same_form(tmp_path: Path) -> None:
    lines = UNIT.read_text().splitlines()
    assert "ProcSubset=pid" in lines
    assert "Environment=BALER_BOOT_ID=%b" in lines
    assert boot_id({"BALER_BOOT_ID": "0f3c"}, tmp_path / "missing") == "0f3c"
