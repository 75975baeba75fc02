"""Draw sheets of several pictures: previews, the strip of references, grids, comparisons."""

from __future__ import annotations

import dataclasses
import functools
import io
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PREVIEW_SIDE = 256
THUMBNAIL = 96
FRAME = 4
GAP = 8
CAPTION = 28
CAPTION_SIZE = 20
STRIP_COLUMNS = 6
"""Few enough for captions that can be read on a phone."""
GROUND = (43, 45, 49)
WRITING = (219, 222, 225)
LABEL = (148, 155, 164)
LIKED = (59, 165, 93)
DISLIKED = (237, 66, 69)

FONT = Path(__file__).parent / "fonts" / "Mplus1-Regular.otf"
"""Comes with Konomi, because no machine is sure to have a font with kana and kanji."""
MOST_PIXELS = 3_200_000
"""Largest sheet in pixels: as an uncompressible PNG it is 9.6 MB, and Discord allows 10 MiB."""
LEAST_CELL = 192
"""Least size in pixels of a cell's longer side; smaller pictures are enlarged by a whole number."""
SMALLEST_WRITING = 14
MOST_LINES = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Thumbnail:
    """One reference in the strip: framed green if liked, red if disliked, with its name below."""

    picture: Image.Image
    weight: float
    liked: bool
    name: str = ""
    """Empty: its weight stands there instead."""


def hidden() -> Image.Image:
    """Return a crossed-out square that stands in the strip for a picture not to be shown."""
    picture = Image.new("RGB", (THUMBNAIL, THUMBNAIL), GROUND)
    draw = ImageDraw.Draw(picture)
    draw.line((0, 0, THUMBNAIL, THUMBNAIL), fill=WRITING, width=2)
    draw.line((0, THUMBNAIL, THUMBNAIL, 0), fill=WRITING, width=2)
    return picture


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """Labels along a side of a sheet: a parameter, and its value for each row or column."""

    name: str
    values: Sequence[str]


def contact_sheet(
    pictures: Sequence[Image.Image], side: int = PREVIEW_SIDE, columns: int | None = None
) -> Image.Image:
    """Lay out pictures of equal size in a grid, near-square unless `columns` is given.

    At most `side` pixels wide and high.
    """
    columns = columns or math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    width, height = pictures[0].size
    scale = side / max(columns * width, rows * height)
    cell = (max(1, int(width * scale)), max(1, int(height * scale)))
    sheet = Image.new("RGB", (columns * cell[0], rows * cell[1]), GROUND)
    for place, picture in enumerate(pictures):
        corner = (place % columns * cell[0], place // columns * cell[1])
        sheet.paste(picture.resize(cell, Image.Resampling.BICUBIC), corner)
    return sheet


def steering_strip(thumbnails: Sequence[Thumbnail]) -> Image.Image:
    """Draw small references side by side, each framed and with its name or weight below."""
    columns = min(len(thumbnails), STRIP_COLUMNS)
    rows = math.ceil(len(thumbnails) / columns)
    cell_width, cell_height = THUMBNAIL + GAP, THUMBNAIL + CAPTION + GAP
    strip = Image.new("RGB", (columns * cell_width + GAP, rows * cell_height + GAP), GROUND)
    draw = ImageDraw.Draw(strip)
    writing = font(CAPTION_SIZE)
    for place, thumbnail in enumerate(thumbnails):
        left = GAP + place % columns * cell_width
        top = GAP + place // columns * cell_height
        inner = THUMBNAIL - 2 * FRAME
        small = thumbnail.picture.copy()
        small.thumbnail((inner, inner), Image.Resampling.LANCZOS)
        colour = LIKED if thumbnail.liked else DISLIKED
        draw.rectangle((left, top, left + THUMBNAIL - 1, top + THUMBNAIL - 1), fill=colour)
        ground = (left + FRAME, top + FRAME, left + FRAME + inner - 1, top + FRAME + inner - 1)
        draw.rectangle(ground, fill=GROUND)
        strip.paste(
            small,
            (left + (THUMBNAIL - small.width) // 2, top + (THUMBNAIL - small.height) // 2),
        )
        draw.text(
            (left + THUMBNAIL / 2, top + THUMBNAIL + CAPTION / 2),
            thumbnail.name or f"{'+' if thumbnail.liked else '-'}{thumbnail.weight:.2f}",
            fill=WRITING,
            font=writing,
            anchor="mm",
        )
    return strip


def sheet_of(
    pictures: Sequence[Image.Image | None],
    across: Heading | None = None,
    down: Heading | None = None,
) -> Image.Image:
    """Lay out pictures of equal size row by row, with headings above and on the left.

    None stands for a withheld picture, which is crossed out.  Without a heading the grid is as full
    as possible.
    """
    shown = next((picture for picture in pictures if picture is not None), None)
    size = (LEAST_CELL, LEAST_CELL) if shown is None else shown.size
    columns = len(across.values) if across else fullest_columns(len(pictures))
    scale = float(max(1, math.ceil(LEAST_CELL / max(size))))
    while True:
        cell = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
        layout = _Layout(cell, columns, math.ceil(len(pictures) / columns), across, down)
        if layout.width * layout.height <= MOST_PIXELS:
            break
        scale *= 0.97
    sheet = Image.new("RGB", (layout.width, layout.height), GROUND)
    draw = ImageDraw.Draw(sheet)
    for place, picture in enumerate(pictures):
        corner = layout.corner(place % columns, place // columns)
        if picture is None:
            sheet.paste(hidden().resize(cell), corner)
        else:
            sheet.paste(picture.convert("RGB").resize(cell, Image.Resampling.LANCZOS), corner)
    layout.write(draw)
    return sheet


def fullest_columns(count: int) -> int:
    """Return the columns of a near-square grid that leaves the fewest cells empty."""
    square = math.ceil(math.sqrt(count))
    return min((square, square + 1), key=lambda columns: -count % columns)


class _Layout:
    """Positions in pixels of everything on a sheet."""

    def __init__(
        self,
        cell: tuple[int, int],
        columns: int,
        rows: int,
        across: Heading | None,
        down: Heading | None,
    ) -> None:
        self._cell = cell
        self._gap = GAP if across else 0
        self._across, self._down = across, down
        self.font = font(max(SMALLEST_WRITING, cell[0] // 18))
        self._line = round(self.font.size * 1.4)
        self._left = self._top = self._gap
        if down:
            most = max(96, cell[0] // 2)
            wrapped = [wrapped_lines(each, self.font, most) for each in (down.name, *down.values)]
            wide = max(self.font.getlength(line) for lines in wrapped for line in lines)
            self._left += math.ceil(wide) + self._gap
        if across:
            lines = [len(self._above(value)) for value in across.values]
            self._top += (1 + max(lines)) * self._line + self._gap
        self.width = self._left + columns * (cell[0] + self._gap)
        self.height = self._top + rows * (cell[1] + self._gap)

    def corner(self, column: int, row: int) -> tuple[int, int]:
        """Return the upper left corner of a cell."""
        width, height = self._cell
        return (
            self._left + column * (width + self._gap),
            self._top + row * (height + self._gap),
        )

    def write(self, draw: ImageDraw.ImageDraw) -> None:
        """Draw the headings."""
        width, height = self._cell
        if self._across:
            middle = (self._left + self.width - self._gap) / 2
            self._lines(draw, [self._across.name], middle, self._gap, LABEL)
            bottom = self._top - self._gap
            for column, value in enumerate(self._across.values):
                lines = self._above(value)
                x = self.corner(column, 0)[0] + width / 2
                self._lines(draw, lines, x, bottom - len(lines) * self._line, WRITING)
        if self._down:
            x, most = self._left / 2, self._left - 2 * self._gap
            names = wrapped_lines(self._down.name, self.font, most)
            top = self._top - self._gap - len(names) * self._line
            self._lines(draw, names, x, top, LABEL)
            for row, value in enumerate(self._down.values):
                lines = wrapped_lines(value, self.font, most)
                y = self.corner(0, row)[1] + (height - len(lines) * self._line) / 2
                self._lines(draw, lines, x, y, WRITING)

    def _above(self, value: str) -> list[str]:
        return wrapped_lines(value, self.font, self._cell[0])

    def _lines(
        self,
        draw: ImageDraw.ImageDraw,
        lines: Sequence[str],
        x: float,
        y: float,
        colour: tuple[int, int, int],
    ) -> None:
        """Draw lines centred on x, the first one's upper edge at y."""
        for number, line in enumerate(lines):
            middle = (x, y + (number + 0.5) * self._line)
            draw.text(middle, line, fill=colour, font=self.font, anchor="mm")


@functools.lru_cache(maxsize=32)
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return the font of a sheet: Latin, Cyrillic and Greek letters, kana and kanji."""
    return ImageFont.truetype(str(FONT), size)


def wrapped_lines(text: str, writing: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Wrap the text to at most three lines of this width in pixels, ending in "…" if cut."""
    lines = [""]
    for piece in _breakable(text, writing, width):
        if lines[-1] and writing.getlength((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    lines = [line.rstrip() for line in lines]
    if len(lines) > MOST_LINES:
        last = lines[MOST_LINES - 1]
        while last and writing.getlength(last + "…") > width:
            last = last[:-1]
        lines = [*lines[: MOST_LINES - 1], last + "…"]
    return lines


def _breakable(text: str, writing: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    """Yield pieces between which a line may break: words, or letters of a word that is too long.

    Japanese breaks between any two letters.
    """
    for piece in re.findall(r"[!-~]+\s*|\s+|.", text):
        if writing.getlength(piece.rstrip()) <= width:
            yield piece
        else:
            yield from piece


def as_bytes(picture: Image.Image, kind: str) -> bytes:
    """Encode the picture as a "PNG" or "WEBP" file."""
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()
