"""The files of one request while they are written: pictures, previews, the sheet and the strip."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from PIL import Image
from torch import Tensor

from generation.engine.writer import Writer
from generation.images.sheets import Thumbnail
from generation.protocol.events import Finished, Painted
from generation.protocol.requests import Paint

log = logging.getLogger(__name__)

PREVIEW_SECONDS = 1.0
"""Seconds between two previews of a request."""


class Outputs:
    """Output files of a request: those handed to the writer, and those on disk."""

    def __init__(self, request: Paint, writer: Writer) -> None:
        self._request = request
        self._writer = writer
        self._pictures: dict[int, Future[Painted] | Painted] = {}
        self._strip: Future[Path] | None = None
        self._sheet: Future[Path] | None = None
        self._preview: Future[Path] | None = None
        self._began = self._previewed = time.perf_counter()

    def has(self, place: int) -> bool:
        """Return True if the picture at this place has been handed over, or withheld."""
        return place in self._pictures

    def write(self, asked: Paint, place: int, pixels: Tensor, *, flagged: bool) -> None:
        """Have a finished picture (H, W, 3) written, as that of the request `asked`."""
        self._keep(place, self._writer.picture(asked, place, pixels, flagged=flagged))

    def withhold(self, place: int, picture: Painted) -> None:
        """Record that a picture is not written."""
        self._keep(place, picture)

    def _keep(self, place: int, picture: Future[Painted] | Painted) -> None:
        """Record a picture; after the last one, make the sheet."""
        request = self._request
        self._pictures[place] = picture
        if len(self._pictures) == request.count and (request.axes or request.grid):
            pictures = [self._pictures[place] for place in range(request.count)]
            self._sheet = self._writer.sheet(request, pictures)

    def write_strip(self, thumbnails: Sequence[Thumbnail]) -> None:
        """Have the strip of references written."""
        self._strip = self._writer.strip(self._request.out, thumbnails)

    def preview_due(self) -> bool:
        """Return True if it is time for the next preview, if previews are wanted."""
        waiting = self._preview is not None and not self._preview.done()
        recently = time.perf_counter() - self._previewed < PREVIEW_SECONDS
        return self._request.previews and not waiting and not recently

    def show(self, pictures: Callable[[], Sequence[Image.Image]]) -> None:
        """Have a preview written of the images that `pictures` returns."""
        self._previewed = time.perf_counter()
        across = len(self._request.axes[0].values) if self._request.axes else None
        self._preview = self._writer.preview(self._request.out, pictures, across)

    def take_preview(self) -> Path | None:
        """Return the preview, once, if one has been written."""
        if self._preview is None or not self._preview.done():
            return None
        preview, self._preview = self._preview, None
        try:
            return preview.result()
        except OSError as error:  # a full disk, say: the pictures themselves are tried again
            log.warning("A preview could not be written: %s", error)
            return None

    def finished(self, native: tuple[int, int] | None) -> Finished | None:
        """Return the terminal event once every file is on disk; re-raises errors of the writer."""
        waiting = [self._strip, self._sheet, self._preview, *self._pictures.values()]
        if len(self._pictures) < self._request.count or not all(
            file.done() for file in waiting if isinstance(file, Future)
        ):
            return None
        pictures = [
            file.result() if isinstance(file, Future) else file
            for _, file in sorted(self._pictures.items())
        ]
        return Finished(
            job=self._request.job,
            pictures=tuple(pictures),
            seconds=time.perf_counter() - self._began,
            steering=self._strip.result() if self._strip else None,
            sheet=self._sheet.result() if self._sheet else None,
            native=native,
        )
