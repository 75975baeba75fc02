"""Takes pictures of every page: `python -m tests.demo.screens FOLDER`.

In English and in Japanese, with pictures of a small and of a large model, as wide as a desktop and
as a phone.  What is painted is drawn: nothing here needs a model.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import logging
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import discord
from playwright.async_api import Browser

from tests.bot.pinned_pages import played
from tests.demo.browser import CHROMIUM
from tests.demo.screens import learning, scenes
from tests.demo.screens.brush import SIDES, painter
from tests.demo.screens.camera import browser_opened, camera_on
from tests.demo.screens.scenes import Stage

PATIENCE = 120.0
LOCALES = {"en": "en-US", "ja": "ja"}
WIDTHS = (1280, 390)
Scene = Callable[[Stage], Awaitable[None]]
SCENES: tuple[Scene, ...] = (*scenes.SCENES, *learning.SCENES)


async def take(options: argparse.Namespace) -> bool:
    """Play each scene in each language, at each size of pictures; True if all went well."""
    chosen = [scene for scene in SCENES if not options.only or scene.__name__ in options.only]
    well = True
    async with browser_opened() as browser:
        for language, side, scene in itertools.product(options.language, options.side, chosen):
            began = time.monotonic()
            folder = options.folder / language / str(side) / scene.__name__
            try:
                await play(scene, browser, language, side, folder, options.width)
            except Exception:  # noqa: BLE001 - the other pages are to be seen all the same
                traceback.print_exc()
                well = False
            print(f"{folder}: {time.monotonic() - began:.0f} s", flush=True)
    return well


async def play(
    scene: Scene, browser: Browser, language: str, side: int, folder: Path, widths: Sequence[int]
) -> None:
    """Play a scene in a world of its own."""
    with tempfile.TemporaryDirectory() as data:
        async with played(LOCALES[language], Path(data), painter(side)) as world:
            world.patience = world.env.settle_timeout = PATIENCE
            everything = world.guild.create_role(
                "Host", permissions=discord.Permissions(administrator=True)
            )
            dana = world.env.create_user("dana")
            world.admin = world.guild.add_member(dana, roles=[everything])
            async with camera_on(browser, world, folder, widths) as camera:
                await scene(Stage(world, camera, language))


def main() -> int:
    """Take what is asked for; 1 where there is no browser, or if anything went wrong."""
    arguments = argparse.ArgumentParser(prog="python -m tests.demo.screens", description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--language", nargs="*", choices=LOCALES, default=list(LOCALES))
    arguments.add_argument("--side", nargs="*", type=int, choices=SIDES, default=list(SIDES))
    arguments.add_argument("--width", nargs="*", type=int, default=list(WIDTHS))
    names = [scene.__name__ for scene in SCENES]
    arguments.add_argument("--only", nargs="*", choices=names, help="scenes")
    if CHROMIUM is None:
        print("there is no Chromium on this machine", file=sys.stderr)
        return 1
    logging.disable(logging.CRITICAL)  # faults that are asked for
    return 0 if asyncio.run(take(arguments.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())
