"""Fetching what members attach: from a real server that does what servers can do."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import uploads
from bot.errors import Refusal
from bot.uploads import MIB, MOST_BYTES, Uploads, blocks_of, check_upload
from generation.images.sanitize import clean_picture, png_of
from storage.files import Files
from tests.hostile.odd import saved, scene
from tests.hostile.raw import gif

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Answer], Awaitable[Any]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves every address by one answer; returns the attachment there."""
    servers = []

    async def serve(answer: Answer) -> Any:
        app = web.Application()
        app.router.add_get("/{name:.*}", answer)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        return SimpleNamespace(url=str(server.make_url("/a.png")))

    yield serve
    for server in servers:
        await server.close()


@pytest.fixture
def fetching(tmp_path: Path) -> Uploads:
    files = Files(tmp_path)
    files.prepare()
    return Uploads(files)


async def test_a_file_arrives_as_it_was_sent(
    serve: Serve, fetching: Uploads, tmp_path: Path
) -> None:
    data = bytes(range(256)) * 4096

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=data, content_type="image/png")

    path = await fetching.fetch_as_sent(await serve(answer), tmp_path / "a")
    assert path.read_bytes() == data


async def test_one_that_never_ends_is_cut_off(
    serve: Serve, fetching: Uploads, tmp_path: Path
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(MIB))

    with pytest.raises(Refusal, match="up to 20 MiB"):
        await fetching.fetch_as_sent(await serve(answer), tmp_path / "a")
    assert (tmp_path / "a").stat().st_size <= MOST_BYTES


async def test_a_packed_file_is_not_unpacked(
    serve: Serve, fetching: Uploads, tmp_path: Path
) -> None:
    packed = gzip.compress(bytes(100 * MIB), 1)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    path = await fetching.fetch_as_sent(await serve(answer), tmp_path / "a")
    assert path.read_bytes() == packed


@pytest.mark.parametrize("status", [302, 403, 404, 500])
async def test_what_is_not_there_is_a_sentence(
    status: int, serve: Serve, fetching: Uploads, tmp_path: Path
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": "http://127.0.0.1/secret"})

    with pytest.raises(Refusal, match="Please attach it again"):
        await fetching.fetch_as_sent(await serve(answer), tmp_path / "a")


async def test_one_that_takes_too_long_is_given_up(
    serve: Serve, fetching: Uploads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SECONDS", 0.05)

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")

    with pytest.raises(Refusal, match="Please attach it again"):
        await fetching.fetch_as_sent(await serve(answer), tmp_path / "a")


async def test_a_server_that_breaks_off_is_a_sentence(
    serve: Serve, fetching: Uploads, tmp_path: Path
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"half of it")
        assert request.transport is not None
        request.transport.close()
        return response

    attachment = await serve(answer)
    with pytest.raises(Refusal, match="Please attach it again"):
        await fetching.fetch_as_sent(attachment, tmp_path / "a")
    with pytest.raises(aiohttp.ClientError):
        [block async for block in blocks_of(attachment.url)]


async def test_a_temporary_folder_goes_whatever_happens(fetching: Uploads, tmp_path: Path) -> None:
    async def fail() -> None:
        async with fetching.folder() as folder:
            (folder / "a").write_bytes(b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize("locale", ["en-US", "ja"])
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg/>", {"en-US": "can't read that as a picture", "ja": "画像として読み取れません"}),
        (saved(scene(), "JPEG")[:300], {"en-US": "damaged or incomplete", "ja": "壊れている"}),
        (
            gif(60_000, 60_000, [(0, 0, 1, 1)]),
            {"en-US": "up to 32 million pixels", "ja": "32 百万画素"},
        ),
    ],
)
async def test_what_is_wrong_with_a_picture_is_a_sentence(
    data: bytes, said: dict[str, str], locale: str, serve: Serve, fetching: Uploads, tmp_path: Path
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=data, content_type="image/png")

    with pytest.raises(Refusal) as refused:
        await fetching.fetch(await serve(answer), tmp_path / "a")
    assert said[locale] in refused.value.said(locale)
    assert not (tmp_path / "a").exists()


async def test_only_what_is_seen_is_kept_of_a_picture(
    serve: Serve, fetching: Uploads, tmp_path: Path
) -> None:
    data = saved(scene("P"), "GIF", comment=b"where it was taken")

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=data, content_type="image/jpeg")

    path = await fetching.fetch(await serve(answer), tmp_path / "a")
    assert path.read_bytes() == png_of(clean_picture(data))


@pytest.mark.parametrize(
    ("kind", "size", "said"),
    [
        ("image/png", MOST_BYTES, None),
        ("image/webp; charset=x", 1, None),
        ("IMAGE/JPEG", 1, None),
        ("image/png", MOST_BYTES + 1, "up to 20 MiB"),
        ("image/svg+xml", 1, "can't read that as a picture"),
        ("application/octet-stream", 1, "can't read that as a picture"),
        (None, 1, "can't read that as a picture"),
    ],
)
def test_size_and_type_are_looked_at_first(kind: str | None, size: int, said: str | None) -> None:
    attachment: Any = SimpleNamespace(content_type=kind, size=size)
    if said is None:
        check_upload(attachment)
        return
    with pytest.raises(Refusal, match=said):
        check_upload(attachment)


async def test_a_picture_that_cannot_be_measured_costs_the_others_nothing(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.png", "no.png", "b.png")]
    for path in (paths[0], paths[2]):
        path.write_bytes(png_of(scene()))
    paths[1].write_bytes(b"GIF89a")

    measured = await Uploads(Files(tmp_path)).measure(paths)

    assert [facts.get("width") for facts in measured] == [64, None, 64]
