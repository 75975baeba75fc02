"""Plans of trainings: what members choose, checked, and the request that it makes for a model."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from bot.actions.styles.naming import checked_name
from bot.errors import Refusal
from bot.text.training import datasets as text
from generation.catalog.entries import find
from generation.protocol.training import (
    Checkpoints,
    DreamBooth,
    EditTraining,
    Finetune,
    Lora,
    Method,
    Objective,
    Recipe,
    Taste,
    TextualInversion,
    Train,
)
from generation.requests.recipes import usual_recipe
from generation.requests.refused import Refused
from generation.requests.training import check_name, check_token

METHODS = ("lora", "embedding", "dreambooth", "finetune", "edit", "taste")
"""Methods by their subcommands; forms hold their places, so that the order never changes."""
SOURCES = ("upload", "thread", "likes")
"""Where the pictures come from, likewise."""
CAPTIONS = ("template", "own")
"""Where captions come from, likewise."""
WHOLE = ("finetune", "edit")
"""Methods whose result is a model on the host's disk."""
EMBEDDED = "shapes"
"""The model whose attention is too small to learn new shapes."""

MOST_TRIGGER = 40
MOST_CLASS = 40
MOST_CAPTION = 500
MOST_STEPS = 20_000
"""Steps of a training that is started in Discord: twice as many as any method usually takes."""
FORBIDDEN = '/\\:*?"<>|'
"""Characters that names of files cannot have everywhere."""
MOST_FILE_NAME = 96
"""Bytes of a file's name without its ending."""
LEAST_EVERY = 100
"""Least steps between two checkpoints."""
EVERY_SHARE = 10
"""Checkpoints of a training, unless it is too short for so many."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The training that a data set is for; kept as plain JSON with it."""

    method: str
    name: str
    trigger: str = ""
    class_word: str = ""
    captions: str = "template"
    source: str = "upload"
    scope: str = "private"
    steps: int | None = None
    liked: int = 0
    disliked: int = 0
    """Of a taste: pictures of either kind."""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Plan:
        """Return the plan that is stored with a data set."""
        known = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})

    def stored(self) -> dict[str, Any]:
        """Return the plan as plain JSON."""
        return dataclasses.asdict(self)

    @property
    def words(self) -> str:
        """The trigger with the class, as they stand in captions and prompts."""
        return f"{self.trigger} {self.class_word}".strip()


def file_name_of(name: str) -> str:
    """Return a style's name as one that a file can have everywhere."""
    letters = "".join("-" if letter in FORBIDDEN else letter for letter in name)
    short = letters.encode()[:MOST_FILE_NAME].decode(errors="ignore").strip(" .")
    try:
        check_name(short)
    except Refused:
        return "style"
    return short


def plain_words(given: str, most: int) -> str:
    """Return words for captions without what means something else in a prompt."""
    given = unicodedata.normalize("NFKC", given)
    kept = "".join(
        letter if letter.isalnum() or letter in "-_'" or unicodedata.combining(letter) else " "
        for letter in given
    )
    return " ".join(kept.split())[:most].strip()


def trigger_of(given: str, name: str, method: str) -> str:
    """Return the trigger word: as given, else after the name; an embedding's is one new word."""
    words = plain_words(given, MOST_TRIGGER) or plain_words(name, MOST_TRIGGER) or "style"
    if method != "embedding":
        return words
    token = f"<{words.replace(' ', '-')}>"
    try:
        check_token(token)
    except Refused as refused:
        raise Refusal.of(refused.problem) from refused
    return token


def check_steps(steps: int | None) -> None:
    """Raise `Refusal` for a number of steps that no training can have."""
    if steps is not None and not 1 <= steps <= MOST_STEPS:
        raise Refusal(text.STEPS_IMPOSSIBLE, most=MOST_STEPS)


def planned(
    *,
    method: str,
    name: str,
    trigger: str = "",
    class_word: str = "",
    captions: str = "template",
    source: str = "upload",
    steps: int | None = None,
) -> Plan:
    """Return the plan of what a member entered; `Refusal` for what cannot be."""
    name = checked_name(name)
    class_word = plain_words(class_word, MOST_CLASS)
    if method == "dreambooth" and not class_word:
        raise Refusal(text.CLASS_NEEDED)
    check_steps(steps)
    has_words = method not in ("taste", "edit")
    return Plan(
        method=method,
        name=name,
        trigger=trigger_of(trigger, name, method) if has_words else "",
        class_word=class_word if has_words else "",
        captions=captions,
        source=source,
        scope="mine" if method == "taste" else "private",
        steps=steps,
    )


def method_of(plan: Plan, model: str) -> Method:
    """Return the method that a plan stands for, with the settings that suit a model."""
    known = find(model)
    small = known is not None and known.name == EMBEDDED
    lora = Lora(mlp=small, conv=small)
    match plan.method:
        case "lora":
            return lora
        case "embedding":
            return TextualInversion(token=plan.trigger, initializer=plan.class_word)
        case "dreambooth":
            own = plan.captions == "own"
            return DreamBooth(
                instance_prompt="" if own else f"a {plan.words}",
                class_prompt=f"a {plan.class_word}",
                lora=lora,
            )
        case "finetune":
            return Finetune()
        case "edit":
            return EditTraining()
        case _:
            return Taste(objective=Objective.KTO if plan.disliked else Objective.LIKED)


def recipe_of(plan: Plan, request: Train) -> Recipe:
    """Return the recipe that suits a request's method and model, with the plan's own steps."""
    usual = usual_recipe(request)
    return usual if plan.steps is None else dataclasses.replace(usual, steps=plan.steps)


def sample_prompts(plan: Plan) -> tuple[str, ...]:
    """Return the prompts of the sample grid; none where those of the data are better."""
    if plan.method in ("taste", "edit", "finetune"):
        return ()
    words = plan.words
    return (
        f"a {words}",
        f"a red {words}",
        f"a large blue {words} on a white background",
        f"a small green {words} on a black background",
    )


def complete(plan: Plan, request: Train) -> Train:
    """Return a request with the method, recipe, checkpoints and words of a plan.

    The same plan and model give the same, whoever's pictures there are.
    """
    request = dataclasses.replace(
        request,
        method=method_of(plan, request.model),
        name=file_name_of(plan.name),
        trigger=plan.trigger,
    )
    recipe = recipe_of(plan, request)
    every = max(1, min(max(LEAST_EVERY, (recipe.steps or 0) // EVERY_SHARE), recipe.steps or 1))
    return dataclasses.replace(
        request,
        recipe=recipe,
        checkpoints=Checkpoints(every=every, prompts=sample_prompts(plan)),
    )


def numbers_in(written: str) -> Sequence[int]:
    """Return the whole numbers in a line, such as "2, 5"; `Refusal` for anything else."""
    parts = [
        part for part in re.split(r"[\s,、，]+", unicodedata.normalize("NFKC", written)) if part
    ]
    if not all(re.fullmatch(r"[0-9]{1,6}", part) for part in parts):
        raise Refusal(text.NUMBERS_NOT_UNDERSTOOD, given=written[:40])
    return sorted({int(part) for part in parts})


def captions_in(written: str) -> dict[int, str]:
    """Return captions by the numbers before them; a line without one is the next picture's."""
    found: dict[int, str] = {}
    number = 0
    for line in written.splitlines():
        said = re.match(r"\s*([0-9０-９]{1,6})\s*[:：]\s*(.*)", line)
        if said is None and not line.strip():
            continue
        number = number + 1 if said is None else int(said[1])
        found[number] = (line if said is None else said[2]).strip()[:MOST_CAPTION]
    return found
