"""Takes the README's pictures: `make screenshots`, or `python -m tests.demo.screenshots`.

Plays a short game in the playground, on a data folder of its own: a prompt that leaves the
colour open, likes for warm colours, a dislike for the coldest, and two rounds more.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageStat
from playwright.sync_api import Locator

from tests.demo.browser import CHROMIUM, ROOT, Visitor, chromium, demo

PROMPT = "a star on a white background"

TRIES = 6
"""Number of restarts if all pictures of the first round have one colour."""

RED = 5.0
"""A picture of a mean redness above this has something red, orange or yellow in it."""


def main() -> int:
    """Take all pictures; 1 where there is no browser."""
    arguments = argparse.ArgumentParser(prog="python -m tests.demo.screenshots")
    arguments.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    arguments.add_argument("--model", help="as KONOMI_MODEL; default: as it is set")
    options = arguments.parse_args()
    if CHROMIUM is None:
        print("there is no Chromium on this machine", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium() as browser,
        demo(Path(folder), options.model) as running,
    ):
        play(Visitor(browser, running.address, width=1000, height=1500), options.out)
        running.stop()
    return 0


def play(visitor: Visitor, out: Path) -> None:
    """Paint three rounds, and take a picture of each thing that the README tells of."""
    visitor.imagine(PROMPT)
    catch_painting(visitor, out / "playground-painting.png")
    for tries in range(2, TRIES + 1):
        if 0 < len(red_ones(loaded(visitor, 4))) < 4:
            break
        # All of a colour: nothing to choose between.
        visitor.imagine(PROMPT)
        visitor.see(visitor.rounds(), tries)
    for number in (1, 2, 3):
        message = loaded(visitor, 4 if number == 1 else 5)
        rate(visitor, message)
        if number != 2:
            visitor.picture(out / f"playground-round-{number}.png", message)
        if number < 3:
            rounds = visitor.rounds().count()
            visitor.press(message, "Next round")
            visitor.see(visitor.rounds(), rounds + 1)


def loaded(visitor: Visitor, pictures: int) -> Locator:
    """The newest round, once all of it shows."""
    message = visitor.rounds().last
    visitor.see_pictures(message, pictures)
    return message


def rate(visitor: Visitor, message: Locator) -> None:
    """Like what is warm, and dislike what is least so."""
    liked = red_ones(message)
    least = min(set(range(4)) - set(liked), default=None, key=lambda each: redness(message, each))
    for place in liked:
        visitor.press(message, "👍", place)
        button = message.get_by_role("button").filter(has_text="👍").nth(place)
        visitor.see(button.filter(has_text="(1)"))
    if least is not None:
        visitor.press(message, "⋯")
        panel = visitor.messages().filter(has_text="Only you can see this").last
        visitor.press(panel, "👎", least)
        visitor.see(visitor.votes(panel, "👎", 1))


def catch_painting(visitor: Visitor, path: Path) -> None:
    """Take a picture while the first round is being painted and a preview of it shows.

    Where painting is too fast for that, the last picture that was taken stays.
    """
    caught = False
    previews = visitor.messages().filter(has_text="Painting").locator(".component-container img")
    while not visitor.rounds().count():
        if previews.evaluate_all("all => all.some(one => one.naturalWidth > 0)"):
            visitor.picture(path)
            caught = True
        visitor.page.wait_for_timeout(50)
    if not caught:
        print(f"{path.name} was not taken: no preview showed in time", file=sys.stderr)


def red_ones(message: Locator) -> list[int]:
    """The places of a round's pictures that are red rather than anything else."""
    return [place for place in range(4) if redness(message, place) > RED]


def redness(message: Locator, place: int) -> float:
    """Return how much red exceeds the other channels, averaged over a picture."""
    shot = message.locator(".component-container img").nth(place).screenshot()
    with Image.open(io.BytesIO(shot)) as picture:
        red, green, blue = ImageStat.Stat(picture.convert("RGB")).mean
    return red - (green + blue) / 2


if __name__ == "__main__":
    sys.exit(main())
