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
    COUNT = "You can ask for 1 to {most} pictures, not {given}."
    STEPS = "The number of steps must be between 1 and {most}, not {given}. {usual} is usual here."
    GUIDANCE = "Guidance must be between 1 and {most:g}, not {given:g}. {usual:g} is usual here."
    SCHEDULER = "There is no scheduler {given}. Choose one of: {names}."
    SEED = "A seed must be a whole number from 0 to {most:,}."
    OTHER_MODEL = "This picture needs the model {model}, but {loaded} is loaded."
    NO_FOLDER = "The output folder {folder} does not exist."

    # Sizes.
    ASPECT = "One side can be at most {most:g} times as long as the other."
    WIDTH_TOO_SMALL = "The width must be at least {least} pixels, not {given}."
    HEIGHT_TOO_SMALL = "The height must be at least {least} pixels, not {given}."
    WIDTH_NOT_MULTIPLE = (
        "The width must be a multiple of {multiple}. The nearest to {given} is {nearest}."
    )
    HEIGHT_NOT_MULTIPLE = (
        "The height must be a multiple of {multiple}. The nearest to {given} is {nearest}."
    )
    AREA = (
        "{width} × {height} is too large for this model. It can paint up to {side} × {side}, "
        "or the same area in another shape."
    )
    MEMORY_SIZE_OR_STEERING = (
        "{width} × {height}, steered by {steering} picture(s), needs {needed:.2f} GB of "
        "memory, but only {limit:.2f} GB may be used. Ask for at most {better_width} × "
        "{better_height}, or steer by at most {count} picture(s)."
    )
    MEMORY_SIZE = (
        "{width} × {height} needs {needed:.2f} GB of memory, but only {limit:.2f} GB may be "
        "used. Ask for at most {better_width} × {better_height}."
    )
    MEMORY_STEERING = (
        "Steering by {steering} picture(s) needs more memory than the {limit:.2f} GB that may "
        "be used. Steer by at most {count}."
    )
    MEMORY_NOTHING = (
        "That needs {needed:.2f} GB of memory, but only {limit:.2f} GB may be used. Use a "
        "smaller model, or allow more memory."
    )
    SIZE_LARGE = (
        "The model was made for {native}. At {size}, it tends to paint things twice; {better} "
        "works better."
    )
    SIZE_SMALL = (
        "The model was made for {native}. At {size}, it loses detail; {better} works better."
    )

    # Adapters.
    ADAPTERS = "At most {most} adapters can be used at once, not {given}."
    ADAPTER_STRENGTH = (
        "An adapter's strength must be between -{most:g} and {most:g}, not {given:g}."
    )
    ADAPTER_DIGEST = "An adapter must be identified by the SHA-256 of its file."
    ADAPTER_NAME = "An adapter's name can have up to {most} characters."
    ADAPTER_TWICE = "Use each adapter only once. To make it act more or less, change its strength."
    ADAPTERS_IMAGIC = "Adapters cannot be used with a model tuned to one picture (Imagic)."
    ADAPTERS_EDIT = (
        "Adapters work when pictures are painted, not when they are edited by instruction."
    )
    ADAPTER_UNKNOWN = "There is no adapter {name} here. Try one of these: {near}."
    ADAPTER_NONE = "There is no adapter {name} here. No adapters are installed."
    ADAPTER_UNNAMED = "A tag lacks the name of its adapter: write <lora:name:0.8>."
    ADAPTER_TAG = "The strength of {name} must be a number, such as 0.8."
    ADAPTER_EMBEDDING_STRENGTH = (
        "{name} is an embedding, so it works like a word in the prompt. To set its weight, "
        "write ({name}:0.8)."
    )
    ADAPTER_TOO_LARGE = "The adapter {name} is larger than {most} GiB."
    ADAPTER_MISSING = "The adapter {name} cannot be read."
    ADAPTER_CHANGED = "The adapter {name} is no longer the same file."
    ADAPTER_NOT_SAFETENSORS = "The adapter {name} is not a .safetensors file."
    ADAPTER_PICKLE = (
        "The adapter {name} is not a .safetensors file. It is a pickle or an archive, which could "
        "run code, so it was not opened."
    )
    ADAPTER_CUT = "The adapter {name} is not as long as its header says. Download it again."
    ADAPTER_KIND = (
        "The adapter {name} is of the type {kind}, which Konomi does not support. Use a LoRA, "
        "LoCon or DoRA."
    )
    ADAPTER_WHOLE = (
        "The adapter {name} changes the model's weights in other ways than LoRA does, which "
        "Konomi does not support."
    )
    ADAPTER_TENSOR = "The adapter {name} contains an unknown tensor: {tensor}."
    ADAPTER_LAYER_TWICE = "The adapter {name} changes the layer {layer} twice."
    ADAPTER_INCOMPLETE = "The adapter {name} is not a complete LoRA or embedding."
    ADAPTER_OTHER_BASE = (
        "The adapter {name} was made for {base}, but {loaded} is loaded. Choose an adapter "
        "made for {loaded}."
    )
    ADAPTER_OTHER_MODEL = "The adapter {name} was made for another kind of model."
    ADAPTER_RANK = "The adapter {name} has a rank that is not between 1 and {most}."
    ADAPTER_VECTORS = "The embedding {name} must have 1 to {most} vectors."
    ADAPTER_DTYPE = "The adapter {name} contains numbers that are neither 16-bit nor 32-bit."
    ADAPTER_NOT_FINITE = "The adapter {name} contains values that are infinite or not numbers."
    ADAPTER_ALPHA = "The adapter {name} has an alpha that is not a number above 0."
    ADAPTER_UNCHECKED = (
        "The adapter {name} could not be checked within the limits of time and memory, so it was "
        "not used."
    )
    ADAPTER_SETTINGS = "The adapter {name} contains settings that cannot be read."

    # Training.
    TRAIN_NO_FOLDER = "The folder of training pictures {folder} does not exist."
    TRAIN_NO_PICTURES = "There are no pictures in {folder}. Put PNG, JPEG or WebP files there."
    TRAIN_TOO_MANY = "{given} pictures are too many. The limit is {most}."
    TRAIN_NAME = (
        "metadata.jsonl names {name}. Use the file name of a picture in the same folder, "
        "without slashes."
    )
    TRAIN_MISSING = (
        "metadata.jsonl names {name}, which is not in the folder. Add the picture, or delete "
        "its line."
    )
    TRAIN_PICTURE = (
        "{name} cannot be read as a picture. Save it again as PNG or JPEG, or remove it."
    )
    TRAIN_PICTURE_TOO_LARGE = (
        "{name} is larger than {most} MiB. Save a smaller version, or remove it."
    )
    TRAIN_METADATA = "Line {line} of {name} cannot be read. Each line must be a JSON object."
    TRAIN_CAPTION = "The caption {name} cannot be read. Save it as a short UTF-8 text file."
    TRAIN_DUPLICATE = "{name} is the same picture as {other}, so it counts only once."
    TRAIN_NO_CAPTION = (
        "{name} has no caption. Put one in a .txt file beside it, or give one prompt for all "
        "pictures."
    )
    TRAIN_INITIALIZER = "The text encoder cannot read {word}. Choose another word to start from."
    TRAIN_WORD_KNOWN = "The model already knows {word}. Choose a word of your own, such as <rocky>."
    TRAIN_WORD = (
        "The new word must be a single word of up to {most} characters without brackets or "
        "commas, such as <rocky>."
    )
    TRAIN_OTHER_RUN = (
        "The folder {folder} belongs to another training. Choose an empty folder, or use that "
        "training's settings."
    )
    TRAIN_NEEDS_GPU = "The optimizer {optimizer} needs a GPU. Choose adamw instead."
    TRAIN_NO_OPTIMIZER = (
        "The optimizer {optimizer} is not installed. Run pip install konomi[gpu], or choose adamw."
    )
    TRAIN_NOT_FINITE = (
        "The loss stopped being a number at step {step}. Halve the learning rate, and start "
        "the training over."
    )
    TRAIN_DIVERGED = (
        "The loss kept growing until step {step}. Halve the learning rate, and start the "
        "training over."
    )
    TRAIN_RATINGS_MISSING = (
        "There are no ratings. For each picture, metadata.jsonl in the folder needs a line "
        "with its file_name and a rating of 1 or -1."
    )
    TRAIN_RATING = "The rating of {name} in metadata.jsonl must be 1 or -1."
    TRAIN_NO_LIKES = "Training a taste needs liked pictures, but there are none."
    TRAIN_NO_DISLIKES = (
        "This way of training a taste also needs disliked pictures. Train on the liked ones "
        "alone instead."
    )
    TRAIN_NO_RATED_PAIRS = (
        "This way of training a taste needs a liked and a disliked picture from the same "
        "round. Train on the liked ones alone instead."
    )
    TRAIN_NO_PRIOR_NOISE = (
        "This way of training a taste needs the seeds of pictures that were painted from a "
        "prompt alone, at the training size. {count} of these have none. Use plain pairs "
        "instead."
    )

    # Requests to train, and what their jobs run into.
    TRAIN_NO_OUT = "The training's output folder {folder} does not exist."
    TRAIN_RANGE = "{setting} must be between {least:g} and {most:g}, not {given:g}."
    TRAIN_WORDS = "{setting} can have up to {most} characters."
    TRAIN_RESULT_NAME = (
        "The result's name becomes a file name: up to {most} characters, without any of / \\ : "
        '* ? " < > |, and not starting with a dot.'
    )
    TRAIN_DROPS = "The chances to drop must add up to at most {most:g}."
    TRAIN_TEXT_ENCODER = (
        "The whole text encoder can only be trained together with the whole UNet. Leave out "
        "the LoRA, or train a LoRA of the text encoder."
    )
    TRAIN_MEMORY = (
        "The training needs about {needed:.2f} GB of memory, but only {limit:.2f} GB may be "
        "used. {instead}"
    )
    TRAIN_OUT_OF_MEMORY = "The training does not fit into the device's memory. {instead}"
    TRAIN_SMALLER_BATCH = "Use a batch size of {batch} with {accumulation} accumulation steps."
    """One of the last sentences of the two above, as are the next four."""
    TRAIN_CHECKPOINTING = "Use a batch size of 1, and turn on gradient checkpointing."
    TRAIN_SMALLER_SIDE = (
        "Train at {side} × {side} pixels, with a batch size of 1 and gradient checkpointing."
    )
    TRAIN_LORA_INSTEAD = "Train a LoRA instead, which needs much less."
    TRAIN_SMALLER_MODEL = "Use a smaller model, or allow more memory."
    TRAIN_DISK = (
        "The training will write about {needed:.2f} GB to {folder}, but only {free:.2f} GB "
        "are free. Free up space, or train a LoRA, which is small."
    )
    TRAIN_DISK_FULL = (
        "The disk is full, so the checkpoint could not be saved. Free up space and start the "
        "training again; it continues from the last checkpoint."
    )

    # Feedback.
    FEEDBACK_WINDOW = (
        "Feedback must start and end between 0 and 1, and it must start before it ends. "
        "{start:g} and {end:g} are usual here."
    )
    FEEDBACK_STRENGTH = (
        "Feedback strength must be between 0 and {most:g}, not {given:g}. {usual:g} is usual here."
    )
    FEEDBACK_FLOOR = "The feedback floor must be between 0 and {most:g}, not {given:g}."
    FEEDBACK_DISLIKE_SCALE = "The weight of dislikes must be between 0 and {most:g}, not {given:g}."
    FEEDBACK_DISLIKE_END = "Dislikes must stop steering between 0 and 1, not at {given:g}."
    FEEDBACK_STEERED_GUIDANCE = (
        "The share of guidance beside likes must be between 0 and 1, not {given:g}."
    )
    FEEDBACK_EXPLORE = (
        "The share of wildcards must be between 0 and 1, not {given:g}. {usual:g} is usual here."
    )
    FEEDBACK_EXPLORE_GUIDANCE = (
        "The wildcards' share of the guidance must be between 0 and 1, not {given:g}."
    )
    FEEDBACK_EXPLORE_AVOID = (
        "How strongly wildcards avoid rated pictures must be between 0 and {most:g}, not {given:g}."
    )
    FEEDBACK_DROP = "The chance to ignore the prompt must be between 0 and 1, not {given:g}."
    REFERENCES = "At most {most} pictures can steer, not {given}."
    REFERENCE_WEIGHT = "The weight of a picture that steers must be 0 or more."
    CANNOT_STEER = "The model {model} cannot be steered by likes and dislikes."

    # Pictures to begin from.
    ENLARGEMENT = "A picture can be enlarged 1 to {most} times, not {given}."
    STRENGTH = "Strength must be more than 0 and at most 1, not {given:g}."
    STRENGTH_TOO_LITTLE = (
        "With {steps} steps, a strength of {given:g} changes nothing. Use at least {least:g}, "
        "or more steps."
    )
    STRENGTH_TOO_LITTLE_LCM = (
        "With LCM, {steps} steps need a strength of at least {least:g}, not {given:g}. Use a "
        "higher strength, or fewer steps."
    )
    PART = (
        "Give a part of a picture as left, top, right, bottom: shares from 0 to 1, and at "
        "least {least:g} wide and high."
    )
    RESTORED_WHOLE = "Only whole pictures can be restored. Use a mask to mark the scratches."
    NOISE = "Noise must be between 0 (none) and {most:g}, not {given:g}."
    NOTHING_ANEW = (
        "Nothing would be repainted. Make the mask white where the picture should change."
    )
    NOTHING_TO_RESTORE = (
        "There is nothing to restore: no scratches and no noise were found. Give a mask that "
        "is white where the scratches are, or say how much noise to remove."
    )
    MASK_SIZE = (
        "The mask is {mask} pixels, but the picture is {picture}. Draw the mask over a copy "
        "of the picture, so that the scratches line up."
    )
    MASK_ALL_WHITE = (
        "The whole mask is white, which leaves nothing to restore from. Keep the undamaged "
        "parts black."
    )

    # Edits by words.
    NOTHING_TO_EDIT = "There is no picture to edit."
    NO_INSTRUCTION = "Say what to change, for example: make the sky darker."
    IMAGE_GUIDANCE = (
        "Image guidance must be between 1 and {most:g}, not {given:g}. {usual:g} is usual here."
    )
    CANNOT_EDIT = "The model {model} cannot follow editing instructions here."
    NOTHING_TO_FIT = "There is no picture to tune the model to."
    FITTED_ALONE = "A model tuned to one picture cannot follow likes or paint in tiles."
    ETA = "η must be between 0 and {most:g}, not {given:g}."
    EMBEDDING_STEPS = "The embedding can be tuned for 1 to {most:,} steps, not {given}."
    TUNING_STEPS = "The model can be tuned for 1 to {most:,} steps, not {given}."

    # Prompts.
    BRACES_UNMATCHED = "Every {{ in the prompt needs a matching }}, as in {{red|blue}}."
    BRACES_TOO_MANY = (
        "A prompt can have up to {most} choices in braces, nested up to {deepest} deep."
    )
    BRACES_TOO_MANY_ALTERNATIVES = (
        "The braces in a prompt can hold up to {alternatives} alternatives in total. Leave "
        "some out."
    )
    BRACES_TOO_LONG = (
        "The choices in braces add up to more than {longest:,} characters. Use fewer of them, "
        "as in {{2$$, $$red|green|blue}}."
    )
    TOO_MANY_LIGHTER = (
        "A prompt can have up to {lighter} parts with a weight below 1, such as (word:0.5) or "
        "[word]. Leave some out, or put several words into one pair of brackets."
    )
    TOO_MANY_BREAKS = "A prompt can have up to {most} BREAKs. Leave some out."
    BRACES_UNREADABLE = "The braces in the prompt cannot be read. Write them as in {{red|blue}}."

    # Pasted prompts: remarks, since they are painted all the same.
    PROMPT_FILES = (
        "<lora:…> and embedding:… name files that are not loaded here, so they were left out "
        "of the prompt."
    )
    PROMPT_SETTINGS = (
        "The settings after the prompt (Steps, Sampler, …) were left out. Give them as "
        "options, or replay the picture's file."
    )
    PROMPT_FLAGS = (
        "Flags such as --ar 16:9 were left out of the prompt. Use the options for aspect, "
        "seed and steps instead."
    )
    PROMPT_AND = "AND does not combine prompts here. It is read as the word “and”."
    PROMPT_SCHEDULED = (
        "[a:b:0.5] does not switch the prompt halfway here. Square brackets only lower the "
        "weight; to set one, write (word:0.8)."
    )
    PROMPT_ALTERNATED = (
        "[a|b] does not alternate here. Write {{a|b}}, and each picture uses one of the two."
    )
    PROMPT_WILDCARD = "There are no word lists here, so __name__ stays in the prompt as it is."
    PROMPT_COMMAS = "To a model, a full-width comma is not a comma. Use , instead."

    # Comparisons.
    COMPARE_ONE_VALUE = (
        "A comparison needs at least two different values of {parameter}, for example: {example}."
    )
    COMPARE_NOT_A_NUMBER = (
        "{value} cannot be used for {parameter}. Give numbers, for example: {example}."
    )
    COMPARE_NOT_WHOLE = (
        "{value} cannot be used for {parameter}. Give whole numbers, for example: {example}."
    )
    COMPARE_NO_SCHEDULER = "There is no {parameter} {value}. Give names, for example: {example}."
    COMPARE_TWICE = (
        "{parameter} is used both across and down. Choose something else for one of them."
    )
    COMPARE_TOO_MANY = (
        "That makes {count} pictures, but a sheet holds at most {most}; more would be too "
        "small to judge. Leave out some values."
    )
    COMPARE_NOT_IN_PROMPT = (
        "The prompt does not contain {value}. The first value must be a part of the prompt; "
        "the other values replace it."
    )
    COMPARE_UNKNOWN = "{parameter} cannot be compared. Choose one of: {example}."
    COMPARE_SHAPE = (
        "A comparison needs one or two settings to vary, and one picture for each value."
    )
    COMPARE_NO_FEEDBACK = "Feedback can only be compared when a picture steers."
    COMPARE_NO_EDIT = "Image guidance can only be compared when editing by instruction."
    COMPARE_NO_ADAPTER = "There is no adapter whose strength could be compared."
    COMPARE_NO_PICTURE = "To compare strengths, give a picture to start from."

    # Files of pictures.
    NO_PICTURE = "This is not a PNG, JPEG, WebP or GIF picture."
    PICTURE_BROKEN = "The picture is damaged or incomplete."
    PICTURE_TOO_LARGE = (
        "The picture is too large. It can have up to {most} million pixels, or {webp} million "
        "as a WebP."
    )
    PICTURE_TOO_SLOW = "The picture takes too long to read."
    FILE_TOO_LARGE = "The file is too large. A picture can have up to {most} MiB."
    FILE_MISSING = "{file} cannot be read."
    FILE_UNUSABLE = "{file}: {problem}"
    FILE_CHANGED = "{file} is no longer the same picture."
    SOURCE = "The picture to start from"
    """Not a sentence: stands for a file in the three above, as do the next two."""
    MASK = "The mask"
    REFERENCE = "The reference {name}"

    # Records in files.
    NO_RECORD = (
        "This file does not contain the picture's settings. Use the original PNG or JPEG; "
        "screenshots and smaller copies have lost them."
    )
    RECORD_SHEET = (
        "This is a sheet of {count} pictures, and only single pictures can be repainted. Use "
        "the file of one of them."
    )
    RECORD_NEWER = (
        "This picture was made in a way that this version of Konomi does not know. A newer "
        "version may."
    )
    RECORD_UNREADABLE = "The settings saved in this picture cannot be read ({field})."

    # Pairs of pictures for edit training.
    PAIRS_NO_CAPTIONS = "There are no captions in {name}. Write one per line."
    PAIRS_UNREADABLE = (
        "{name} cannot be read. Give a UTF-8 text file, a .csv or a .jsonl file of up to "
        "{most} MiB."
    )
    PAIRS_ROW = (
        "Row {row} of {name} cannot be used. Every row needs a caption, an instruction and "
        "the edited caption."
    )
    PAIRS_ALTERNATIVES = (
        "There are no alternatives in {name}. Write a JSON list of objects, each with two or "
        'more words, for example: [{{"words": ["cat", "dog"]}}].'
    )
    PAIRS_NOTHING_TO_REPLACE = (
        "No caption contains a word that has an alternative. Give alternatives of your own, "
        "or a table with instructions."
    )
    PAIRS_OTHER = (
        "The folder {folder} holds something else. Choose an empty folder, or use the "
        "settings of the pairs in it."
    )
    TRAIN_NO_PAIRS = (
        "There are no pairs in {folder}. Each line of its metadata.jsonl must name an "
        "input_image, an edited_image and an edit_prompt."
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
        return json.dumps(self.plain(), ensure_ascii=False)

    def plain(self) -> Any:
        """Return it as what JSON knows."""
        return _plain(self)

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
