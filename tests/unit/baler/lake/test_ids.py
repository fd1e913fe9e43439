from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baler.lake.ids import RECORD_ID, SOURCE_NAME, record_id, source_of

_SOURCES = st.from_regex(r"\A[ab](-?[ab]){0,3}\Z")
_IDS = st.one_of(
    st.text(alphabet="ab-h", min_size=1, max_size=5),
    st.text(min_size=1, max_size=80).filter(lambda text: text.isprintable()),
)


def test_plain_ids_stay_readable() -> None:
    assert record_id("jsonplaceholder", "1") == "jsonplaceholder-1"
    assert record_id("randomuser", "7a0e-42") == "randomuser-7a0e-42"


@settings(max_examples=40)
@given(st.tuples(_SOURCES, _IDS), st.tuples(_SOURCES, _IDS))
def test_different_records_never_have_one_name(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (record_id(*one) == record_id(*other)) == (one == other)


@pytest.mark.parametrize("pairs", [(("a", "b-c"), ("a-b", "c")), (("a", "-b"), ("a-", "b")), (("a", "A"), ("a", "a"))])
def test_ids_of_two_sources_do_not_run_together(pairs: tuple[tuple[str, str], tuple[str, str]]) -> None:
    one, other = pairs
    assert record_id(*one) != record_id(*other)


def test_nobody_can_choose_the_name_of_an_encoded_id() -> None:
    encoded = record_id("a", "x y")
    assert record_id("a", encoded.removeprefix("a-")) != encoded


@settings(max_examples=40)
@given(_SOURCES, st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_name_is_short_and_of_letters_digits_and_hyphens(source: str, own_id: str) -> None:
    assert RECORD_ID.fullmatch(record_id(source, own_id))


@settings(max_examples=40)
@given(_SOURCES, _IDS)
def test_a_name_says_its_source(source: str, own_id: str) -> None:
    assert source_of(record_id(source, own_id)) == source


@pytest.mark.parametrize("name", ["posts", "-posts-1", "POSTS-1", "a---b", "a" * 33 + "-1", "a/b-1"])
def test_a_name_that_begins_with_no_source_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="begins with that of a source"):
        source_of(name)


def test_the_longest_source_with_the_longest_id_fits() -> None:
    source = "a-" * 15 + "ab"
    assert SOURCE_NAME.fullmatch(source)
    assert len(record_id(source, "x" * 64)) <= 128
    assert len(record_id(source, "x" * 65)) <= 128


@pytest.mark.parametrize("own_id", ["", "\ud800"])
def test_what_cannot_be_an_id_is_refused(own_id: str) -> None:
    with pytest.raises(ValueError, match=r"empty|surrogates"):
        record_id("a", own_id)


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", "a--b", "a_b", "a" * 33, "a\n"])
def test_names_of_sources_that_would_run_together_are_none(name: str) -> None:
    assert not SOURCE_NAME.fullmatch(name)
