"""The thread that turns finished work into files, so that the denoising thread never does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from PIL import Image
from torch import Tensor

from generation.messages import Paint, Painted
from generation.pictures import digest_of, encode_png, parameter_texts
from generation.sheets import Thumbnail, as_bytes, contact_sheet, steering_strip


class Writer:
    """One thread, first come first served; a context manager that ends it."""

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
        """Write picture `place` of a request as a PNG.  pixels: (H, W, 3) bytes, any device."""
        return self._thread.submit(_write_picture, request, place, pixels, flagged)

    def preview(self, out: Path, pictures: Callable[[], Sequence[Image.Image]]) -> Future[Path]:
        """Write a contact sheet of small `pictures` over the one before."""
        return self._thread.submit(_write_preview, out / "preview.webp", pictures)

    def strip(self, out: Path, thumbnails: Sequence[Thumbnail]) -> Future[Path]:
        """Write the strip of references that steered."""
        return self._thread.submit(_write_strip, out / "steering.png", thumbnails)


def _write_picture(request: Paint, place: int, pixels: Tensor, flagged: bool) -> Painted:
    height, width, _ = pixels.shape
    seed = request.seed + place
    texts = parameter_texts(request, seed, width, height, flagged=flagged)
    data = encode_png(pixels.cpu().numpy(), texts)
    path = request.out / f"{place}.png"
    path.write_bytes(data)
    return Painted(
        path=path,
        digest=digest_of(data),
        seed=seed,
        width=width,
        height=height,
        flagged=flagged,
    )


def _write_preview(path: Path, pictures: Callable[[], Sequence[Image.Image]]) -> Path:
    # Whoever reads the file meanwhile must find either the old preview or the new one.
    fresh = path.with_suffix(".new")
    fresh.write_bytes(as_bytes(contact_sheet(pictures()), "WEBP"))
    return fresh.replace(path)


def _write_strip(path: Path, thumbnails: Sequence[Thumbnail]) -> Path:
    path.write_bytes(as_bytes(steering_strip(thumbnails), "PNG"))
    return path
