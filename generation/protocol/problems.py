"""Problems: every reason to refuse a request, as a code with an English sentence and its values."""

from __future__ import annotations

import dataclasses
import enum
import json
import string
from collections.abc import Mapping
from typing import Any, Union

Value = Union[int, float, str, "Problem"]


@enum.unique
class Code(enum.Enum):
    """Kind of problem; its value is the English template for the command line and the log.

    Jobs on disk keep the names.
    """

    # Numbers of a request.
    COUNT = "Ask for 1 to {most} pictures, not {given}."
    STEPS = "Ask for 1 to {most} steps, not {given}."
    GUIDANCE = "Guidance goes from 1 to {most:g}, not {given:g}."
    SCHEDULER = "There is no scheduler {given}; use {names}."
    SEED = "A seed is a whole number from 0 to {most:,}."
    OTHER_MODEL = "This picture needs the model {model}, but {loaded} is loaded."
    NO_FOLDER = "There is no folder {folder} to paint into."

    # Sizes.
    ASPECT = "A side can be up to {most:g} times as long as the other."
    WIDTH_TOO_SMALL = "The width must be at least {least} pixels, not {given}."
    HEIGHT_TOO_SMALL = "The height must be at least {least} pixels, not {given}."
    WIDTH_NOT_MULTIPLE = (
        "The width must be a multiple of {multiple}; nearest to {given} is {nearest}."
    )
    HEIGHT_NOT_MULTIPLE = (
        "The height must be a multiple of {multiple}; nearest to {given} is {nearest}."
    )
    AREA = (
        "{width} × {height} is too large for this model; it paints up to the area of "
        "{side} × {side}."
    )
    MEMORY_SIZE_OR_STEERING = (
        "{width} × {height} with {steering} pictures that steer takes {needed:.2f} GB of memory, "
        "and {limit:.2f} GB may be used. Ask for at most {better_width} × {better_height}, or let "
        "at most {count} pictures steer."
    )
    MEMORY_SIZE = (
        "{width} × {height} takes {needed:.2f} GB of memory, and {limit:.2f} GB may be used. "
        "Ask for at most {better_width} × {better_height}."
    )
    MEMORY_STEERING = (
        "{steering} pictures that steer take more memory than the {limit:.2f} GB that may be used; "
        "let at most {count} pictures steer."
    )
    MEMORY_NOTHING = (
        "That takes {needed:.2f} GB of memory, and {limit:.2f} GB may be used. It takes a smaller "
        "model, or more memory."
    )
    SIZE_LARGE = "The model was made for {native}: at {size} it repeats itself. Try {better}."
    SIZE_SMALL = "The model was made for {native}: at {size} it loses detail. Try {better}."

    # Adapters.
    ADAPTERS = "At most {most} adapters act together, not {given}."
    ADAPTER_STRENGTH = "An adapter's strength goes from -{most:g} to {most:g}, not {given:g}."
    ADAPTER_DIGEST = "An adapter is named by the SHA-256 of its file."
    ADAPTER_NAME = "An adapter's name has at most {most} characters."
    ADAPTER_TWICE = "Name each adapter once; its strength says how much it acts."
    ADAPTERS_IMAGIC = "A model fitted to one picture takes no adapters."
    ADAPTERS_EDIT = "Adapters act where pictures are painted, not on edits by words."
    ADAPTER_UNKNOWN = "There is no adapter {name} here; there is: {near}."
    ADAPTER_NONE = "There is no adapter {name} here, nor any other."
    ADAPTER_TAG = "The strength of {name} cannot be read; write a number there, such as 0.8."
    ADAPTER_EMBEDDING_STRENGTH = (
        "The embedding {name} stands for a word, which is weighed in the prompt: ({name}:0.8)."
    )
    ADAPTER_TOO_LARGE = "The adapter {name} is larger than {most} GiB."
    ADAPTER_MISSING = "The adapter {name} cannot be read."
    ADAPTER_CHANGED = "The adapter {name} is not the file it was."
    ADAPTER_NOT_SAFETENSORS = "The adapter {name} is not a .safetensors file."
    ADAPTER_PICKLE = (
        "The adapter {name} is not a .safetensors file. It is a pickle or an archive, which could "
        "run code, so it was not opened."
    )
    ADAPTER_CUT = "The adapter {name} is not as long as it says; download it again."
    ADAPTER_KIND = (
        "The adapter {name} is of the kind {kind}, which Konomi cannot apply; use a LoRA, LoCon or "
        "DoRA."
    )
    ADAPTER_WHOLE = (
        "The adapter {name} changes weights of the model other than by LoRA, which Konomi cannot "
        "apply."
    )
    ADAPTER_TENSOR = "The adapter {name} has a tensor that Konomi does not know: {tensor}."
    ADAPTER_LAYER_TWICE = "The adapter {name} changes the layer {layer} twice."
    ADAPTER_INCOMPLETE = "The adapter {name} is not a whole LoRA or embedding."
    ADAPTER_OTHER_BASE = (
        "The adapter {name} was made for {base}, but {loaded} is loaded; choose one that was made "
        "for it."
    )
    ADAPTER_OTHER_MODEL = "The adapter {name} was made for another kind of model."
    ADAPTER_RANK = "The adapter {name} has a rank that is not 1 to {most}."
    ADAPTER_VECTORS = "The embedding {name} does not have 1 to {most} vectors."
    ADAPTER_DTYPE = "The adapter {name} holds numbers that are neither of 16 nor of 32 bits."
    ADAPTER_NOT_FINITE = "The adapter {name} holds values that are not finite."
    ADAPTER_ALPHA = "The adapter {name} has an alpha that is not a number above 0."
    ADAPTER_SETTINGS = "The adapter {name} says nothing readable of its settings."

    # Training.
    TRAIN_NO_FOLDER = "There is no folder {folder} with pictures to train on."
    TRAIN_NO_PICTURES = "There is no picture in {folder}; put PNG, JPEG or WebP files there."
    TRAIN_TOO_MANY = "{given} pictures are too many; train on at most {most}."
    TRAIN_NAME = (
        "metadata.jsonl names {name}; write the name of a picture in the same folder, without"
        " slashes."
    )
    TRAIN_MISSING = (
        "metadata.jsonl names {name}, which is not in the folder; add the picture or delete "
        "its line."
    )
    TRAIN_PICTURE = (
        "{name} cannot be read as a picture; save it anew as PNG or JPEG, or take it out."
    )
    TRAIN_PICTURE_TOO_LARGE = "{name} is larger than {most} MiB; save it smaller, or take it out."
    TRAIN_METADATA = "Line {line} of {name} cannot be read; each line must be a JSON object."
    TRAIN_CAPTION = "The caption {name} cannot be read; save it as a short text in UTF-8."
    TRAIN_DUPLICATE = "{name} is the same picture as {other}; it counts once."
    TRAIN_NO_CAPTION = (
        "{name} has no caption; write one into a .txt file beside it, or give a prompt for "
        "all pictures."
    )
    TRAIN_INITIALIZER = "The text encoder cannot read {word}; choose another word to begin from."
    TRAIN_WORD_KNOWN = "The model knows {word} already; choose a word of your own, such as <rocky>."
    TRAIN_WORD = (
        "A new word is one word of up to {most} characters without brackets or commas, such "
        "as <rocky>."
    )
    TRAIN_OTHER_RUN = (
        "The folder {folder} holds another training; choose an empty folder, or repeat that "
        "training's settings."
    )
    TRAIN_NEEDS_GPU = "The optimizer {optimizer} needs a GPU; choose adamw."
    TRAIN_NO_OPTIMIZER = (
        "The optimizer {optimizer} is not installed; run pip install konomi[gpu], or choose adamw."
    )
    TRAIN_NOT_FINITE = (
        "The loss was no longer a number at step {step}; halve the learning rate, and train anew."
    )
    TRAIN_DIVERGED = (
        "The loss grew without end up to step {step}; halve the learning rate, and train anew."
    )
    TRAIN_RATINGS_MISSING = (
        "There are no ratings: metadata.jsonl in the folder needs a line for each picture, with "
        "its file_name, and 1 or -1 as its rating."
    )
    TRAIN_RATING = "metadata.jsonl says of {name} a rating that is neither 1 nor -1."
    TRAIN_NO_LIKES = "A taste needs pictures that were liked, and none of these was."
    TRAIN_NO_DISLIKES = (
        "This way of training a taste needs pictures that were disliked, too; train on those that "
        "were liked instead."
    )
    TRAIN_NO_RATED_PAIRS = (
        "This way of training a taste needs a liked and a disliked picture of the same round; "
        "train on those that were liked instead."
    )
    TRAIN_NO_PRIOR_NOISE = (
        "This way of training a taste needs the seeds of pictures that were painted from a prompt "
        "alone, at the size to train at; {count} of these have none. Use plain pairs instead."
    )

    # Requests to train, and what their jobs run into.
    TRAIN_NO_OUT = "There is no folder {folder} to train into."
    TRAIN_RANGE = "{setting} goes from {least:g} to {most:g}, not {given:g}."
    TRAIN_WORDS = "{setting} can have up to {most} characters."
    TRAIN_RESULT_NAME = (
        "The result's name becomes that of a file: up to {most} characters, without any of "
        '/ \\ : * ? " < > |, and not starting with a dot.'
    )
    TRAIN_DROPS = "The chances to drop add up to at most {most:g}."
    TRAIN_TEXT_ENCODER = (
        "The whole text encoder is trained only together with the whole UNet: leave out the LoRA, "
        "or train the text encoder's LoRA."
    )
    TRAIN_MEMORY = (
        "The training takes about {needed:.2f} GB of memory, and {limit:.2f} GB may be used. "
        "{instead}"
    )
    TRAIN_OUT_OF_MEMORY = "The training does not fit into the device's memory. {instead}"
    TRAIN_SMALLER_BATCH = (
        "Take batches of {batch}, and {accumulation} of them in each step (accumulation)."
    )
    """One of the last sentences of the two above, as are the next four."""
    TRAIN_CHECKPOINTING = "Take batches of 1, and turn on gradient checkpointing."
    TRAIN_SMALLER_SIDE = (
        "Train on pictures of {side} pixels a side, in batches of 1, with gradient checkpointing."
    )
    TRAIN_LORA_INSTEAD = "Train a LoRA instead, which takes much less."
    TRAIN_SMALLER_MODEL = "It takes a smaller model, or more memory."
    TRAIN_DISK = (
        "The training writes about {needed:.2f} GB into {folder}, where {free:.2f} GB are free. "
        "Make room, or train a LoRA, which is small."
    )
    TRAIN_DISK_FULL = (
        "The disk is full, so no checkpoint could be written. Make room and train again: it goes "
        "on from the last one."
    )

    # Feedback.
    FEEDBACK_WINDOW = "Feedback starts and ends between 0 and 1, and starts before it ends."
    FEEDBACK_STRENGTH = "Feedback's strength goes from 0 to {most:g}, not {given:g}."
    FEEDBACK_FLOOR = "Feedback's floor goes from 0 to {most:g}, not {given:g}."
    FEEDBACK_DISLIKE_SCALE = "Feedback's dislike scale goes from 0 to {most:g}, not {given:g}."
    FEEDBACK_DISLIKE_END = "Dislikes end between 0 and 1, not at {given:g}."
    FEEDBACK_EXPLORE = "The share that explores goes from 0 to 1, not {given:g}."
    FEEDBACK_EXPLORE_GUIDANCE = (
        "The share of guidance that explorers take goes from 0 to 1, not {given:g}."
    )
    FEEDBACK_EXPLORE_AVOID = (
        "Feedback's weight of what explorers avoid goes from 0 to {most:g}, not {given:g}."
    )
    FEEDBACK_DROP = "The chance to drop the prompt goes from 0 to 1, not {given:g}."
    REFERENCES = "At most {most} pictures can steer, not {given}."
    REFERENCE_WEIGHT = "A reference's weight is a number from 0 up."
    CANNOT_STEER = "{model} cannot be steered by likes and dislikes."

    # Pictures to begin from.
    ENLARGEMENT = "A picture is enlarged 1 to {most} times, not {given}."
    STRENGTH = "Strength goes from above 0 to 1, not {given:g}."
    STRENGTH_TOO_LITTLE = (
        "With {steps} steps, a strength of {given:g} takes none of them; "
        "ask for at least {least:g}."
    )
    STRENGTH_TOO_LITTLE_LCM = (
        "With LCM, {steps} steps take a strength of at least {least:g}, not {given:g}; "
        "or ask for fewer steps."
    )
    PART = (
        "A part of a picture is left, top, right, bottom: shares from 0 to 1, and at least "
        "{least:g} wide and high."
    )
    RESTORED_WHOLE = "A picture is restored as a whole; a mask says where it is scratched."
    NOISE = "Noise goes from 0 (none) to {most:g}, not {given:g}."
    NOTHING_ANEW = "Nothing would be painted anew; make the mask white where something should."
    NOTHING_TO_RESTORE = (
        "There is nothing to restore: no scratches are marked or found, and no noise. Give a "
        "mask that is white where it is scratched, or say how much noise there is."
    )
    MASK_SIZE = (
        "The mask is {mask} pixels and the picture {picture}; paint it over a copy of the "
        "picture, so that every scratch is where it is."
    )
    MASK_ALL_WHITE = (
        "The mask is white all over, so there is nothing to restore from; leave black what "
        "is not scratched."
    )

    # Edits by words.
    NOTHING_TO_EDIT = "There is no picture to edit."
    NO_INSTRUCTION = "Say what is to be changed, such as: make the sky darker."
    IMAGE_GUIDANCE = "Image guidance goes from 1 to {most:g}, not {given:g}."
    CANNOT_EDIT = "{model} cannot edit pictures by words here."
    NOTHING_TO_FIT = "There is no picture to fit the model to."
    FITTED_ALONE = "A model fitted to one picture follows no likes, and paints no tiles."
    ETA = "η goes from 0 to {most:g}, not {given:g}."
    EMBEDDING_STEPS = "Fit the embedding in 1 to {most:,} steps, not {given}."
    TUNING_STEPS = "Fit the model in 1 to {most:,} steps, not {given}."

    # Prompts.
    BRACES_UNMATCHED = "Every {{ in the prompt needs its }}, as in {{red|blue}}."
    BRACES_TOO_MANY = "A prompt can hold {most} choices in braces, {deepest} within each other."
    BRACES_TOO_MANY_ALTERNATIVES = (
        "The braces of a prompt can hold {alternatives} alternatives altogether; leave some out."
    )
    BRACES_TOO_LONG = (
        "What the braces put together is longer than {longest:,} characters; "
        "take fewer of the alternatives, as in {{2$$, $$red|green|blue}}."
    )
    TOO_MANY_LIGHTER = (
        "A prompt can hold {lighter} pieces that weigh less than 1, as in (word:0.5) or "
        "[word]; leave some out, or let one pair of brackets hold several words."
    )
    TOO_MANY_BREAKS = "A prompt can hold {most} BREAKs; leave some out."
    BRACES_UNREADABLE = "The braces in the prompt cannot be read; write {{red|blue}}."

    # Pasted prompts: remarks, since they are painted all the same.
    PROMPT_FILES = (
        "<lora:…> and embedding:… name files that are not loaded here; they are left out of the "
        "prompt."
    )
    PROMPT_SETTINGS = (
        "The settings after the prompt (Steps, Sampler, …) are left out; give them as options, or "
        "replay the picture's file."
    )
    PROMPT_FLAGS = (
        "Flags such as --ar 16:9 are left out of the prompt; give the aspect, seed or steps as "
        "options."
    )
    PROMPT_AND = "AND is read as the word: prompts are not mixed here."
    PROMPT_SCHEDULED = (
        "[a:b:0.5] does not change the prompt on the way here; the brackets only make it weigh "
        "less, and (word:0.8) is a weight."
    )
    PROMPT_ALTERNATED = (
        "[a|b] does not alternate here; write {{a|b}}, of which each picture takes one."
    )
    PROMPT_WILDCARD = "__name__ is read as it stands: there are no lists of words here."
    PROMPT_COMMAS = "Full-width commas are read as other signs than , is; better write that."

    # Comparisons.
    COMPARE_ONE_VALUE = (
        "A comparison needs at least two different values of {parameter}, as in: {example}."
    )
    COMPARE_NOT_A_NUMBER = "{value} is no value of {parameter}; give numbers, as in: {example}."
    COMPARE_NOT_WHOLE = "{value} is no value of {parameter}; give whole numbers, as in: {example}."
    COMPARE_NO_SCHEDULER = "There is no {parameter} {value}; as in: {example}."
    COMPARE_TWICE = "{parameter} runs both across and down; choose another one for one of them."
    COMPARE_TOO_MANY = (
        "That makes {count} pictures, and one sheet holds {most}: more would be too small to "
        "judge. Leave out some values."
    )
    COMPARE_NOT_IN_PROMPT = (
        "The prompt does not contain {value}; the first value is the piece of it that the others "
        "replace."
    )
    COMPARE_UNKNOWN = "{parameter} cannot be compared; choose one of: {example}."
    COMPARE_SHAPE = "A comparison has one or two parameters, and a picture for each value."
    COMPARE_NO_FEEDBACK = "Feedback can be compared once there is a picture that steers."
    COMPARE_NO_EDIT = "Image guidance can be compared where a picture is edited by words."
    COMPARE_NO_ADAPTER = "There is no adapter whose strength could be compared."
    COMPARE_NO_PICTURE = "There is no picture to begin from whose strength could be compared."

    # Files of pictures.
    NO_PICTURE = "This is no PNG, JPEG, WebP or GIF picture."
    PICTURE_BROKEN = "The picture is damaged or cut off."
    PICTURE_TOO_LARGE = (
        "The picture is too large; it may have {most} million pixels, a WebP {webp} million."
    )
    PICTURE_TOO_SLOW = "Reading the picture takes too long."
    FILE_TOO_LARGE = "The file is too large; a picture may have {most} MiB."
    FILE_MISSING = "{file} cannot be read."
    FILE_UNUSABLE = "{file}: {problem}"
    FILE_CHANGED = "{file} is not the picture it was."
    SOURCE = "The picture to begin from"
    """Not a sentence: stands for a file in the three above, as do the next two."""
    MASK = "The mask"
    REFERENCE = "The reference {name}"

    # Records in files.
    NO_RECORD = (
        "This file does not say how it was made. Take the original PNG or JPEG; copies that a "
        "program or a page has made smaller have lost it."
    )
    RECORD_SHEET = (
        "This is a sheet of {count} pictures, which is not painted again as one; take the file of "
        "one of them."
    )
    RECORD_NEWER = (
        "This picture was made in a way that this version of Konomi does not know; a newer one may."
    )
    RECORD_UNREADABLE = "What this picture says of how it was made cannot be read ({field})."

    # Pairs of pictures for edit training.
    PAIRS_NO_CAPTIONS = "There is no caption in {name}; write one a line."
    PAIRS_UNREADABLE = (
        "{name} cannot be read; give a text in UTF-8, a .csv or a .jsonl file of up to {most} MiB."
    )
    PAIRS_ROW = (
        "Row {row} of {name} cannot be used; every row takes a caption, an instruction and the "
        "edited caption."
    )
    PAIRS_ALTERNATIVES = (
        "{name} holds no alternatives; write a JSON list of objects, each with two words or more, "
        'as in: [{{"words": ["cat", "dog"]}}].'
    )
    PAIRS_NOTHING_TO_REPLACE = (
        "No caption holds a word that has an alternative; give alternatives of your own, or a "
        "table with instructions."
    )
    PAIRS_OTHER = (
        "The folder {folder} holds something else; choose an empty folder, or repeat the settings "
        "of the pairs in it."
    )
    TRAIN_NO_PAIRS = (
        "There are no pairs in {folder}; each line of its metadata.jsonl must name an input_image, "
        "an edited_image and an edit_prompt."
    )

    @property
    def blanks(self) -> frozenset[str]:
        """Names of the values that belong to it."""
        return blanks(self.value)


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """A reason to refuse a request; as a `str`, the English sentence."""

    code: Code
    values: Mapping[str, Value] = dataclasses.field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.code.value.format(**self.values)

    def dump(self) -> str:
        """Write it as JSON, which `load` reads."""
        return json.dumps(_plain(self), ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> Problem | None:
        """Read what `dump` wrote; None for any other text, or if the code is not known any more."""
        try:
            return _read(json.loads(text))
        except (ValueError, RecursionError):
            return None


def blanks(template: str) -> frozenset[str]:
    """Return the names that a template for `str.format` has filled in."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


def _plain(value: Value) -> Any:
    if not isinstance(value, Problem):
        return value
    values = {name: _plain(each) for name, each in value.values.items()}
    return {"code": value.code.name, "values": values}


def _read(plain: Any) -> Problem:
    """Raise `ValueError` unless this is a problem with its code's values."""
    match plain:
        case {"code": str(name), "values": dict(values)} if name in Code.__members__:
            code = Code[name]
        case _:
            raise ValueError("not a problem")
    if values.keys() != code.blanks:
        raise ValueError(f"not the values of {name}")
    read = {key: _read(each) if isinstance(each, dict) else each for key, each in values.items()}
    return Problem(code, read)
