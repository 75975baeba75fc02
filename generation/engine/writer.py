"""Writer thread: encodes and writes files, so that the denoising thread never has to."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import numpy as np
from PIL import Image
from torch import Tensor

from generation.images.sheets import (
    Heading,
    Thumbnail,
    as_bytes,
    contact_sheet,
    hidden,
    sheet_of,
    steering_strip,
)
from generation.images.tensors import digest_of, encode_png
from generation.metadata.record import parameter_texts, sheet_texts
from generation.protocol.events import Painted
from generation.protocol.requests import Filter, Paint
from generation.protocol.samplers import SAMPLERS
from generation.requests.comparisons import written

log = logging.getLogger(__name__)

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""Errors of a full disk: no space, a quota that is used up, a limit on the size of files."""
ROOM_SECONDS = 60.0
"""Time for which a finished picture waits for room on a full disk before its request fails."""
RETRY_SECONDS = 0.5


class Writer:
    """A single thread, first come first served; a context manager that ends it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def picture(
        self, request: Paint, place: int, pixels: Tensor, *, flagged: bool
    ) -> Future[Painted]:
        """Write the picture at `place` of the job of `request` as a PNG.

        pixels: (H, W, 3) bytes, any device.
        """
        return self._thread.submit(_write_picture, request, place, pixels, flagged)

    def preview(
        self,
        out: Path,
        pictures: Callable[[], Sequence[Image.Image]],
        columns: int | None = None,
    ) -> Future[Path]:
        """Write a contact sheet of small `pictures`, replacing the previous one."""
        return self._thread.submit(_write_preview, out / "preview.webp", pictures, columns)

    def strip(self, out: Path, thumbnails: Sequence[Thumbnail]) -> Future[Path]:
        """Write the strip of references."""
        return self._thread.submit(_write_strip, out / "steering.png", thumbnails)

    def sheet(self, request: Paint, pictures: Sequence[Future[Painted] | Painted]) -> Future[Path]:
        """Write all pictures of a request on one sheet, with labels if it is a comparison.

        Those that are still being written are finished by the time this runs.
        """
        return self._thread.submit(_write_sheet, request, pictures)


def _write_picture(request: Paint, place: int, pixels: Tensor, flagged: bool) -> Painted:
    height, width, _ = pixels.shape
    seed = request.seed
    texts = parameter_texts(request, seed, width, height, flagged=flagged)
    data = encode_png(pixels.cpu().numpy(), texts)
    path = request.out / f"{place}.png"
    _write(path, data)
    return Painted(
        path=path,
        digest=digest_of(data),
        seed=seed,
        width=width,
        height=height,
        flagged=flagged,
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file; on a full disk, wait for room."""
    give_up = time.monotonic() + ROOM_SECONDS
    while True:
        try:
            path.write_bytes(data)
        except OSError as error:
            if error.errno not in NO_ROOM or time.monotonic() > give_up:
                raise
            log.warning("There is no room for %s yet: %s", path, error)
            time.sleep(RETRY_SECONDS)
        else:
            return


def _write_preview(
    path: Path, pictures: Callable[[], Sequence[Image.Image]], columns: int | None
) -> Path:
    # A reader must find either the old preview or the new one.
    fresh = path.with_suffix(".new")
    fresh.write_bytes(as_bytes(contact_sheet(pictures(), columns=columns), "WEBP"))
    return fresh.replace(path)


def _write_strip(path: Path, thumbnails: Sequence[Thumbnail]) -> Path:
    _write(path, as_bytes(steering_strip(thumbnails), "PNG"))
    return path


def _write_sheet(request: Paint, pictures: Sequence[Future[Painted] | Painted]) -> Path:
    painted = [each.result() if isinstance(each, Future) else each for each in pictures]
    opened = [_shown(each, request.filter) for each in painted]
    headings = [
        Heading(
            name=axis.label or axis.parameter.replace("_", " "),
            values=[
                SAMPLERS[str(value)].a1111 if axis.parameter == "scheduler" else written(value)
                for value in axis.values
            ],
        )
        for axis in request.axes
    ]
    path = request.out / "sheet.png"
    flagged = any(each.flagged for each in painted)
    texts = sheet_texts(request, painted[0].width, painted[0].height, flagged=flagged)
    _write(path, encode_png(np.asarray(sheet_of(opened, *headings)), texts))
    return path


def _shown(picture: Painted, filter_: Filter) -> Image.Image | None:
    """Return a picture as it may appear on a sheet; None for a withheld one."""
    if picture.path is None:
        return None
    if not picture.flagged or filter_ is Filter.OFF:
        return Image.open(picture.path)
    return hidden().resize((picture.width, picture.height))
