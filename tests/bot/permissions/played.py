"""One cell of the table, played: who does what, what they are told, and what has changed."""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.bot.permissions.gestures import GESTURES, Effect
from tests.bot.permissions.house import House, Person, changes, messages_of
from tests.bot.permissions.subjects import Subject, Subjects
from tests.bot.permissions.table import SECTIONS, Row


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a gesture."""

    result: Any
    words: str
    answer: str
    changed: list[str]


class Matrix:
    """Plays the cells of a section in one house."""

    def __init__(self, house: House, section: str) -> None:
        self.house, self.subjects = house, Subjects(house)
        _, self.sentences = SECTIONS[section]
        self._never: dict[tuple[str, str], Outcome] = {}
        self._last: tuple[int, dict[str, Any]] = -1, {}

    async def wrong(self, row: Row, person: Person) -> str | None:
        """Play a cell; return what is wrong with it, or None."""
        cell = row.cells[person.name]
        subject = await self._subject(row)
        tastes = row.subject.endswith("tastes")
        outcome = await self._play(row.gesture, person, subject, member_tastes=tastes)
        if cell == "yes":
            found = await self._wrong_effect(row, person, subject, outcome)
            if outcome.changed:
                await self._tidy()
            return found
        if GESTURES[row.gesture].effect is Effect.CALLS and cell == "-":
            found = await self._wrong_without(outcome)
            await self._tidy()
            return found
        if outcome.changed and not (cell == "mute" and outcome.changed == ["reactions"]):
            await self._tidy()
            return f"changed {outcome.changed}, and said {outcome.words[:100]!r}"
        if cell == "mute":
            return None
        return await self._wrong_refusal(row, person, outcome)

    async def _subject(self, row: Row) -> Subject:
        kind, *_ = row.subject.split(",")
        return Subject() if kind == "nothing" else await self.subjects.get(kind)

    async def _play(
        self, gesture: str, person: Person, subject: Subject, *, member_tastes: bool = False
    ) -> Outcome:
        house = self.house
        await house.turn_of(person, member_tastes=member_tastes)
        # Between two gestures nothing changes that is not in the database as well.
        version, before = self._last
        if version != house.version():
            before = house.state()
        result = await GESTURES[gesture].play(house, person, subject)
        await house.at_rest()
        after = house.state()
        self._last = house.version(), after
        return Outcome(
            result=result,
            words="" if result is None else house.words(result),
            answer=subject.hidden(house.answer(result)),
            changed=changes(before, after),
        )

    async def _of_never(self, gesture: str, person: Person) -> Outcome:
        """Return what comes of the same gesture about what never existed."""
        key = gesture, person.name
        if key not in self._never:
            self._never[key] = await self._play(gesture, person, self.subjects.never())
        return self._never[key]

    async def _wrong_refusal(self, row: Row, person: Person, outcome: Outcome) -> str | None:
        cell = row.cells[person.name]
        if GESTURES[row.gesture].effect is not Effect.SUGGESTS:
            if outcome.result.modal is not None or len(messages_of(outcome.result)) != 1:
                return f"is not answered in one sentence: {outcome.answer[:200]}"
            if not outcome.result.ephemeral:
                return f"is answered in public: {outcome.words[:100]!r}"
        if cell == "-":
            return await self._wrong_silence(row.gesture, person, outcome)
        sentence = self.sentences[cell]
        begins = cell == "all" and outcome.words.startswith(sentence)
        return None if begins or outcome.words == sentence else f"says {outcome.words[:200]!r}"

    async def told_apart(self, gesture: str, subject: Subject, person: Person) -> str | None:
        """Return what tells a subject from what never existed, or None if nothing does."""
        outcome = await self._play(gesture, person, subject)
        if outcome.changed:
            return f"changed {outcome.changed}"
        return await self._wrong_silence(gesture, person, outcome)

    async def _wrong_silence(self, gesture: str, person: Person, outcome: Outcome) -> str | None:
        never = await self._of_never(gesture, person)
        if never.answer != outcome.answer:
            return f"differs: {difference(outcome.answer, never.answer)}"
        return f"changed {never.changed}" if never.changed else None

    async def _wrong_effect(
        self, row: Row, person: Person, subject: Subject, outcome: Outcome
    ) -> str | None:
        """Return what is wrong about a gesture that is allowed."""
        effect, said = GESTURES[row.gesture].effect, outcome.words[:200]
        if said in self.sentences.values():
            return f"is refused: {said!r}"
        if effect in (Effect.SHOWS, Effect.FORM, Effect.SUGGESTS) and outcome.changed:
            return f"changed {outcome.changed}"
        match effect:
            case Effect.SHOWS:
                if not outcome.result.ephemeral or not messages_of(outcome.result):
                    return f"is not shown in private: {said!r}"
                if row.subject != "nothing":
                    never = await self._of_never(row.gesture, person)
                    alike = never.answer == outcome.answer and row.gesture not in ABOUT_ONESELF
                    return f"shows nothing of it: {said!r}" if alike else None
            case Effect.FORM:
                return None if outcome.result.modal else f"shows no form: {said!r}"
            case Effect.SUGGESTS:
                return None if outcome.result.autocomplete_choices else "suggests nothing"
            case Effect.CHANGES:
                return None if outcome.changed else f"changed nothing: {said!r}"
            case Effect.PAINTS | Effect.CALLS:
                styles = await self._painted(outcome)
                return None if styles == [subject.style_id] else f"painted with {styles}: {said!r}"
        return None

    async def _wrong_without(self, outcome: Outcome) -> str | None:
        styles = await self._painted(outcome)
        return None if styles == [] else f"painted with {styles}: {outcome.words[:200]!r}"

    async def _painted(self, outcome: Outcome) -> list[int] | None:
        """Return the styles of the round that was painted; None if none was."""
        if "rounds" not in outcome.changed:
            return None
        round_ = await self.house.world.newest()
        asked = self.house.world.requests()[-1]
        styles = [each["style_id"] for each in round_.parameters.get("styles", ())]
        told = [each[2] for each in (*asked["adapters"], *asked["offered"])]
        assert len(told) == len(styles)
        return styles

    async def _tidy(self) -> None:
        """Take back what would come in the way of the cells that follow."""
        store = self.house.store
        for dataset in await store.datasets.open():
            await store.datasets.close(dataset.id)
        async with store._database.transaction() as transaction:
            await transaction.rows("DELETE FROM preferences")
            await transaction.rows("DELETE FROM channel_styles")
        self.subjects.forget()


def difference(one: str, other: str) -> str:
    """Return where two answers begin to differ."""
    pairs = enumerate(zip(one, other, strict=False))
    place = max(20, next((place for place, (a, b) in pairs if a != b), 0))
    return f"… {one[place - 20 : place + 60]} … {other[place - 20 : place + 60]} …"


ABOUT_ONESELF = {"/privacy", "privacy", "revoke-all", "revoke-for", "/privacy member"}
"""Gestures that name nothing but a member, and show the same whatever else exists."""
