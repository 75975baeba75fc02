"""Validation of requests to train: a problem for one that cannot be done."""

from __future__ import annotations

import math

from generation.protocol.options import ModelCard
from generation.protocol.problems import Code
from generation.protocol.requests import MAX_PICTURES
from generation.protocol.training import (
    Checkpoints,
    DreamBooth,
    EditTraining,
    Finetune,
    Lora,
    Method,
    Optimizer,
    Recipe,
    Taste,
    TextualInversion,
    Train,
)
from generation.requests.refused import Refused
from generation.requests.sizes import MIN_SIDE
from generation.requests.validation import MAX_GUIDANCE, MAX_NAME, MAX_SEED, MAX_STEPS

MAX_RANK = 256
MAX_VECTORS = 8
MAX_TRAINING_STEPS = 1_000_000
MAX_BATCH = 64
MAX_ACCUMULATION = 256
LEAST_RATE = 1e-9
MAX_RATE = 10.0
MAX_VARIANTS = 64
MOST_SIDE = 2
"""Multiple of the model's longer side; pictures are not scaled to more."""
MAX_CLASS_PICTURES = 1000
MAX_PRIOR_WEIGHT = 10.0
MAX_SNR_GAMMA = 100.0
MAX_BETA = 100_000.0
MAX_DECAY = 0.999999
"""Of an average of weights; with 1 it would never move."""
MAX_DROPPED = 0.9
"""Sum of the chances that something is left out in edit training."""
MAX_PROMPTS = 16
"""Pictures of a sample grid."""
MAX_WORDS = 1000
"""Characters of a prompt or a trigger in a request to train."""
MAX_TOKEN = 50
"""Characters of a new word."""


def check_training(request: Train, card: ModelCard, model: str) -> None:
    """Raise `Refused` if the request cannot be done, whatever its pictures are.

    `model` is what the loaded model was asked for as.
    """
    if request.model not in (card.name, model):
        raise Refused(Code.OTHER_MODEL, model=request.model, loaded=card.name)
    if not request.data.is_dir():
        raise Refused(Code.TRAIN_NO_FOLDER, folder=str(request.data))
    if not request.out.is_dir():
        raise Refused(Code.TRAIN_NO_OUT, folder=str(request.out))
    check_name(request.name)
    _check_words("trigger", request.trigger)
    _check_method(request.method)
    _check_recipe(request.recipe, card)
    _check_checkpoints(request.checkpoints)


def check_name(name: str) -> None:
    """Raise `Refused` for a name that cannot be that of a file everywhere."""
    bare = name.strip() == name and name.isprintable() and not name.startswith(".")
    if not bare or not 1 <= len(name.encode()) <= MAX_NAME or set(name) & set('/\\:*?"<>|'):
        raise Refused(Code.TRAIN_RESULT_NAME, most=MAX_NAME)


def check_token(token: str) -> None:
    """Raise `Refused` for a new word that a prompt could not hold as one."""
    fits = 1 <= len(token) <= MAX_TOKEN and token.isprintable()
    if not fits or len(token.split()) != 1 or set(token) & set("()[]{}|,:"):
        raise Refused(Code.TRAIN_WORD, most=MAX_TOKEN)


def _check_method(method: Method) -> None:
    match method:
        case Lora(rank=rank) | Taste(rank=rank):
            _check_range("rank", rank, 1, MAX_RANK)
        case TextualInversion():
            _check_range("vectors", method.vectors, 1, MAX_VECTORS)
            _check_words("initializer", method.initializer)
            check_token(method.token)
        case DreamBooth():
            _check_dreambooth(method)
        case Finetune(ema_decay=decay):
            _check_range("ema_decay", decay, 0, MAX_DECAY)
        case EditTraining():
            drops = (method.drop_text, method.drop_image, method.drop_both)
            for name, drop in zip(("drop_text", "drop_image", "drop_both"), drops, strict=True):
                _check_range(name, drop, 0, MAX_DROPPED)
            if sum(drops) > MAX_DROPPED:
                raise Refused(Code.TRAIN_DROPS, most=MAX_DROPPED)
            _check_range("ema_decay", method.ema_decay, 0, MAX_DECAY)
    if isinstance(method, Taste):
        _check_range("beta", method.beta, LEAST_RATE, MAX_BETA)


def _check_dreambooth(method: DreamBooth) -> None:
    _check_words("instance_prompt", method.instance_prompt)
    _check_words("class_prompt", method.class_prompt)
    _check_range("class_pictures", method.class_pictures, 1, MAX_CLASS_PICTURES)
    _check_range("prior_weight", method.prior_weight, 0, MAX_PRIOR_WEIGHT)
    if method.class_data is not None and not method.class_data.is_dir():
        raise Refused(Code.TRAIN_NO_FOLDER, folder=str(method.class_data))
    if method.lora is not None:
        _check_range("rank", method.lora.rank, 1, MAX_RANK)
        if method.text_encoder:
            raise Refused(Code.TRAIN_TEXT_ENCODER)


def _check_recipe(recipe: Recipe, card: ModelCard) -> None:
    most = MAX_TRAINING_STEPS
    if recipe.steps is not None:
        _check_range("steps", recipe.steps, 1, most)
    _check_range("batch", recipe.batch, 1, MAX_BATCH)
    _check_range("accumulation", recipe.accumulation, 1, MAX_ACCUMULATION)
    if recipe.rate is not None:
        _check_range("rate", recipe.rate, LEAST_RATE, MAX_RATE)
    _check_range("warmup", recipe.warmup, 0, recipe.steps or most)
    if recipe.snr_gamma is not None:
        _check_range("snr_gamma", recipe.snr_gamma, LEAST_RATE, MAX_SNR_GAMMA)
    _check_range("variants", recipe.variants, 1, MAX_VARIANTS)
    _check_range("seed", recipe.seed, 0, MAX_SEED - MAX_PICTURES)
    if recipe.side is not None:
        _check_range("side", recipe.side, MIN_SIDE, MOST_SIDE * max(card.width, card.height))
    if recipe.optimizer is Optimizer.ADAMW_8BIT and not card.device.startswith("cuda"):
        raise Refused(Code.TRAIN_NEEDS_GPU, optimizer=recipe.optimizer.value)


def _check_checkpoints(checkpoints: Checkpoints) -> None:
    _check_range("every", checkpoints.every, 1, MAX_TRAINING_STEPS)
    _check_range("prompts", len(checkpoints.prompts), 0, MAX_PROMPTS)
    for prompt in checkpoints.prompts:
        _check_words("prompts", prompt)
    if checkpoints.sample_steps is not None:
        _check_range("sample_steps", checkpoints.sample_steps, 1, MAX_STEPS)
    if checkpoints.guidance is not None:
        _check_range("guidance", checkpoints.guidance, 1, MAX_GUIDANCE)


def _check_range(setting: str, given: float, least: float, most: float) -> None:
    if not (math.isfinite(given) and least <= given <= most):
        raise Refused(Code.TRAIN_RANGE, setting=setting, least=least, most=most, given=given)


def _check_words(setting: str, given: str) -> None:
    if len(given) > MAX_WORDS:
        raise Refused(Code.TRAIN_WORDS, setting=setting, most=MAX_WORDS)
