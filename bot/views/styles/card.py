"""The card of a style: its preview, all that is known of it, and what the viewer may do with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from discord import ButtonStyle, MediaGalleryItem, ui

from bot.actions.styles.keeping import FILE, StyleRights
from bot.text.markdown import alt, mention, quoted
from bot.text.styles import keeping as text
from bot.text.training import progress
from bot.views.page import Page
from bot.views.press import Verb
from bot.views.styles.buttons import button, scopes
from bot.views.training.revocation import take_back_style
from generation.adapter_files.account import of_stored
from generation.catalog.bases import Base
from storage.style_records import Style, StyleKind, StyleOrigin, StyleScope, StyleState

PREVIEW_NAME = "preview.png"
MOST_SHOWN = 200


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class StyleCard:
    """A style as one member sees it."""

    style: Style
    viewer: int
    rights: StyleRights
    misfit: str | None = None
    """The model that it is for, if that is not the loaded one."""
    pictured: bool = False
    """True if its preview is attached."""
    hidden: bool = False
    """True if it has a preview that may not be shown here."""
    painting: bool = False
    """True if its preview is being painted."""
    remarks: tuple[str, ...] = ()
    """What is said above it, once."""

    @property
    def usable(self) -> bool:
        """True if it can be painted with."""
        return self.style.state is StyleState.READY and self.misfit is None


def card_page(locale: str, card: StyleCard) -> Page:
    """Return the card of a style."""
    container: ui.Container[Page] = ui.Container()
    if card.remarks:
        container.add_item(ui.TextDisplay("\n".join(card.remarks)))
    container.add_item(ui.TextDisplay("\n".join(_lines(locale, card))))
    if card.pictured:
        described = alt(text.PREVIEW_ALT.plain(locale, name=card.style.name))
        picture = MediaGalleryItem(f"attachment://{PREVIEW_NAME}", description=described)
        container.add_item(ui.MediaGallery(picture))
    for row in _rows(locale, card):
        container.add_item(row)
    return Page(container)


def share_page(locale: str, style: Style, rights: StyleRights) -> Page:
    """Return the question who may use a style."""
    allowed = [StyleScope.MINE]
    if style.contributors:
        allowed.append(StyleScope.PRIVATE)
    if rights.share or style.scope is StyleScope.SERVER:
        allowed.append(StyleScope.SERVER)
    return Page(
        ui.TextDisplay(text.SHARE_WITH(locale, name=style.name)),
        ui.ActionRow(scopes(style, allowed, locale)),
        ui.ActionRow(button(Verb.STYLE, style.id, text.BACK, locale)),
    )


def deletion_page(locale: str, style: Style) -> Page:
    """Return the question if a style should be deleted."""
    return Page(
        ui.TextDisplay(text.ASK_DELETE(locale, name=style.name)),
        ui.ActionRow(
            button(Verb.STYLE_DELETE_NOW, style.id, text.DELETE_NOW, locale, ButtonStyle.danger),
            button(Verb.STYLE, style.id, text.KEEP, locale),
        ),
    )


def _lines(locale: str, card: StyleCard) -> list[str]:
    style, own = card.style, card.style.owner_id == card.viewer
    lines = [text.TITLE(locale, name=style.name), *_about_file(locale, style)]
    lora = style.kind is StyleKind.LORA
    if lora:
        lines.append(text.STRENGTH_LINE(locale, strength=style.strength))
    if style.trigger:
        phrase = text.TRIGGER_LINE if lora else text.WORD_LINE
        lines.append(phrase(locale, trigger=quoted(style.trigger, MOST_SHOWN)))
    known = text.SCOPES if own else text.SCOPES_OF_OTHERS
    lines.append(text.SCOPE_LINE(locale, scope=known[style.scope.value]))
    lines += _from(locale, style, own=own)
    if style.contributors:
        lines.append(text.CONTRIBUTORS_LINE(locale, count=len(style.contributors)))
    licence = quoted(style.licence, MOST_SHOWN)
    lines.append(
        text.LICENCE_LINE(locale, licence=licence) if licence else text.NO_LICENCE_LINE(locale)
    )
    if scores := _scores(locale, style.evaluation):
        lines.append(text.SCORE_LINE(locale, scores=scores))
    lines += _warnings(locale, card)
    return lines


def _about_file(locale: str, style: Style) -> list[str]:
    """Return what a style is, and what is known of the model that it is for."""
    account = of_stored(style.evaluation.get(FILE))
    known = Base.named(style.architecture)
    base = style.architecture if known is None else known.title
    if account is not None and account.base:
        base = account.base_title
    kind = text.KINDS[style.kind.value]
    lines: list[str] = [
        text.KIND_LINE(locale, kind=kind, base=quoted(base, MOST_SHOWN))
        if base
        else text.KIND_ALONE(locale, kind=kind)
    ]
    model = quoted(style.base_model, MOST_SHOWN)
    if style.origin is StyleOrigin.TRAINED:
        return [*lines, *([text.TRAINED_ON(locale, model=model)] if model else [])]
    named = "" if account is None else account.base_model
    if named:
        lines.append(text.FILE_NAMES(locale, model=quoted(named, MOST_SHOWN)))
    if model and style.base_model != named:
        lines.append(text.MADE_FOR(locale, model=model))
    return lines


def _from(locale: str, style: Style, *, own: bool) -> list[str]:
    """Return where a style comes from; of their own, nobody needs to be told who it was."""
    owner = mention(style.owner_id)
    if style.origin is StyleOrigin.TRAINED:
        return [] if own else [text.TRAINED_BY(locale, owner=owner)]
    return [text.FROM_FILE(locale) if own else text.FROM_FILE_BY(locale, owner=owner)]


def _warnings(locale: str, card: StyleCard) -> list[str]:
    lines: list[str] = []
    if card.style.state is StyleState.WITHDRAWN:
        lines.append(text.WITHDRAWN_LINE(locale))
    if card.misfit is not None:
        lines.append(text.OTHER_MODEL_LINE(locale, base=card.misfit))
    if card.hidden:
        lines.append(text.PREVIEW_HIDDEN(locale))
    if card.painting and not card.pictured:
        lines.append(text.PREVIEW_PAINTING(locale))
    return lines


def _scores(locale: str, evaluation: Mapping[str, object]) -> str | None:
    """Return the scores that a training stored with its style, in the words of its card."""
    fidelity, following = evaluation.get("fidelity"), evaluation.get("following")
    if not isinstance(fidelity, float):
        return None
    if not isinstance(following, float):
        return progress.SCORES(locale, fidelity=fidelity)
    return progress.SCORED(locale, fidelity=fidelity, following=following)


def _rows(locale: str, card: StyleCard) -> list[ui.ActionRow[Page]]:
    style, rights = card.style, card.rights
    first = []
    if card.usable:
        first.append(button(Verb.STYLE_PAINT, style.id, text.PAINT, locale, ButtonStyle.primary))
        if style.kind is StyleKind.LORA:
            first.append(button(Verb.STYLE_SWEEP, style.id, text.SWEEP, locale))
    if rights.export:
        first.append(button(Verb.STYLE_EXPORT, style.id, text.EXPORT, locale))
    if card.viewer in style.contributors:
        first.append(take_back_style(style.id, locale))
    second = []
    if rights.rename and not style.licence and style.origin is not StyleOrigin.TRAINED:
        second.append(button(Verb.STYLE_LICENCE, style.id, text.LICENCE, locale))
    if rights.share or rights.unshare:
        second.append(button(Verb.STYLE_SHARE, style.id, text.SHARE, locale))
    if rights.rename:
        second.append(button(Verb.STYLE_RENAME, style.id, text.RENAME, locale))
    if rights.delete:
        second.append(button(Verb.STYLE_DELETE, style.id, text.DELETE, locale, ButtonStyle.danger))
    return [ui.ActionRow(*row) for row in (first, second) if row]
