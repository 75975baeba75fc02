"""Rounds of pictures that simulated members rate, and their ratings as training data.

All members see the same rounds.  A prompt names the shape and the background alone, so it leaves
every favourite open.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random

from PIL import Image

from generation.protocol.requests import Paint
from generation.shapes.captions import caption
from generation.shapes.evaluation.easel import PLAIN, Painter, Setup, in_batches
from generation.shapes.evaluation.favourites import Favourite, preference
from generation.shapes.world import Scene, random_scene

BATCH = 4
"""Pictures in a round."""
TOGETHER = 4
"""Rounds that are painted at the same time."""
NAMED = ("shape", "background")
"""The attributes that a prompt names."""
NEAR = 0.5
"""Least preference of a picture that its member likes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TasteRound:
    """A prompt and the scene that it was taken from; its pictures have seeds from `seed` on."""

    number: int
    scene: Scene
    prompt: str
    seed: int

    def suits(self, favourite: Favourite) -> bool:
        """Return True if its pictures can show the favourite, which its background would hide."""
        return self.scene.background != favourite.colour


def rounds(count: int, *, seed: int) -> Iterator[TasteRound]:
    """Yield the first `count` rounds; those of two seeds share no prompt's words and no noise."""
    for number in range(count):
        random = Random(f"taste/{seed}/{number}")
        scene = random_scene(random, counts=(1,))
        yield TasteRound(
            number=number,
            scene=scene,
            prompt=caption(scene, NAMED, random),
            seed=10_000_000 * (seed + 1) + BATCH * number,
        )


def paint_rounds(paint: Painter, setup: Setup, folder: Path, chosen: Sequence[TasteRound]) -> None:
    """Paint the rounds that `folder` does not hold yet, each into a folder by its number."""
    missing = [each for each in chosen if not (folder / f"{each.number:04}").exists()]
    for some in in_batches(missing, TOGETHER, "rounds"):
        requests = []
        for each in some:
            fresh = folder / f"{each.number:04}.part"
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(parents=True)
            requests.append(
                Paint(
                    job=f"{each.number:04}",
                    model=setup.model,
                    prompt=each.prompt,
                    count=BATCH,
                    seed=each.seed,
                    steps=setup.steps,
                    guidance=setup.guidance,
                    scheduler=setup.scheduler,
                    feedback=PLAIN,
                    previews=False,
                    out=fresh,
                )
            )
        paint(requests)
        for request in requests:
            request.out.rename(request.out.with_suffix(""))


def rate_rounds(
    folder: Path, chosen: Iterable[TasteRound], favourite: Favourite, *, most: int, out: Path
) -> int:
    """Rate rounds as a member would, until `most` pictures are liked; return how many are.

    Liked is what comes near the favourite; as many of the same round are disliked, the farthest
    first.  A round without such a picture, or with nothing else, is passed over.  Writes the rated
    pictures and their ratings to `out`, to be trained on.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    for each in chosen:
        if not each.suits(favourite):
            continue
        files = [folder / f"{each.number:04}" / f"{place}.png" for place in range(BATCH)]
        for place, rating in _votes([_score(file, favourite) for file in files]).items():
            name = f"{each.number:04}-{place}.png"
            shutil.copyfile(files[place], out / name)
            seed = each.seed + place
            row = {"file_name": name, "prompt": each.prompt, "seed": seed, "round": each.number}
            rows.append({**row, "rating": rating})
        liked = sum(row["rating"] == 1 for row in rows)
        if liked >= most:
            break
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (out / "metadata.jsonl").write_text(text, encoding="utf-8")
    return sum(row["rating"] == 1 for row in rows)


def _score(file: Path, favourite: Favourite) -> float:
    with Image.open(file) as picture:
        return preference(picture.convert("RGB"), favourite)


def _votes(scores: Sequence[float]) -> dict[int, int]:
    """Return ratings, 1 or −1, by place; as many of one as of the other."""
    ranked = sorted(range(len(scores)), key=lambda place: -scores[place])
    near = sum(score >= NEAR for score in scores)
    count = min(near, len(scores) - near)
    liked, disliked = ranked[:count], ranked[len(ranked) - count :]
    return {**dict.fromkeys(liked, 1), **dict.fromkeys(disliked, -1)}
