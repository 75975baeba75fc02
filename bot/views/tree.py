"""The tree of a picture: its sources, its results, and the current position."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from bot.actions.parameters import Parameters
from bot.text import messages as text
from bot.text.markdown import quoted
from storage.records import Image

LINES_SHOWN = 12
WORDS_SHOWN = 48
PAD = "\u2003"
"""An em space: Discord takes away ordinary ones at the beginning of a line."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """The pictures of one round that were made from the same picture."""

    round_number: int
    images: Sequence[Image]

    @property
    def words(self) -> str:
        """The prompt of these pictures."""
        return Parameters.of(self.images[0].parameters).prompt


def branches_of(images: Sequence[Image], numbers: dict[int, int]) -> list[Branch]:
    """The pictures of a tree, those of one round and one parent together, in their order.

    numbers: of the rounds, by their ids.
    """
    together: dict[tuple[int | None, int], list[Image]] = {}
    for image in images:
        together.setdefault((image.parent_id, image.round_id), []).append(image)
    return [
        Branch(round_number=numbers[round_id], images=members)
        for (_, round_id), members in together.items()
    ]


def tree_lines(locale: str, branches: Sequence[Branch], here: int) -> list[str]:
    """Return the tree in a few lines, the picture `here` bold; what is far from it yields."""
    near = _near(branches, here)
    lines = [
        _line(branch, above, depth, here)
        for branch, above, depth in _walk(branches, None, 0)
        if branch in near
    ]
    hidden = len(branches) - len(lines) + max(0, len(lines) - LINES_SHOWN)
    if hidden:
        lines = [*lines[:LINES_SHOWN], f"-# {text.TREE_MORE(locale, count=hidden)}"]
    return lines


def _walk(
    branches: Sequence[Branch], parent: Branch | None, depth: int
) -> Iterator[tuple[Branch, Branch | None, int]]:
    """Yield each branch with the one that it was made from, and its depth."""
    ids = None if parent is None else {image.id for image in parent.images}
    known = {image.id for branch in branches for image in branch.images}
    for branch in branches:
        made_from = branch.images[0].parent_id
        if (made_from not in known) if ids is None else (made_from in ids):
            yield branch, parent, depth
            yield from _walk(branches, branch, depth + 1)


def _near(branches: Sequence[Branch], here: int) -> list[Branch]:
    """Return all branches if they fit; otherwise the path up from the picture, and its results."""
    if len(branches) <= LINES_SHOWN:
        return list(branches)
    by_image = {image.id: branch for branch in branches for image in branch.images}
    near, image_id = [], here
    while image_id in by_image:
        near.append(by_image[image_id])
        above = near[-1].images[0].parent_id
        if above is None:
            break
        image_id = above
    return near + [branch for branch in branches if branch.images[0].parent_id == here]


def _line(branch: Branch, above: Branch | None, depth: int, here: int) -> str:
    """Return the line of a branch, with its words if they aren't those above it."""
    numbers = " ".join(
        f"**{branch.round_number}.{image.position + 1}**"
        if image.id == here
        else f"{branch.round_number}.{image.position + 1}"
        for image in branch.images
    )
    mark = "" if depth == 0 else f"{PAD * (depth - 1)}└ "
    if above is not None and branch.words == above.words:
        return f"{mark}{numbers}"
    return f"{mark}{quoted(branch.words, WORDS_SHOWN)} · {numbers}"
