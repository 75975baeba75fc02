"""A prompt is rewritten by an edit's instruction, so that it describes the edited picture."""

from __future__ import annotations

import time

import pytest

from generation.editing.edited_caption.caption import LONGEST, caption_after

STAR = "a red star on a white background"
HAT = "a photo of a dog with a hat in a park"
SCENE = "背景は白、真ん中に小さな赤い縞模様の星"


@pytest.mark.parametrize(
    ("prompt", "instruction", "after"),
    [
        (STAR, "make the star blue", "a blue star on a white background"),
        (STAR, "Please make it blue!", "a blue star on a white background"),
        (STAR, "! make it blue", "a blue star on a white background"),
        (STAR, "change the colour of the star to green", "a green star on a white background"),
        (STAR, "change the star's color to green", "a green star on a white background"),
        (STAR, "make the background black", "a red star on a black background"),
        (STAR, "on a pink background", "a red star on a pink background"),
        (STAR, "blue", "a blue star on a white background"),
        (STAR, "make the star blue and the background black", "a blue star on a black background"),
        (STAR, "turn the star into a heart", "a red heart on a white background"),
        (STAR, "make it orange", "an orange star on a white background"),
        ("a red star", "add stripes", "a red striped star"),
        ("a red star with stripes on white", "make it dotted", "a red dotted star on white"),
        ("two solid red stars", "replace the stars with hearts", "two solid red hearts"),
        ("a small red star", "make it bigger", "a large red star"),
        ("a (red:1.3) star", "make the star blue", "a (blue:1.3) star"),
        ("a lighthouse, blue sky", "make the sky pink", "a lighthouse, pink sky"),
        ("a woman with brown hair", "make her hair red", "a woman with red hair"),
        ("a girl in a red dress", "turn her dress blue", "a girl in a blue dress"),
        ("a house by the sea at noon", "at night", "a house by the sea at night"),
        (HAT, "turn the dog into a cat", "a photo of a cat with a hat in a park"),
        (HAT, "turn it into a watercolor", "a watercolor of a dog with a hat in a park"),
        ("an hour at the lake", "add a boat", "an hour at the lake, a boat"),
        ("白い背景に赤い星", "星を青に", "白い背景に青い星"),
        ("白い背景に赤い星", "星の色を緑に変えてください", "白い背景に緑の星"),
        (SCENE, "背景を黒にして", "背景は黒、真ん中に小さな赤い縞模様の星"),
        (SCENE, "もっと大きくして", "背景は白、真ん中に大きな赤い縞模様の星"),
        ("赤い星", "星をハートに変えて", "赤いハート"),
        ("赤い円", "丸を水玉に", "赤い水玉の円"),
        (STAR, "星を青に", "a blue star on a white background"),
        (STAR, "背景を黒にして", "a red star on a black background"),
    ],
)
def test_what_the_instruction_contradicts_is_replaced(
    prompt: str, instruction: str, after: str
) -> None:
    assert caption_after(prompt, instruction).prompt == after


@pytest.mark.parametrize(
    ("prompt", "instruction", "after", "removed"),
    [
        (HAT, "remove the hat", "a photo of a dog in a park", "hat"),
        (
            "a red star with stripes on white",
            "remove the stripes",
            "a red star on white",
            "stripes",
        ),
        ("a red striped star", "take the stripes away", "a red star", "stripes"),
        (SCENE, "縞模様を消して", "背景は白、真ん中に小さな赤い星", "縞模様"),
        ("帽子をかぶった犬", "帽子を消して", "犬", "帽子"),
    ],
)
def test_what_is_removed_is_named_for_the_negative_prompt(
    prompt: str, instruction: str, after: str, removed: str
) -> None:
    edited = caption_after(prompt, instruction)
    assert (edited.prompt, edited.removed) == (after, removed)


@pytest.mark.parametrize(
    ("prompt", "instruction", "after"),
    [
        ("a lighthouse in a storm", "make the sky pink", "pink sky, a lighthouse in a storm"),
        ("a lighthouse in a storm", "make it night", "night, a lighthouse in a storm"),
        ("a dog", "make it look like Van Gogh", "like Van Gogh, a dog"),
        ("海辺の家", "空をピンクにして", "ピンクの空、海辺の家"),
    ],
)
def test_what_contradicts_nothing_comes_first(prompt: str, instruction: str, after: str) -> None:
    assert caption_after(prompt, instruction).prompt == after


@pytest.mark.parametrize(
    ("instruction", "after"),
    [("make the sky pink", "pink sky"), ("add snow", "snow"), ("make it blue", "blue")],
)
def test_of_an_upload_it_says_what_was_asked_for(instruction: str, after: str) -> None:
    assert caption_after("", instruction).prompt == after


def test_edits_of_edits_add_up() -> None:
    prompt = STAR
    for instruction in ("make the star blue", "背景を黒にして", "turn it into a heart"):
        prompt = caption_after(prompt, instruction).prompt
    assert prompt == "a blue heart on a black background"


@pytest.mark.parametrize(
    "words", ["make it " + "very " * 400, "を" * 1500, "a" * 1500, "\\(" * 700]
)
def test_long_ones_take_no_time_and_stay_within_a_prompt(words: str) -> None:
    began = time.monotonic()
    edited = caption_after(words[:LONGEST], words)
    assert len(edited.prompt) <= LONGEST
    assert time.monotonic() - began < 2
