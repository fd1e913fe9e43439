"""One page about a run, for a browser: it needs no other file, no script and no network."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING, Any, Final

from loadtest.parts import MEANING, PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8886; --good: #00714f; --bad: #b3261e; --open: #7a5a00; }
@media (prefers-color-scheme: dark) { :root { --good: #5cd6a9; --bad: #ff9a8f; --open: #f0c95a; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.met { color: var(--good); } .missed { color: var(--bad); } .inconclusive { color: var(--open); }
table { border-collapse: collapse; display: block; overflow-x: auto; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child, td.text, th.text { text-align: left; } td.text { white-space: normal; min-width: 9rem; }
td:first-child { white-space: normal; }
img { max-width: 100%; background: #fff; border-radius: 6px; }
"""
_LINKS: Final = """<p>All figures: <a href='summary.json'>summary.json</a>.
Locust's own report: <a href='report.html'>report.html</a>.</p>"""


def write_page(path: Path, summary: dict[str, Any], figures: Sequence[tuple[str, Path]]) -> None:
    """Write the page.

    Args:
        path: the file.
        summary: of the run (see summary.py).
        figures: what each shows, and its PNG, which goes into the page.
    """
    result = str(summary["result"])
    body = [
        f"<h1>Load test: <span class='{escape(result)}'>{escape(result)}</span></h1>",
        f"<p>{escape(str(summary['shape']))}, run {escape(str(summary['run']))}</p>",
        _list(summary["reasons"]),
        *(f"<p><strong>{name}:</strong> {escape(text)}</p>" for name, text in _said(summary)),
        *(_figure(title, figure) for title, figure in figures if figure.exists()),
        *_parts(summary),
        *_soak(summary),
        "<h2>Percentiles</h2>",
        _percentiles(summary),
        "<h2>Files</h2>",
        _table(["", "files"], [[name.replace("_", " "), str(count)] for name, count in _counts(summary)]),
        _LINKS,
    ]
    document = (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>Load test: {escape(result)}</title><style>{_STYLE}</style></head><body>\n"
    )
    path.write_text(document + "\n".join(body) + "\n</body></html>\n", encoding="utf-8")


def _said(summary: dict[str, Any]) -> list[tuple[str, str]]:
    backlog, pressure = summary["backlog"], summary["pressure"]
    until = "never all" if backlog["seconds"] is None else f"the last one {backlog['seconds']:.1f} s later"
    said = [("On their way when the uploads stopped", f"{backlog['files']} files; there: {until}")]
    if summary["cause"]:
        said.insert(0, ("Cause", summary["cause"]))
    if summary["growth"]:
        said.insert(0, ("Memory, descriptors and latency over time", summary["growth"]["verdict"]))
    said.append(("Processors during the peak", pressure["text"] if pressure else "not seen"))
    return said


def _parts(summary: dict[str, Any]) -> list[str]:
    parts = summary["parts"]
    if not parts["known"]:
        return ["<h2>Where the time went</h2>", f"<p>{escape(parts['absent'] or 'nothing was delivered')}</p>"]
    columns: dict[str, dict[str, float]] = parts["columns"]
    rows = [
        [
            name,
            *(f"{column[name]:.2f}" for column in columns.values()),
            MEANING.get(name, "the sum, as it was measured"),
        ]
        for name in (*PARTS, "whole")
    ]
    note = (
        "Means: over all files, and over the files around each percentile. The function's log tells of "
        f"{parts['known']} of {parts['files']} files. {parts['absent']}"
    )
    return [
        "<h2>Where the time went, in seconds</h2>",
        _table(["", *columns, "what it is"], rows, text_last=True),
        f"<p>{escape(note)}</p>",
    ]


def _soak(summary: dict[str, Any]) -> list[str]:
    growth = summary["growth"]
    if not growth:
        return []
    rows = [
        [
            each["name"],
            _number(each["typical"]),
            f"{each['gained']:+.1f}",
            f"{each['per_hour']:+.2f}",
            _number(each["tolerated"]),
            _number(each["smallest_per_hour"]),
            {True: "grew", False: "did not grow", None: "too short to say"}[each["grew"]]
            + ("" if each["judged"] else " (not judged)"),
        ]
        for each in growth["series"]
    ]
    intervals = [
        [
            f"{each['from_seconds']:.0f}",
            str(each["files"]),
            *(f"{each[name]:.2f}" for name in ("p50", "p95", "p99.9")),
            ", ".join(f"{part} {megabytes:.0f}" for part, megabytes in each["memory_mb"].items()),
        ]
        for each in growth["intervals"]
    ]
    head = ["", "median", "gained", "an hour", "tolerated", "seen from, an hour", ""]
    return [
        f"<h2>Over time: {escape(growth['verdict'])}</h2>",
        "<p>Of the second half of the run.</p>",
        _table(head, rows, text_last=True),
        "<p></p>",
        _table(["from, s", "files", "p50", "p95", "p99.9", "memory, MB"], intervals, text_last=True),
        _list(growth["absent"]),
    ]


def _percentiles(summary: dict[str, Any]) -> str:
    rows: list[list[str]] = []
    for name, key in (
        ("upload to " + str(summary["watched"]), "latency_seconds"),
        ("the upload itself", "upload_seconds"),
        ("started late by", "lateness_seconds"),
    ):
        found: dict[str, float | None] = summary[key]
        rows.append([name, *("never" if value is None else f"{value:.2f} s" for value in found.values())])
    head = list(summary["upload_seconds"] or summary["latency_seconds"])
    return _table(["", *head], rows)


def _counts(summary: dict[str, Any]) -> Iterable[tuple[str, int]]:
    yield from summary["files"].items()
    for name in ("lost", "twice", "damaged", "bundles", "dead_letters"):
        yield name, summary[name]


def _figure(title: str, path: Path) -> str:
    encoded = base64.b64encode(path.read_bytes()).decode()
    return f"<h2>{escape(title)}</h2><img alt='{escape(title)}' src='data:image/png;base64,{encoded}'>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, text_last: bool = False) -> str:
    def cell(kind: str, text: str, *, last: bool) -> str:
        return (
            f"<{kind} class='text'>{escape(text)}</{kind}>"
            if last and text_last
            else f"<{kind}>{escape(text)}</{kind}>"
        )

    def row(kind: str, cells: Sequence[str]) -> str:
        last = len(cells) - 1
        return f"<tr>{''.join(cell(kind, text, last=number == last) for number, text in enumerate(cells))}</tr>"

    return f"<table>{row('th', head)}{''.join(row('td', each) for each in rows)}</table>"


def _list(sentences: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in sentences)}</ul>" if sentences else ""


def _number(value: float) -> str:
    return f"{value:.1f}"
