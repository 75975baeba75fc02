"""Write a measurement's report: tables in Markdown, figures in JSON, and a contact sheet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image


def leave(
    out: Path, name: str, *, figures: Mapping[str, Any], lines: Iterable[str], sheet: Image.Image
) -> None:
    """Write `name`.json, .md and .png to `out`, and print the .md."""
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sheet.save(out / f"{name}.png")
    report = "\n".join(lines) + "\n"
    (out / f"{name}.md").write_text(report, encoding="utf-8")
    print(report, end="")


def table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield a Markdown table and the empty line after it."""
    head = list(head)
    yield f"| {' | '.join(map(str, head))} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"
    yield ""


def verdicts(met: Mapping[str, bool]) -> Iterator[str]:
    """Yield a list of criteria, and whether each is met."""
    for bar, holds in met.items():
        yield f"- {bar}: {'yes' if holds else 'no'}"


def percent(share: float) -> str:
    """Format a share in per cent with one decimal, without the sign."""
    return f"{100 * share:.1f}"
