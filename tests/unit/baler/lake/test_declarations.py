from __future__ import annotations

import pytest

from baler.lake.declarations import FIELD_NAMES_MAX, read_declarations, shipped_declarations
from baler.lake.path import Path
from baler.lake.sources import DeclarationError, Field, FieldKind, Kept, PageKind, Pages, SecretHeader

MINIMAL = """
[[source]]
name = "a-source"
type = "things"
url = "https://api.example/things?size=50"
id = "id"
"""


def test_the_shipped_file_declares_the_documents_two_sources() -> None:
    posts, users = read_declarations(shipped_declarations())
    assert (posts.name, posts.type, posts.url) == (
        "jsonplaceholder",
        "posts",
        "https://jsonplaceholder.typicode.com/posts",
    )
    assert [field.name for field in posts.fields] == ["userId", "title", "body"]
    assert (users.id, users.records, users.document) == (Path(("login", "uuid")), Path(("results",)), Kept.FIELDS)
    assert not [field for field in users.fields if "login" in field.path.keys]


def test_a_third_source_is_ten_lines() -> None:
    text = """
[[source]]
name = "third"
type = "items"
url = "https://api.example/items"
records = "data.items"
id = ["key.with.dots", "id"]
headers = { Authorization = "token" }
pages = { kind = "cursor", parameter = "after", next = "meta.next", most = 7 }
[source.fields]
price = { path = "offer.price", kind = "number" }
"""
    assert len(text.strip().splitlines()) == 10
    (source,) = read_declarations(text)
    assert source.records == Path(("data", "items"))
    assert source.id == Path(("key.with.dots", "id"))
    assert source.headers == (SecretHeader("Authorization", "token"),)
    assert source.pages == Pages(PageKind.CURSOR, "after", Path(("meta", "next")), most=7)
    assert source.fields == (Field("price", Path(("offer", "price")), FieldKind.NUMBER),)


def test_a_source_is_paused_by_a_word() -> None:
    (source,) = read_declarations(f'{MINIMAL}document = "whole"\npaused = true')
    (other,) = read_declarations(f'{MINIMAL}document = "whole"')
    assert (source.paused, other.paused) == (True, False)


@pytest.mark.parametrize(
    ("lines", "match"),
    [
        ("", r'declare fields, or document = "whole"'),
        ('document = "all"', "document must be one of fields, whole"),
        ('colour = "red"', "'colour' is unknown; known are"),
        ('document = "whole"\nrecords = "a..b"', "records has an empty part"),
        ('document = "whole"\nrecords = 3', "records must be a path"),
        ('document = "whole"\npaused = "yes"', "paused must be true or false"),
        ('document = "whole"\nconditional = 1', "conditional must be true or false"),
        ('document = "whole"\npages = { kind = "page" }', "page needs the name of the query's parameter"),
        ('document = "whole"\npages = { kind = "cursor", parameter = "c" }', "cursor needs next"),
        ('document = "whole"\npages = { kind = "link", most = 1001 }', "most must be 1 to 1000"),
        ('document = "whole"\npages = { kind = "link", most = true }', "most must be a whole number"),
        ('document = "whole"\npages = { kind = "none", next = "a" }', "none has no next"),
        ('document = "whole"\nconditional = true\npages = { kind = "link" }', "conditional is for sources of one"),
        ('document = "whole"\nheaders = { Host = "key" }', "'Host' is not a header"),
        ('document = "whole"\nheaders = { "a b" = "key" }', "'a b' is not a header"),
        ('document = "whole"\nheaders = { Token = "" }', "Token needs the key"),
        ('[source.fields]\nid = "x"', "id is an attribute of every record"),
        ('[source.fields]\ndocument = "x"', "document is an attribute of every record"),
        ('[source.fields]\n"a-b" = "x"', "'a-b' must be 1 to 64"),
        ('[source.fields]\na = { kind = "date" }', "must be one of text, number, boolean"),
        ('[source.fields]\na = { road = "x" }', "'road' is unknown"),
        ('[source.fields]\na = ""', "a needs a path"),
        ('document = "whole"\nfields = 3', "fields must be a table"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_source_and_key(lines: str, match: str) -> None:
    with pytest.raises(DeclarationError, match=match) as caught:
        read_declarations(f"{MINIMAL}{lines}\n")
    assert "a-source" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example/",
        "ftp://api.example/",
        "//api.example/",
        "https:///path",
        "https://user@api.example/",
        "https://user:@api.example/",
        "https://api.example/#part",
        "https://api.example:port/",
        "https://[::1/",
        "https://api.example/a b",
        "https://api.example/\\u00fc",
    ],
)
def test_urls_that_are_not_plain_https_are_refused(url: str) -> None:
    with pytest.raises(DeclarationError, match="url"):
        read_declarations(MINIMAL.replace("https://api.example/things?size=50", url) + 'document = "whole"')


def test_only_an_open_origin_may_do_without_https() -> None:
    text = MINIMAL.replace("https://api.example", "http://127.0.0.1:4510") + 'document = "whole"'
    assert read_declarations(text, frozenset({"http://127.0.0.1:4510"}))
    with pytest.raises(DeclarationError, match="https"):
        read_declarations(text, frozenset({"http://127.0.0.1:4511"}))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[[source]", "not TOML"),
        ("a = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("", "declares no source"),
        ("source = 3", "declares no source"),
        ("source = [3]", "a source is a table"),
        ("[[sources]]", "'sources' is unknown"),
        ("[[source]]\nname = 'x'", "type is missing"),
        (MINIMAL.replace('"a-source"', "3"), "name must be a text"),
        (MINIMAL.replace("a-source", "a--b") + 'document = "whole"', "single hyphens"),
        ((MINIMAL + 'document = "whole"\n') * 2, "'a-source' is declared twice"),
    ],
)
def test_a_wrong_file_is_refused_with_what_to_write(text: str, match: str) -> None:
    with pytest.raises(DeclarationError, match=match):
        read_declarations(text)


def test_one_read_can_ask_for_the_fields_of_all_sources() -> None:
    fields = "[source.fields]\n" + "".join(f'f{number} = "f{number}"\n' for number in range(FIELD_NAMES_MAX))
    twice = MINIMAL + fields + MINIMAL.replace("a-source", "other") + fields
    assert len(read_declarations(twice)) == 2
    with pytest.raises(DeclarationError, match="fields of more than 500 names"):
        read_declarations(twice + 'more = "more"\n')


def test_a_mark_in_front_of_the_text_is_no_part_of_it() -> None:
    text = MINIMAL + 'document = "whole"\n'
    assert read_declarations("\ufeff" + text) == read_declarations(text)
