"""The page on a training: pictures, loss curve, scores and settings in one HTML file.

It needs nothing beside it: the pictures are inlined, and there are no scripts.
"""

from __future__ import annotations

import base64
import dataclasses
import html
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from PIL import Image

from generation.training.evaluation.loss_curve import DARK, Losses, draw_losses
from generation.training.evaluation.scores import UNJUDGED, Scores

SIDE = 320
"""Longest side in pixels of an inlined picture; smaller pictures are inlined as they are."""
QUALITY = 88
"""Of the JPEG of a picture that was made smaller."""
PAGE, CURVE = "report.html", "loss.png"
"""Names of the files."""

COLUMNS = {
    "fidelity": ("fidelity", "CLIP-I ↑", "how alike the pictures and the training pictures are"),
    "dino": ("fidelity", "DINO ↑", "the same by DINO, which sees details that CLIP does not"),
    "following": ("following", "CLIP-T ↑", "how well the pictures show what the prompts say"),
    "drift": (
        "drift",
        "PRES ↓",
        "how alike pictures without the trigger and the training ones are",
    ),
    "diversity": ("diversity", "1 − cos ↑", "how unlike each other one prompt's pictures are"),
    "validation": ("loss", "fixed ↓", "on fixed pictures, timesteps and noise"),
}
"""Heading, measure with the better direction, and meaning of each score."""

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1f2328; --soft: #59636e;
  --line: #d1d9e0; --mark: #2867c4; --tint: #eef4fd; }
@media (prefers-color-scheme: dark) { :root { --ground: #1b1d21; --ink: #e3e5e8;
  --soft: #a0a7b0; --line: #3d4148; --mark: #7fb0ff; --tint: #222a38; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
p, ol { margin: .5rem 0; }
.soft, figcaption { color: var(--soft); font-size: .875rem; }
.sheet { display: grid; gap: .4rem;
  grid-template-columns: repeat(auto-fill, minmax(min(19vw, 8rem), 1fr)); }
.sheet figure { margin: 0; }
.sheet img { display: block; width: 100%; height: auto; border-radius: 4px; }
.sheet figcaption { text-align: center; }
section.proposed { border-left: 4px solid var(--mark); margin: .5rem -.5rem .5rem -.75rem;
  padding: .1rem .5rem .5rem .5rem; background: var(--tint); }
.curve { display: block; width: 100%; max-width: 40rem; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--line); text-align: right;
  vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
thead th { font-weight: 600; }
th .soft { display: block; font-weight: 400; white-space: nowrap; }
@media (max-width: 40rem) { table { font-size: .75rem; } th, td { padding-inline: .25rem; }
  th .soft { font-size: .65rem; } }
tr.proposed { background: var(--tint); font-weight: 600; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .25rem 1rem; }
dt { color: var(--soft); } dd { margin: 0; }
"""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SheetRow:
    """What one model painted: the untouched one, or a checkpoint of so many steps."""

    step: int | None
    """None for the untouched model."""
    pictures: Sequence[Image.Image]
    """From the same prompts and seeds in every row."""
    plain: Sequence[Image.Image] = ()
    """The same without the trigger; likewise."""
    scores: Scores = UNJUDGED
    validation: float | None = None

    @property
    def name(self) -> str:
        """The row's heading."""
        return "Untouched" if self.step is None else f"Step {self.step}"

    def score(self, column: str) -> float | None:
        """Return the figure of a column of the table."""
        if column == "validation":
            return self.validation
        value: float | None = getattr(self.scores, column)
        return value


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TrainingPage:
    """Everything that the page on a training shows; wishes are prompts with their seeds."""

    title: str
    references: Sequence[Image.Image]
    """Training pictures."""
    wishes: Sequence[tuple[str, int]]
    plain_wishes: Sequence[tuple[str, int]] = ()
    rows: Sequence[SheetRow] = ()
    """The untouched model's, then the checkpoints' in order."""
    proposed: int | None = None
    """Step of the proposed checkpoint."""
    losses: Losses = dataclasses.field(default_factory=Losses)
    settings: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def proposes(self, row: SheetRow) -> bool:
        """Return True if the row is of the proposed checkpoint."""
        return row.step is not None and row.step == self.proposed


def write_page(page: TrainingPage, folder: Path) -> Path:
    """Write the page and, beside it, the loss curve into a folder; return the page's path.

    Before the first step there is no curve to draw.
    """
    curve = draw_losses(page.losses) if page.losses.training else None
    if curve is not None:
        _write(folder / CURVE, curve)
    path = folder / PAGE
    _write(path, "".join(line + "\n" for line in _lines(page, curve)).encode())
    return path


def _write(path: Path, data: bytes) -> None:
    """Write a file as a whole: whoever opens it sees the earlier one or this."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(data)
    beside.replace(path)


def _lines(page: TrainingPage, curve: bytes | None) -> Iterator[str]:
    title = html.escape(page.title)
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>"
    yield f"<style>{STYLE}</style></head><body>"
    yield f"<h1>{title}</h1>"
    yield from _summary(page)
    yield from _scores(page)
    yield from _sheet(page)
    if curve is not None:
        yield from _curve(page.losses, curve)
    yield from _settings(page)
    yield "</body></html>"


def _summary(page: TrainingPage) -> Iterator[str]:
    last = max((row.step for row in page.rows if row.step is not None), default=None)
    if page.proposed is None:
        yield "<p>There is no checkpoint yet.</p>"
    elif page.proposed == last:
        yield f"<p>The best checkpoint is the last, step {page.proposed}.</p>"
    else:
        yield (
            f"<p>The best checkpoint is <strong>step {page.proposed}</strong>. The last, step "
            f"{last}, is kept beside it.</p>"
        )


def _sheet(page: TrainingPage) -> Iterator[str]:
    yield "<h2>Pictures</h2>"
    yield "<h3>Training pictures</h3>"
    yield from _pictures(page.references)
    if page.wishes:
        yield "<h3>Prompts</h3>"
        yield from _prompts(page.wishes)
    for row in page.rows:
        mark, note = (' class="proposed"', " (proposed)") if page.proposes(row) else ("", "")
        yield f"<section{mark}><h3>{row.name}{note}</h3>"
        yield from _pictures(row.pictures, numbered=True)
        yield "</section>"
    if page.plain_wishes:
        yield "<h2>The same without the trigger</h2>"
        yield '<p class="soft">These should stay as the untouched model paints them.</p>'
        yield from _prompts(page.plain_wishes)
        for row in page.rows:
            yield f"<h3>{row.name}</h3>"
            yield from _pictures(row.plain, numbered=True)


def _prompts(wishes: Sequence[tuple[str, int]]) -> Iterator[str]:
    yield "<ol>"
    for prompt, seed in wishes:
        yield f'<li>{html.escape(prompt)} <span class="soft">seed {seed}</span></li>'
    yield "</ol>"


def _pictures(pictures: Sequence[Image.Image], *, numbered: bool = False) -> Iterator[str]:
    yield '<div class="sheet">'
    for number, picture in enumerate(pictures, 1):
        under = f"<figcaption>{number}</figcaption>" if numbered else ""
        yield f'<figure><img src="{_inlined(picture)}" alt="picture {number}">{under}</figure>'
    yield "</div>"


def _inlined(picture: Image.Image) -> str:
    """Return a picture as a data address: a small one as it is, a large one made smaller."""
    buffer, kind = io.BytesIO(), "png"
    small = picture.convert("RGB")
    if max(small.size) > SIDE:
        small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        kind = "jpeg"
    small.save(buffer, kind, quality=QUALITY)
    return _address(kind, buffer.getvalue())


def _address(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _scores(page: TrainingPage) -> Iterator[str]:
    columns = [name for name in COLUMNS if any(row.score(name) is not None for row in page.rows)]
    yield "<h2>Scores</h2>"
    if "fidelity" not in columns:
        yield (
            "<p>There is no CLIP to judge the pictures by, so scores of them are left out: compare "
            "the pictures below.</p>"
        )
    if not columns:
        return
    yield '<div class="wide"><table><thead><tr><th></th>'
    for name in columns:
        heading, measure, _ = COLUMNS[name]
        yield f'<th>{heading}<span class="soft">{measure}</span></th>'
    yield "</tr></thead><tbody>"
    for row in page.rows:
        mark = ' class="proposed"' if page.proposes(row) else ""
        cells = "".join(_cell(row.score(name)) for name in columns)
        yield f"<tr{mark}><td>{row.name}</td>{cells}</tr>"
    yield "</tbody></table></div>"
    meanings = "; ".join(f"{COLUMNS[name][1]} {COLUMNS[name][2]}" for name in columns)
    yield f'<p class="soft">{meanings}.</p>'


def _cell(value: float | None) -> str:
    return f"<td>{'–' if value is None else f'{value:.3f}'}</td>"


def _curve(losses: Losses, curve: bytes) -> Iterator[str]:
    light, dark = _address("png", curve), _address("png", draw_losses(losses, DARK))
    yield "<h2>Loss</h2>"
    yield (
        '<p class="soft">The training loss is drawn from random timesteps and says little. The '
        "validation loss is on fixed ones, but with few pictures it falls on long after the model "
        "has learned enough: go by the pictures and their scores.</p>"
    )
    yield f'<picture><source srcset="{dark}" media="(prefers-color-scheme: dark)">'
    yield f'<img class="curve" src="{light}" alt="Loss over the steps of training"></picture>'


def _settings(page: TrainingPage) -> Iterator[str]:
    if not page.settings:
        return
    yield "<h2>Settings</h2><dl>"
    for name, value in page.settings.items():
        yield f"<dt>{html.escape(name)}</dt><dd>{html.escape(str(value))}</dd>"
    yield "</dl>"
