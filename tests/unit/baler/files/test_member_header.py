"""A member's header is what tarfile writes, and a name's characters are judged as Unicode classes them."""

from __future__ import annotations

import sys
import tarfile
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from baler.files.bundle.member_header import member_header
from baler.files.bundle.members import is_safe_path


@given(
    st.one_of(st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cs"])), st.text("ab/", min_size=90)),
    st.integers(0, 8**12),
    st.integers(-1, 8**12),
)
@example("a" * 100, 8**11 - 1, 8**11 - 1)
@example("a" * 101, 1, 1)
@example("a" * 100, 8**11, 0)
@example("é", 0, 8**11)
def test_a_header_is_byte_for_byte_tarfiles(name: str, size: int, modified: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime = size, modified

    assert member_header(name, size, modified) == member.tobuf(tarfile.PAX_FORMAT, "utf-8")


def test_control_characters_surrogates_and_what_windows_reserves_are_in_no_safe_name() -> None:
    for letter in map(chr, range(sys.maxunicode + 1)):
        is_forbidden = unicodedata.category(letter) in {"Cc", "Cs"} or letter in '<>:"|?*\\'
        assert is_safe_path(f"a{letter}b") is not is_forbidden, hex(ord(letter))
