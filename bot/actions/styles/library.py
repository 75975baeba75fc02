"""The styles that a member may paint with: found by name, checked again for every round."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.actions.parameters import Parameters
from bot.actions.styles.calls import embeddings_in, is_called, mentions_of, tag_key
from bot.actions.styles.chosen import ChosenStyle, typed, word_of
from bot.actions.styles.names import NONE, folded, ordered, rank, read_typed
from bot.errors import Refusal, problems_told
from bot.text.markdown import Markup, quoted
from bot.text.styles import painting as text
from generation.catalog.bases import EMBEDDED, Base
from generation.protocol.options import ModelCard
from generation.protocol.problems import Code, Problem
from generation.requests.called_adapters import key_of
from generation.requests.validation import MAX_NAME, check_strength
from storage.records import Job
from storage.store import Store
from storage.style_records import (
    ChannelStyle,
    Style,
    StyleKind,
    StyleOrigin,
    StyleScope,
    StyleState,
)
from storage.styles import key_of as storage_key

MOST_NEAR = 4
"""Names that are said in place of one that there is none of."""
RECENT = 10
"""Styles that a member used last, which come before others."""

Note = tuple[str, str, str]
"""The kind of a change, and the name of the style before and after it."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Styles that match what a member typed, and those of them that fit no other model."""

    styles: Sequence[Style]
    made_for: Mapping[int, str]
    """The base models of those that do not fit the loaded one, by the styles' ids."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class StyleStart:
    """The styles of a new board, and which of the usual ones could not be used."""

    styles: tuple[ChosenStyle, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """The parameters of a round whose styles its member may use, and what is said of them."""

    parameters: Parameters
    notes: tuple[Note, ...] = ()
    """What has changed since the round before."""


class StyleLibrary:
    """Finds styles for members; `Refusal` for those that they may not use, or that do not fit.

    What they may not use looks the same from outside as what does not exist.
    """

    def __init__(self, *, store: Store, model: Callable[[], ModelCard | None]) -> None:
        """`model` is the loaded model's card."""
        self._store = store
        self._model = model

    async def usable(self, asker: Asker) -> list[Style]:
        """Return the styles that a member may paint with here, their own first."""
        return await self._usable(asker.server_id, asker.member_id)

    async def _usable(self, server_id: int, member_id: int) -> list[Style]:
        seen = await self._store.styles.seen(server_id, member_id, state=StyleState.READY)
        return [each for each in seen if not _strangers(each, server_id, member_id)]

    async def named(self, asker: Asker, name: str) -> Style | None:
        """Return the usable style of this name; a member's own comes before others'."""
        return _find(_by_name(await self.usable(asker)), name)

    async def of_digest(self, asker: Asker, digest: str) -> Style | None:
        """Return a usable style with this file."""
        usable = await self.usable(asker)
        return next((style for style in usable if style.digest == digest), None)

    async def search(self, asker: Asker, typed: str, most: int) -> Found:
        """Return the usable styles that match, best first; those for other models come last."""
        usable = await self.usable(asker)
        recent = await self._store.styles.used_last(asker.server_id, asker.member_id, RECENT)
        matching = ordered(typed, usable, asker.member_id, recent)
        made_for = {each.id: base for each in matching if (base := self.made_for(each))}
        matching.sort(key=lambda style: style.id in made_for)
        return Found(styles=matching[:most], made_for=made_for)

    async def choose(self, asker: Asker, typed: str) -> tuple[ChosenStyle, ...]:
        """Return the styles that a member typed; none for `none`."""
        return self._choose(await self.usable(asker), typed)

    async def rechoose(
        self, asker: Asker, styles: tuple[ChosenStyle, ...], line: str
    ) -> tuple[ChosenStyle, ...]:
        """Return a picture's styles as a member changed them in a form; none for nothing typed.

        Those that its prompt calls stay, and all do if nothing was changed.
        """
        if folded(line) == folded(typed(styles)):
            return styles
        chosen = await self.choose(asker, line) if line.strip() else ()
        taken = {each.style_id for each in chosen}
        called = (each for each in styles if each.called and each.style_id not in taken)
        return (*chosen, *called)

    def _choose(self, usable: Sequence[Style], typed: str) -> tuple[ChosenStyle, ...]:
        if folded(typed) in NONE:
            return ()
        names = _by_name(usable)
        chosen = []
        for each in read_typed(typed, lambda name: _find(names, name) is not None):
            style = _find(names, each.name)
            if style is None:
                raise self._unknown(each.name, usable)
            self._allow_base(style)
            if style.kind is StyleKind.EMBEDDING and each.strength not in (None, 0, 1):
                problem = Problem(Code.ADAPTER_EMBEDDING_STRENGTH, {"name": style.name})
                raise Refusal.of(problem)
            chosen.append(ChosenStyle.of(style, each.strength))
        return tuple(chosen)

    async def start(
        self, asker: Asker, prompt: str, wanted: str | Style | None, usual: str | None
    ) -> StyleStart:
        """Return the styles of a new board: those wanted, else the usual ones.

        wanted: as a member typed them; or one whose button they pressed, which no other of the same
        name replaces.  The usual ones are the member's, else the place's, unless the prompt calls a
        style by its name.
        """
        usable = await self.usable(asker)
        if isinstance(wanted, Style):
            return StyleStart(styles=(self._one(usable, wanted),))
        if wanted is not None and wanted.strip():
            return StyleStart(styles=self._choose(usable, wanted))
        if _by_key(usable, mentions_of(Parameters(prompt=prompt))):
            return StyleStart()
        left_out = []
        if usual is not None:
            try:
                return StyleStart(styles=self._choose(usable, usual))
            except Refusal:
                left_out.append("style")
        if (here := await self._of_channel(asker)) is not None:
            if self._fits_here(here.style, usable):
                chosen = ChosenStyle.of(here.style, here.strength)
                return StyleStart(styles=(chosen,), left_out=tuple(left_out))
            left_out.append("channel_style")
        return StyleStart(left_out=tuple(left_out))

    def _one(self, usable: Sequence[Style], style: Style) -> ChosenStyle:
        """Return a style as it is chosen, if the member may use it."""
        if all(each.id != style.id for each in usable):
            raise Refusal(text.UNKNOWN_NONE_NEAR, name=style.name[:60])
        self._allow_base(style)
        return ChosenStyle.of(style)

    def _fits_here(self, style: Style, usable: Sequence[Style]) -> bool:
        return any(each.id == style.id for each in usable) and self.made_for(style) is None

    async def set_channel(self, asker: Asker, channel_id: int, typed: str) -> None:
        """Choose a channel's usual style; `Refusal` for one that not everyone there may use."""
        chosen = await self.choose(asker, typed)
        if len(chosen) > 1:
            raise Refusal(text.CHANNEL_ONE_STYLE)
        if not chosen:
            await self._store.styles.set_channel(asker.server_id, channel_id, None)
            return
        [only] = chosen
        style = await self._store.styles.get(only.style_id)
        if style is None or style.scope is not StyleScope.SERVER:
            raise Refusal(text.CHANNEL_NEEDS_SHARED, name=only.name)
        with problems_told():
            check_strength(only.strength)
        await self._store.styles.set_channel(asker.server_id, channel_id, style.id, only.strength)

    async def _of_channel(self, asker: Asker) -> ChannelStyle | None:
        """Return the usual style of a channel, for a thread that of the channel it is in."""
        for channel_id in (asker.channel_id, asker.parent_channel_id):
            if channel_id is not None:
                found = await self._store.styles.of_channel(asker.server_id, channel_id)
                if found is not None:
                    return found
        return None

    async def check(self, asker: Asker, parameters: Parameters) -> Checked:
        """Return the parameters of a round with the styles as they are now, and those it calls.

        `Refusal` if one may not be used: none is ever left out in silence.
        """
        mentioned = mentions_of(parameters)
        usable = await self.usable(asker)
        if parameters.image_guidance is not None or parameters.imagic:
            if _by_key(usable, mentioned):
                raise Refusal(text.NOT_FOR_EDITS)
            edited = (("edit", "", ""),) if parameters.styles else ()
            return Checked(parameters=dataclasses.replace(parameters, styles=()), notes=edited)
        by_id = {style.id: style for style in usable}
        notes: list[Note] = []
        styles: list[ChosenStyle] = []
        for each in parameters.styles:
            if each.called and not is_called(parameters, each):
                continue
            style = by_id.get(each.style_id)
            if style is None:
                raise await self._refusal(asker, each)
            self._allow_base(style)
            styles.append(_now(each, style))
            notes += _changes(each, style)
        if not parameters.literal:
            styles += self._called(parameters, usable, mentioned, styles)
        return Checked(
            parameters=dataclasses.replace(parameters, styles=tuple(styles)), notes=tuple(notes)
        )

    def _called(
        self,
        parameters: Parameters,
        usable: Sequence[Style],
        mentioned: Mapping[str, str],
        chosen: Sequence[ChosenStyle],
    ) -> list[ChosenStyle]:
        """Return the usable styles that a prompt calls, besides those that are chosen anyway."""
        called = []
        taken = {each.style_id for each in chosen}
        # What a tag meant in the round before, it goes on meaning.
        others = {key: name for key, name in mentioned.items() if key not in _keys(chosen)}
        for key, style in _by_key(usable, others).items():
            if style.id not in taken:
                self._allow_base(style)
                called.append(_called_as(style, others[key]))
                taken.add(style.id)
        words = embeddings_in(parameters, usable)
        # One for another model is a word like any other.
        fitting = (each for each in words if each.id not in taken and self.made_for(each) is None)
        return [*called, *(ChosenStyle.of(style, called=True) for style in fitting)]

    async def allow_painting(self, job: Job, stored: Mapping[str, Any]) -> None:
        """Raise `Refusal` if a style of a round whose turn has come may not be used any more."""
        styles = Parameters.of(stored).styles
        if not styles:
            return
        usable = {each.id: each for each in await self._usable(job.server_id, job.member_id)}
        for each in styles:
            style = usable.get(each.style_id)
            if style is None or style.digest != each.digest:
                raise Refusal(text.GONE_WHILE_QUEUED)

    def made_for(self, style: Style) -> str | None:
        """Return the base model that a style was made for, if it is known not to fit the loaded."""
        card = self._model()
        if card is None:
            return None
        base = Base.named(style.architecture)
        if base is not None and card.bases and base.value not in card.bases:
            return base.title
        # The small model has the shapes of none that adapters are shared for.
        if EMBEDDED in (style.base_model, card.name) and style.base_model not in ("", card.name):
            return style.base_model
        return None

    def _allow_base(self, style: Style) -> None:
        base, card = self.made_for(style), self._model()
        if base is not None and card is not None:
            raise Refusal(text.OTHER_BASE, name=style.name, base=base, model=card.name)

    async def _refusal(self, asker: Asker, chosen: ChosenStyle) -> Refusal:
        """Return why a style may not be used; only who saw it before learns more than that."""
        seen = await self._store.styles.seen(asker.server_id, asker.member_id)
        style = next((each for each in seen if each.id == chosen.style_id), None)
        if style is None or _strangers(style, asker.server_id, asker.member_id):
            return Refusal(text.NOT_USABLE)
        return Refusal(text.WITHDRAWN, name=style.name)

    def _unknown(self, name: str, usable: Sequence[Style]) -> Refusal:
        """Return the refusal of a name, which says those that come near."""
        shown = name[:60]
        if not usable:
            return Refusal(text.NO_STYLES)
        names = {folded(style.name): style.name for style in usable}
        close = get_close_matches(folded(name), names, n=MOST_NEAR, cutoff=0.5)
        parts = (style for style in usable if rank(folded(name), style) is not None)
        near = list(dict.fromkeys([*(names[key] for key in close), *(s.name for s in parts)]))
        if not near:
            return Refusal(text.UNKNOWN_NONE_NEAR, name=shown)
        listed = Markup(", ".join(quoted(each, 60) for each in near[:MOST_NEAR]))
        return Refusal(text.UNKNOWN, name=shown, near=listed)


def _strangers(style: Style, server_id: int, member_id: int) -> bool:
    """Return True for another's style in direct messages, which have no server to share it with."""
    if server_id != DIRECT_MESSAGES or style.owner_id == member_id:
        return False
    return style.origin is not StyleOrigin.HOST


def _by_name(styles: Sequence[Style]) -> dict[str, Style]:
    """Return styles by their names, as they are written and folded; of several, the first has it.

    Two names may differ in nothing but the kind of kana: each is found by its own.
    """
    names: dict[str, Style] = {}
    for style in styles:
        names.setdefault(storage_key(style.name), style)
    for style in styles:
        names.setdefault(folded(style.name), style)
    return names


def _find(names: Mapping[str, Style], name: str) -> Style | None:
    return names.get(storage_key(name)) or names.get(folded(name))


def _by_key(styles: Iterable[Style], keys: Mapping[str, str]) -> dict[str, Style]:
    """Return the styles that these keys of tags mean; of several, the first, or the very name."""
    found: dict[str, Style] = {}
    for style in styles if keys else ():
        word = word_of(style.name)
        key = tag_key(word)
        if key not in keys:
            continue
        before = found.setdefault(key, style)
        exact = key_of(keys[key])
        if key_of(word) == exact != key_of(word_of(before.name)):
            found[key] = style
    return found


def _keys(chosen: Iterable[ChosenStyle]) -> set[str]:
    return {tag_key(each.word) for each in chosen}


def _called_as(style: Style, name: str) -> ChosenStyle:
    """Return a style that a tag calls, by the name there if that is written in another width."""
    chosen = ChosenStyle.of(style, called=True)
    if chosen.embedding or key_of(name) == key_of(chosen.word):
        return chosen
    return dataclasses.replace(chosen, word=name[:MAX_NAME])


def _now(chosen: ChosenStyle, style: Style) -> ChosenStyle:
    """Return a style of an earlier round with the name and the file that it has now."""
    return dataclasses.replace(chosen, name=style.name, digest=style.digest)


def _changes(chosen: ChosenStyle, style: Style) -> list[Note]:
    """Return what is different about a style since an earlier round."""
    changes = []
    if chosen.name != style.name:
        changes.append(("renamed", chosen.name, style.name))
    if chosen.digest != style.digest:
        changes.append(("changed", chosen.name, style.name))
    return changes
