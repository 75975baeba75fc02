"""Choice of a data set's pictures: which are trained on, why others are not, and their captions.

All of it follows from the rows alone, so that the pictures that are left when one member's are
taken out are chosen as if that member had never added any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bot.actions.training.plans import MOST_CAPTION, Plan
from generation.requests.captions import with_trigger
from storage.training_records import DESCRIBED, DatasetPicture

DUPLICATE, SMALL, REMOVED = "duplicate", "small", "removed"
"""Why a picture is not trained on."""
ALIKE = 6
"""Most bits of 64 in which the perceptual hashes of near-duplicates differ.

Measured on 30 photographs: copies at half the size, as JPEG, brighter or blurred differ in 6 bits
at most in nine of ten cases; different ones in 20 and more.
"""
ALIKE_COLOURS = 16
"""Most levels of 256 by which the mean colours of their fields differ then, on average.

The hash sees no colours: the same outline drawn in red and in blue is worth two pictures.
"""
SAME_COLOURS = 12
"""Most levels by which any field of near-duplicates differs, whatever their hashes are.

The hash of a drawing with plain surfaces is left to chance.  Measured: copies of 60 drawings as
JPEG differ by 10 at most in nine of ten cases, different ones by 64 and more; of photographs, by
4 and by 19.
"""
BLURRED = 0.02
"""Sharpness under which a picture looks blurred.

Measured on 30 photographs and 200 drawings: .06 and more for the sharp ones, save for 3; under .02
for most once they are blurred by 0.6 % of their longer side.
"""
LEAST_SHARE = 0.5
"""Share of the model's side that the shorter side of a picture needs."""


def judged(pictures: Iterable[DatasetPicture]) -> list[tuple[DatasetPicture, str | None]]:
    """Return pictures by position, each with why it is not trained on; None if it is."""
    kept: list[DatasetPicture] = []
    found = []
    for picture in sorted(pictures, key=lambda each: each.position):
        why = None if picture.dropped == DUPLICATE else picture.dropped
        if why is None and any(is_copy(picture, other) for other in kept):
            why = DUPLICATE
        if why is None:
            kept.append(picture)
        found.append((picture, why))
    return _whole_pairs(found)


def kept(pictures: Iterable[DatasetPicture]) -> list[DatasetPicture]:
    """Return the pictures that are trained on, by position."""
    return [picture for picture, why in judged(pictures) if why is None]


def is_copy(one: DatasetPicture, other: DatasetPicture) -> bool:
    """Return True if two pictures are the same, or as good as the same.

    A pair for edit training may differ in a detail alone, so there only the files are compared.
    """
    if "pair" in one.facts:
        return False
    if one.digest == other.digest:
        return True
    if not all("phash" in each.facts and "colours" in each.facts for each in (one, other)):
        return False
    differences = _differences(one, other)
    if max(differences) <= SAME_COLOURS:
        return True
    bits = (int(one.facts["phash"], 16) ^ int(other.facts["phash"], 16)).bit_count()
    return bits <= ALIKE and sum(differences) <= ALIKE_COLOURS * len(differences)


def is_blurred(picture: DatasetPicture) -> bool:
    """Return True if a picture looks blurred; members are told, and decide."""
    return bool(picture.facts.get("sharpness", 1.0) < BLURRED)


def too_small(facts: Any, side: int) -> bool:
    """Return True if a picture has too few pixels for a model of this side."""
    return bool(min(facts.get("width", side), facts.get("height", side)) < side * LEAST_SHARE)


def caption_of(plan: Plan, picture: DatasetPicture) -> str:
    """Return the caption that a picture is trained with, in which the trigger always stands."""
    own = " ".join(picture.caption.split())
    if plan.method in ("edit", "taste"):
        return own
    if not own:
        return f"a {plan.words}"
    if plan.trigger.casefold() in own.casefold():
        return own
    return f"{plan.words}, {own}"


def describable(plan: Plan, picture: DatasetPicture) -> bool:
    """Return True if members write the caption of a picture; what Konomi painted has its prompt."""
    if plan.source == "likes" or plan.method == "taste":
        return False
    return plan.method != "edit" or picture.facts.get("side") == "after"


def undescribed(
    plan: Plan,
    pictures: Iterable[tuple[DatasetPicture, str | None]],
    agreed: Collection[int],
) -> list[DatasetPicture]:
    """Return the pictures that the caption model is still to be asked about.

    pictures: with why they are not trained on; copies are described as well, as they take the place
    of what is taken back.  agreed: members who agreed, whose pictures alone are looked at.
    """
    if plan.captions != "model" or plan.method == "edit":
        return []
    return [
        picture
        for picture, why in pictures
        if why in (None, DUPLICATE)
        and picture.member_id in agreed
        and describable(plan, picture)
        and not picture.caption.strip()
        and DESCRIBED not in picture.facts
    ]


def proposed_caption(plan: Mapping[str, Any], text: str) -> str:
    """Return the caption that a stored plan makes of what a caption model said of a picture."""
    read = Plan.read(plan)
    return with_trigger(text, read.trigger, read.class_word)[:MOST_CAPTION]


def uncaptioned(plan: Plan, pictures: Sequence[DatasetPicture]) -> list[DatasetPicture]:
    """Return the pictures that still lack the caption that the plan wants of members."""
    if plan.method == "edit":
        return [each for each in pictures if each.facts.get("side") == "after" and not each.caption]
    if plan.captions != "own" or plan.method == "taste":
        return []
    return [each for each in pictures if not each.caption.strip()]


def pairs_of(pictures: Sequence[DatasetPicture]) -> list[tuple[DatasetPicture, DatasetPicture]]:
    """Return the pictures before and after each edit, in order; what has no other half is none."""
    sides: dict[Any, dict[str, DatasetPicture]] = {}
    for picture in pictures:
        sides.setdefault(picture.facts.get("pair"), {})[picture.facts.get("side", "")] = picture
    return [
        (pair["before"], pair["after"])
        for number, pair in sides.items()
        if number is not None and {"before", "after"} <= pair.keys()
    ]


def _whole_pairs(
    found: list[tuple[DatasetPicture, str | None]],
) -> list[tuple[DatasetPicture, str | None]]:
    """Drop the other half of a pair of which one is dropped."""
    lost = {picture.facts["pair"]: why for picture, why in found if "pair" in picture.facts and why}
    return [
        (picture, why or lost.get(picture.facts.get("pair")) if "pair" in picture.facts else why)
        for picture, why in found
    ]


def _differences(one: DatasetPicture, other: DatasetPicture) -> list[int]:
    """Return how two pictures' fields differ, in levels of 256."""
    first, second = (bytes.fromhex(each.facts["colours"]) for each in (one, other))
    return [abs(a - b) for a, b in zip(first, second, strict=True)]
