"""Pictures from strangers: fetched with a cap, and cleaned by a process that can be spared."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import discord

from bot.errors import Refusal, problems_told
from bot.text import invalid
from bot.text.phrases import Phrase
from bot.text.styles import keeping as styles
from generation.adapter_files.kinds import MAX_BYTES
from generation.images.sandbox import decode, measure
from generation.metadata.a1111 import ForeignRecord
from generation.metadata.record import Record
from generation.metadata.untrusted import read_untrusted
from generation.requests.refused import Refused
from storage.files import Files
from storage.records import NewSource

log = logging.getLogger(__name__)

MIB = 2**20
MOST_BYTES = 20 * MIB
KINDS = ("image/png", "image/jpeg", "image/webp", "image/gif")
BLOCK = 1 << 16
SUFFIX = ".safetensors"
SECONDS = 60.0
"""Time limit for fetching a file."""
AT_ONCE = 2
"""Number of files decoded at the same time; each may take half a gigabyte."""
CROWD = 2 * AT_ONCE
"""Most files on their way that can all be there soon."""
FETCHED_AT_ONCE = 8
"""Number of files fetched at the same time, so that the bot has time for other things."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class UploadLimit:
    """Limits on fetching a file of some kind."""

    most: int
    """In bytes."""
    seconds: float
    too_large: Phrase
    """What is said of a larger one; `most` in it is in MiB."""


ADAPTERS = UploadLimit(most=MAX_BYTES, seconds=900.0, too_large=styles.FILE_TOO_LARGE)

Download = Callable[[str], AsyncGenerator[bytes, None]]
"""The bytes at an address, a block at a time."""


class Uploads:
    """Fetches members' attachments into files; nothing else in the bot opens those."""

    def __init__(self, files: Files, download: Download | None = None) -> None:
        self._files = files
        self._download = download or blocks_of
        self._fetching = asyncio.Semaphore(FETCHED_AT_ONCE)
        self._decoders = asyncio.Semaphore(AT_ONCE)
        self._folders = 0
        self.crowded = asyncio.Event()
        """Set while so many files are on their way that each has to wait for others."""

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        """A temporary folder to fetch into; it goes with all that was not adopted from it."""
        self._folders += 1
        self._note_crowd()
        try:
            folder = await asyncio.to_thread(self._files.scratch)
            try:
                yield folder
            finally:
                await asyncio.to_thread(self._files.clear, folder)
        finally:
            self._folders -= 1
            self._note_crowd()

    def _note_crowd(self) -> None:
        if self._folders > CROWD:
            self.crowded.set()
        else:
            self.crowded.clear()

    @asynccontextmanager
    async def source(
        self,
        picture: discord.Attachment,
        mask: discord.Attachment | None = None,
    ) -> AsyncIterator[Callable[[], Coroutine[Any, Any, NewSource]]]:
        """Return a function that brings the init image once it is needed."""
        async with self.folder() as folder:

            async def files() -> NewSource:
                return NewSource(
                    path=await self.fetch(picture, folder / "picture"),
                    mask=None if mask is None else await self.fetch(mask, folder / "mask"),
                )

            yield files

    async def fetch(self, attachment: discord.Attachment, path: Path) -> Path:
        """Write an attachment's picture to the new file `path`: a PNG with nothing but pixels.

        `Refusal` if that cannot be done.
        """
        sent = await self.fetch_as_sent(attachment, path.with_name(f"{path.name}.sent"))
        async with self._decoders:
            with problems_told():
                await decode(sent, path)
        return path

    async def measure(self, pictures: Sequence[Path]) -> list[dict[str, Any]]:
        """Return what is measured of fetched pictures before a training, nothing where that fails.

        If one of several stops the measuring, each of them is measured by itself.
        """
        if not pictures:
            return []
        try:
            async with self._decoders:
                return await measure(pictures)
        except Refused as refused:
            if len(pictures) == 1:
                log.warning("a picture for a training was not measured: %s", refused)
                return [{}]
        return [facts for each in pictures for facts in await self.measure([each])]

    async def record(self, attachment: discord.Attachment) -> Record | ForeignRecord:
        """Return what an attachment says of how its picture was made; `Refusal` if nothing."""
        async with self.folder() as folder:
            sent = await self.fetch_as_sent(attachment, folder / "picture")
            async with self._decoders:
                with problems_told():
                    return await read_untrusted(sent)

    async def fetch_as_sent(
        self, attachment: discord.Attachment, path: Path, limit: UploadLimit | None = None
    ) -> Path:
        """Write an attachment's bytes to the new file `path`; `Refusal` where that cannot be done.

        What was said of its size is not believed: no more than the limit is ever taken, which is
        that of pictures by default.
        """
        limit = limit or UploadLimit(
            most=MOST_BYTES, seconds=SECONDS, too_large=invalid.UPLOAD_TOO_LARGE
        )
        size = 0
        file = await asyncio.to_thread(path.open, "xb")
        try:
            async with (
                self._fetching,
                asyncio.timeout(limit.seconds),
                aclosing(self._download(attachment.url)) as blocks,
            ):
                async for block in blocks:
                    size += len(block)
                    if size > limit.most:
                        raise Refusal(limit.too_large, most=limit.most // MIB)
                    await asyncio.to_thread(file.write, block)
        except (aiohttp.ClientError, discord.HTTPException, TimeoutError) as error:
            log.warning("an upload could not be fetched: %s", error)
            raise Refusal(invalid.UPLOAD_NOT_FETCHED) from error
        finally:
            await asyncio.to_thread(file.close)
        return path


def check_upload(attachment: discord.Attachment) -> None:
    """Raise `Refusal` if Discord's metadata of a file is reason enough."""
    kind = (attachment.content_type or "").partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise Refusal(invalid.UPLOAD_NO_PICTURE)
    if attachment.size > MOST_BYTES:
        raise Refusal(invalid.UPLOAD_TOO_LARGE, most=MOST_BYTES // MIB)


def check_adapter(attachment: discord.Attachment) -> None:
    """Raise `Refusal` if Discord's metadata of an adapter's file is reason enough."""
    if not attachment.filename.lower().endswith(SUFFIX):
        raise Refusal(styles.NO_SAFETENSORS)
    if attachment.size > ADAPTERS.most:
        raise Refusal(styles.FILE_TOO_LARGE, most=ADAPTERS.most // MIB)


async def blocks_of(url: str) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a file on Discord's CDN; raises `aiohttp.ClientError`.

    They stay compressed: a small file could unpack to a large one.
    """
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(url, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as answer,
    ):
        if answer.status != 200:
            raise aiohttp.ClientResponseError(
                answer.request_info, answer.history, status=answer.status
            )
        async for block in answer.content.iter_chunked(BLOCK):
            yield block
