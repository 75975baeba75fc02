"""A member's own settings: the defaults from which their new boards start, in one server."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from bot.actions.asker import Asker
from bot.actions.orders import Orders
from bot.actions.parameters import PARTS_OF_FEEDBACK, Parameters, check
from bot.actions.sizes import parse_size
from bot.actions.styles.chosen import ChosenStyle
from bot.actions.styles.library import StyleLibrary
from bot.errors import Refusal
from bot.settings import Settings
from generation.protocol.options import ModelCard
from storage.store import Store

FEEDBACK = (
    "feedback_preset",
    "feedback_start",
    "feedback_end",
    "feedback_strength",
    "feedback_explore",
    "feedback_drop",
)
NAMES = ("size", "count", "style", "scheduler", "steps", "guidance", "negative_prompt", *FEEDBACK)
"""What a member can choose, by the names of `Parameters`; `size` and `style` as they were typed."""
WINDOW = ("feedback_start", "feedback_end")
"""These two are only right or wrong together."""
TOGETHER: Mapping[str, tuple[str, ...]] = MappingProxyType(dict.fromkeys(WINDOW, WINDOW))
SIDES = ("width", "height", "aspect")
PROMPT = "-"
"""Stands for a prompt where only the settings are checked."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """The parameters of a new board, and the member's settings that it could not start from."""

    parameters: Parameters
    left_out: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """A member's settings beside what holds without them."""

    chosen: Mapping[str, Any]
    """The member's, by name."""
    parameters: Parameters
    """Those of a board that they would start now."""
    model: str
    native: tuple[int, int] | None = None
    """The model's own width and height; None while it is being loaded."""
    left_out: tuple[str, ...] = ()
    """The names of those that do not work now."""
    styles: tuple[ChosenStyle, ...] = ()
    """The styles of a board that they would start here now."""


class MemberSettings:
    """Reads and changes members' own settings, and starts parameters from them."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        orders: Orders,
        styles: StyleLibrary,
        model: Callable[[], ModelCard | None],
    ) -> None:
        """`model` is the loaded model's card."""
        self._settings = settings
        self._store = store
        self._orders = orders
        self._styles = styles
        self._model = model

    async def start(self, asker: Asker, given: Mapping[str, Any]) -> Start:
        """Return the parameters of a new board, from what was given and the member's settings.

        What is given counts; None in it is not given. A setting that the model or the server's
        limits do not allow now is left out, as if it had never been chosen.
        """
        given = {name: value for name, value in given.items() if value is not None}
        chosen = await self.of(asker)
        theirs = {name: value for name, value in chosen.items() if not _given(name, given)}
        start = await asyncio.to_thread(self._fitting, given, theirs)
        if "count" in theirs and "count" not in start.left_out:
            return await self._within_the_day(asker, start)
        return start

    async def of(self, asker: Asker) -> dict[str, Any]:
        """Return what a member has chosen here, by name."""
        stored = await self._store.preferences.get(asker.server_id, asker.member_id)
        return {name: stored[name] for name in NAMES if name in stored}

    async def overview(self, asker: Asker) -> Overview:
        """Return a member's settings, for the page that shows them."""
        chosen, start = await self.of(asker), await self.start(asker, {"prompt": PROMPT})
        styles = await self._styles.start(asker, PROMPT, None, chosen.get("style"))
        card = self._model()
        return Overview(
            chosen=chosen,
            parameters=start.parameters,
            model=self._settings.model,
            native=None if card is None else (card.width, card.height),
            left_out=(*start.left_out, *styles.left_out),
            styles=styles.styles,
        )

    async def change(self, asker: Asker, changes: Mapping[str, Any]) -> Overview:
        """Change some settings, where None takes one back; `Refusal` for what cannot be used."""
        before = await self.of(asker)
        wanted = {name: value for name, value in changes.items() if value is not None}
        beside = {other: None for name in wanted for other in TOGETHER.get(name, ())}
        known = {name: (before | dict(changes)).get(name) for name in beside}
        said = wanted | {name: value for name, value in known.items() if value is not None}
        if (style := wanted.get("style")) is not None:
            await self._styles.choose(asker, style)
        await asyncio.to_thread(self._check, self._parameters({"prompt": PROMPT}, said))
        await self._store.preferences.change(asker.server_id, asker.member_id, changes)
        return await self.overview(asker)

    async def reset(self, asker: Asker) -> Overview:
        """Forget all of a member's settings here."""
        await self._store.preferences.forget(asker.server_id, asker.member_id)
        return await self.overview(asker)

    async def for_fork(self, asker: Asker, parameters: Parameters) -> Parameters:
        """Return the parameters of a board that a member begins from somebody else's round.

        What the pictures look like comes from that round; how many there are, and how likes steer,
        is the member's to choose.
        """
        chosen = await self.of(asker)
        theirs = {name: chosen[name] for name in ("count", *FEEDBACK) if name in chosen}
        unsaid: dict[str, Any] = {}
        if theirs.keys() & set(FEEDBACK):
            unsaid = {f"feedback_{part}": None for part in PARTS_OF_FEEDBACK}
            unsaid["feedback_preset"] = None
        changed = dataclasses.replace(parameters, **(unsaid | theirs))
        try:
            self._check(dataclasses.replace(changed, prompt=PROMPT, negative_prompt=""))
        except Refusal:
            return parameters
        return changed

    def _fitting(self, given: Mapping[str, Any], theirs: Mapping[str, Any]) -> Start:
        """Return what was given with as many of the member's settings as go with it.  Blocks."""
        if not theirs or self._fits(given, theirs):
            return Start(parameters=self._parameters(given, theirs))
        kept: dict[str, Any] = {}
        if not self._fits(given, kept):
            # What was given is at fault, which is said when it is asked for.
            return Start(parameters=self._parameters(given, kept))
        for name in theirs:
            names = TOGETHER.get(name, (name,))
            more = kept | {each: theirs[each] for each in names if each in theirs}
            if self._fits(given, more):
                kept = more
        left_out = tuple(name for name in theirs if name not in kept)
        return Start(parameters=self._parameters(given, kept), left_out=left_out)

    async def _within_the_day(self, asker: Asker, start: Start) -> Start:
        """Ask for fewer pictures than the member's settings say, if today only those are left."""
        server = await self._store.servers.get(asker.server_id)
        left = await self._orders.left_today(asker, server)
        if left is None or not 0 < left < start.parameters.count:
            return start
        return Start(
            parameters=dataclasses.replace(start.parameters, count=left),
            left_out=(*start.left_out, "count"),
        )

    def _parameters(self, given: Mapping[str, Any], theirs: Mapping[str, Any]) -> Parameters:
        values = dict(theirs)
        values.pop("style", None)  # which is looked up when a board starts
        if (size := values.pop("size", None)) is not None:
            values |= dataclasses.asdict(parse_size(size))
        return Parameters.for_model(self._settings.model, **{**values, **given})

    def _fits(self, given: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
        try:
            # Of the prompt nothing is asked: it is none of the settings.
            self._check(self._parameters({**given, "prompt": PROMPT}, theirs))
        except Refusal:
            return False
        return True

    def _check(self, parameters: Parameters) -> None:
        """Raise `Refusal` for what the model cannot paint.  Blocks."""
        check(parameters, self._settings.model, self._model())
        self._orders.check_memory(parameters, begins=False)


def _given(name: str, given: Mapping[str, Any]) -> bool:
    """Return True if what was given takes the place of one of the member's settings."""
    if name == "size":
        return not given.keys().isdisjoint(SIDES)
    # A preset by name means that preset, without the member's own numbers in it.
    return name in given or (name in FEEDBACK and "feedback_preset" in given)
