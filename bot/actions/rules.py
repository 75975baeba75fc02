"""Rules: who may paint what where; every rule is checked here again, whatever Discord shows."""

from __future__ import annotations

from collections.abc import Collection

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.errors import Refusal
from bot.settings import Settings
from bot.text import introduction, refusals
from bot.text.markdown import channels
from bot.text.phrases import Permissions
from generation.catalog.bases import EMBEDDED
from generation.catalog.entries import find
from generation.protocol.options import ModelCard
from generation.protocol.requests import Filter
from storage.records import Job, RoundPlace, Server


class Rules:
    """The rules of the host and of a server's admins."""

    def __init__(self, settings: Settings, hosts: Collection[int]) -> None:
        self._settings = settings
        self._hosts = frozenset(hosts)

    def allow_painting(self, asker: Asker, server: Server, card: ModelCard | None) -> None:
        """Raise `Refusal` if this member may not paint in this place.

        card: the model's, None while it is being loaded.
        """
        self.allow_place(asker, server)
        model, anything_goes = self._settings.model, self._mildest is Filter.OFF
        if paints_no_adult_pictures(model) or (asker.age_restricted and anything_goes):
            return
        if card is None:  # whether it has a safety checker is not known before it is loaded
            raise Refusal(refusals.STILL_LOADING, model=model)
        if needs_age_restriction(model, card):
            phrase = refusals.NEEDS_AGE_RESTRICTION if anything_goes else refusals.NEEDS_CHECKER
            raise Refusal(phrase, model=model)

    def filter(self, asker: Asker, server: Server) -> Filter:
        """Return the content filter of a place: adult content needs an age-restricted channel.

        Discord forbids it elsewhere, even behind a spoiler.
        """
        return self.chosen_filter(server) if asker.age_restricted else Filter.WITHHOLD

    def chosen_filter(self, server: Server) -> Filter:
        """Return the stricter of the server's filter for age-restricted channels and the host's."""
        return stricter(self._mildest, Filter(server.content_filter))

    def allow_filter(self, wanted: Filter) -> None:
        """Raise `Refusal` if the host requires a stricter filter."""
        if stricter(self._mildest, wanted) is not wanted:
            raise Refusal(refusals.FILTER_TOO_MILD, mildest=introduction.FILTERS[self._mildest])

    @property
    def _mildest(self) -> Filter:
        return Filter(self._settings.mildest_filter)

    def allow_place(self, asker: Asker, server: Server) -> None:
        """Raise `Refusal` if the bot does not paint in this place for anyone."""
        allowed = self._settings.allowed_servers
        if allowed and asker.server_id not in (*allowed, DIRECT_MESSAGES):
            raise Refusal(refusals.SERVER_NOT_ALLOWED, server=asker.server_id)
        here = {asker.channel_id, asker.parent_channel_id}
        if server.channels and here.isdisjoint(server.channels):
            raise Refusal(refusals.CHANNEL_NOT_CHOSEN, channels=channels(server.channels))
        if asker.lacking:
            raise Refusal(refusals.BOT_LACKS_PERMISSIONS, permissions=Permissions(asker.lacking))

    def needs_acquaintance(self, asker: Asker) -> bool:
        """Return True if only members of an allowed server may paint here."""
        return (
            asker.server_id == DIRECT_MESSAGES
            and bool(self._settings.allowed_servers)
            and not self.is_host(asker)
        )

    def is_host(self, asker: Asker) -> bool:
        """Return True if the member is the bot's host."""
        return asker.member_id in self._hosts

    def allow_cancel(self, asker: Asker, job: Job) -> None:
        """Raise `Refusal` unless they made the request or moderate the channel it is in."""
        if asker.member_id != job.member_id and not self._moderates(asker, [job.channel_id]):
            raise Refusal(refusals.NOT_YOURS_TO_CANCEL)

    def allow_delete(self, asker: Asker, place: RoundPlace) -> None:
        """Raise `Refusal` unless they made the request or moderate where it was posted."""
        # On a group board, others than its owner ask for rounds, too.
        theirs = asker.member_id in (place.owner_id, place.asked_by)
        if not theirs and not self._moderates(asker, place.channel_ids):
            raise Refusal(refusals.NOT_YOURS_TO_DELETE)

    def allow_reset(self, asker: Asker, place: RoundPlace) -> None:
        """Raise `Refusal` unless the board is theirs."""
        if asker.member_id != place.owner_id:
            raise Refusal(refusals.NOT_YOURS_TO_RESET)

    def allow_settings(self, asker: Asker) -> None:
        """Raise `Refusal` unless they may manage the server they are in."""
        if asker.server_id == DIRECT_MESSAGES:
            raise Refusal(refusals.SERVERS_ONLY)
        if not asker.manages_server:
            raise Refusal(refusals.ADMINS_ONLY)

    def waiting(self, server: Server) -> int:
        """Return how many requests a member may have waiting, by the server and the host."""
        host = self._settings.waiting_per_member
        return host if server.waiting_per_member is None else min(host, server.waiting_per_member)

    def pictures_per_day(self, server: Server) -> int:
        """Return how many pictures a member may paint in 24 hours; 0 means no limit."""
        limits = (self._settings.pictures_per_day, server.pictures_per_day or 0)
        return min((limit for limit in limits if limit), default=0)

    def _moderates(self, asker: Asker, channel_ids: Collection[int]) -> bool:
        """Return True for the host, and for moderators of the channel that all this is in."""
        # Of other channels it is not known here who moderates them.
        here = all(channel_id == asker.channel_id for channel_id in channel_ids)
        return self.is_host(asker) or (asker.manages_messages and here)


def stricter(one: Filter, other: Filter) -> Filter:
    """Return the stricter of two filters."""
    return max(one, other, key=list(Filter).index)


def paints_no_adult_pictures(model: str) -> bool:
    """Return True if a model may be used anywhere, with or without a safety checker.

    Only one whose training pictures we drew ourselves: a filter of pictures from the web, as of
    those of Stable Diffusion 2, is a classifier that misses some like any other.
    """
    known = find(model)
    return known is not None and known.name == EMBEDDED


def needs_age_restriction(model: str, card: ModelCard) -> bool:
    """Return True if a model may paint adult content with no filter to stop it.

    model: the name that was requested, as a file can be named after any model.
    """
    return not card.has_safety_checker and not paints_no_adult_pictures(model)
