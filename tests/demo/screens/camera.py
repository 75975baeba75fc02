"""Takes pictures of single messages as members see them in a browser, narrow and wide."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, async_playwright

from bot.playground import face
from bot.playground.controls import control_key
from bot.playground.demo import time_zone
from bot.playground.markdown import markdown_kept
from bot.playground.server import PageServer
from tests.bot.world import World
from tests.demo.browser import CHROMIUM, QUIETLY

HEIGHT = 1800
"""Pixels of the window: no message is higher."""
FORM_HEIGHT = 1000
PATIENCE = 60.0
DRAWN = 300
"""Milliseconds until the page has drawn what it was told."""

RESIZED = 500
"""Milliseconds until an open form has found its place in a window of another size."""
FITS = """() => {
    const form = document.querySelector("#modal-root .modal-dialog").getBoundingClientRect();
    return form.right <= innerWidth && form.bottom <= innerHeight;
}"""

LOADED = """article => article.getBoundingClientRect().right <= innerWidth
    && [...article.querySelectorAll(".component-container img")]
        .every(one => one.complete && one.naturalWidth > 0)"""
"""It has the width of the window, and its pictures are there."""


@contextlib.asynccontextmanager
async def browser_opened() -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        try:
            yield browser
        finally:
            await browser.close()


class Camera:
    """Writes `folder/width/name.png` for each width.

    Most pictures are taken at the end, of all messages at once: it takes a while to draw a page.
    """

    def __init__(
        self,
        browser: Browser,
        world: World,
        server: PageServer,
        folder: Path,
        widths: Sequence[int],
    ) -> None:
        self.viewer = world.alice
        """Who looks; to be changed before the first picture."""
        self._browser = browser
        self._world = world
        self._server = server
        self._folder = folder
        self._widths = widths
        self._page: Page | None = None
        self._later: list[tuple[str, int]] = []
        self._count = 0

    async def take(self, name: str, shown: Any, *, now: bool = False) -> None:
        """Take pictures of a message, or of an answer; `now` where it changes later."""
        self._count += 1
        followups = [each for each in getattr(shown, "followups", ()) if each is not None]
        message = followups[-1] if followups else getattr(shown, "response", None) or shown
        self._later.append((f"{self._count:02} {name}", message.id))
        if now:
            await self.develop()

    async def develop(self) -> None:
        """Take the pictures that are to be taken still."""
        if not self._later:
            return
        page = await self._current()
        for width in self._widths:
            await page.set_viewport_size({"width": width, "height": HEIGHT})
            await page.wait_for_timeout(DRAWN)
            for name, message_id in self._later:
                article = await self._article(page, message_id)
                await article.screenshot(path=self._path(width, name), animations="disabled")
        self._later.clear()

    async def form(self, name: str, message: Any, custom_id: str) -> None:
        """Press a button in the browser, and take pictures of the form that it opens."""
        message = getattr(message, "response", None) or message
        stored = self._world.env.backend.get_message(self._world.channel_id(message), message.id)
        key = control_key(message.id, stored.components, custom_id)
        page = await self._current()
        article = await self._article(page, message.id)
        await article.locator(f'[data-control-key="{key}"]').click()
        await self._take_form(page, name)

    async def command_form(self, name: str, words: str) -> None:
        """Give a command in the browser, and take pictures of the form that it opens."""
        page = await self._current()
        await page.locator("#channel-composer-input").click()
        await page.keyboard.type(words)
        await page.keyboard.press("Enter")
        await page.wait_for_timeout(DRAWN)
        if await page.locator(".command-context").is_visible():
            await page.locator("#send-message").click()
        await self._take_form(page, name)

    async def _take_form(self, page: Page, name: str) -> None:
        self._count += 1
        submit = page.locator("#modal-root").get_by_role("button", name="Submit")
        await submit.wait_for()
        for width in self._widths:
            await page.set_viewport_size({"width": width, "height": FORM_HEIGHT})
            await page.wait_for_timeout(RESIZED)
            await page.wait_for_function(FITS)
            await page.screenshot(path=self._path(width, f"{self._count:02} {name}"))
        await page.keyboard.press("Escape")
        await submit.wait_for(state="hidden")

    def _path(self, width: int, name: str) -> Path:
        path = self._folder / str(width) / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    async def _current(self) -> Page:
        """Return the page as things are now."""
        page = self._page or await self._opened()
        await self._server.redraw()
        await page.wait_for_timeout(DRAWN)
        await page.wait_for_function("() => simcordPreview.ready")
        return page

    async def _article(self, page: Page, message_id: int) -> Locator:
        article = page.locator(f'article[data-message-id="{message_id}"]')
        await article.wait_for()
        handle = await article.element_handle()
        await page.wait_for_function(LOADED, arg=handle)
        return article

    async def _opened(self) -> Page:
        viewport: Any = {"width": self._widths[0], "height": HEIGHT}
        self._page = page = await self._browser.new_page(viewport=viewport)
        page.set_default_timeout(1000 * PATIENCE)
        await page.goto(self._server.url)
        await page.locator("#channel-composer-input").wait_for()
        await page.get_by_label("Viewing as").select_option(value=str(self.viewer.id))
        return page

    async def close(self) -> None:
        """Close the window."""
        if self._page is not None:
            await self._page.close()


@contextlib.asynccontextmanager
async def camera_on(
    browser: Browser, world: World, folder: Path, widths: Sequence[int]
) -> AsyncIterator[Camera]:
    """Serve the channel's page, and point a camera at it."""

    async def hint(member_id: int, message_id: int) -> None:
        """Say nothing: here nobody mistypes a command."""

    await world.bot.user.edit(username="Konomi")  # type: ignore[union-attr]
    world.env.backend.bot_user.avatar = face.NAME
    with markdown_kept():
        async with world.env.preview(
            world.channel,
            viewers=[world.alice, world.bob, world.mod, world.admin],
            layout="channel",
            timezone=time_zone(),
            assets=face.asset(world.env.backend.bot_user.id),
        ) as preview:
            server = PageServer(preview, world.env, world.channel, hint)
            async with server.serving(0):
                camera = Camera(browser, world, server, folder, widths)
                try:
                    yield camera
                finally:
                    await camera.develop()
                    await camera.close()
