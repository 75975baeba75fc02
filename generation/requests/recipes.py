"""Recipes: how long and how fast each method trains unless somebody says otherwise."""

from __future__ import annotations

import dataclasses

from generation.catalog.entries import find
from generation.protocol.training import (
    DreamBooth,
    EditTraining,
    Finetune,
    Lora,
    Method,
    Recipe,
    Taste,
    TextualInversion,
    Train,
)

USUAL: dict[type[Method], Recipe] = {
    Lora: Recipe(steps=1000, rate=1e-4),
    TextualInversion: Recipe(steps=3000, rate=5e-4, snr_gamma=None),
    DreamBooth: Recipe(steps=500, rate=1e-4),
    Finetune: Recipe(steps=2000, rate=1e-5),
    EditTraining: Recipe(steps=10_000, rate=1e-4, batch=4, flip=True),
    Taste: Recipe(steps=1000, rate=1e-4),
}
"""Steps and rates that recur across the scripts that people train with."""

WHOLE_MODEL = 5e-6
"""Learning rate of DreamBooth's full form."""


def name_of(method: Method) -> str:
    """Return the name of a method on the command line and in metadata."""
    return NAMES[type(method)]


NAMES: dict[type[Method], str] = {
    Lora: "lora",
    TextualInversion: "textual-inversion",
    DreamBooth: "dreambooth",
    Finetune: "finetune",
    EditTraining: "edit",
    Taste: "taste",
}


def completed(request: Train) -> Train:
    """Return the request with the steps and the rate that suit its method and its model."""
    own, usual = request.recipe, usual_recipe(request)
    recipe = dataclasses.replace(
        own,
        steps=usual.steps if own.steps is None else own.steps,
        rate=usual.rate if own.rate is None else own.rate,
    )
    return dataclasses.replace(request, recipe=recipe)


def usual_recipe(request: Train) -> Recipe:
    """Return the recipe that suits a request's method and model."""
    method, entry = request.method, find(request.model)
    recipes = {} if entry is None else entry.recipes
    whole = isinstance(method, DreamBooth) and method.lora is None
    own = recipes.get(NAMES[Finetune] if whole else name_of(method))
    usual = USUAL[type(method)]
    return own or (dataclasses.replace(usual, rate=WHOLE_MODEL) if whole else usual)
