"""Tell what a file of weights is by the names and shapes of its tensors.

Files are shared under any name, and most hold something else than a whole model that Konomi runs.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping

from generation.protocol.options import Prediction

Shapes = Mapping[str, tuple[int, ...]]

UNET, VAE, TEXT = (
    "model.diffusion_model.",
    "first_stage_model.",
    ("cond_stage_model.", "conditioner."),
)
"""Prefixes of the parts of a whole Stable Diffusion in one file."""

RUNS = "Konomi runs Stable Diffusion 1.x, 2.x and XL; choose one of these"
ADDED = "choose the model that it was made for"
WHOLE = "choose a file that holds the whole model, or a folder in the diffusers format"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class FileKind:
    """What a file holds; the words of `title` follow “is”, with an article."""

    title: str
    advice: str | None = None
    """What to do instead; None if Konomi runs it."""
    settings: tuple[str, str] = ("", "")
    """For a model that Konomi runs: the catalogue's models from which its tokenizer and settings
    are taken, if it predicts noise and if it predicts velocity."""

    def settings_of(self, prediction: Prediction) -> str:
        """Return the catalogue's model from which a file's tokenizer and settings are taken."""
        return self.settings[prediction is not Prediction.EPSILON]


STABLE_DIFFUSION_1 = FileKind(title="Stable Diffusion 1.x", settings=("sd15", "sd15"))
STABLE_DIFFUSION_2 = FileKind(title="Stable Diffusion 2.x", settings=("sd21-base", "sd21"))
STABLE_DIFFUSION_XL = FileKind(title="Stable Diffusion XL", settings=("sdxl", "sdxl"))


@dataclasses.dataclass(frozen=True, slots=True)
class _Mark:
    """A kind of file, and patterns of tensors' names that are all found in one."""

    kind: FileKind
    patterns: tuple[str, ...]


def _addition(title: str, *patterns: str, advice: str = ADDED) -> _Mark:
    return _Mark(FileKind(title=title, advice=advice), patterns)


def _other_model(title: str, *patterns: str) -> _Mark:
    """Return the mark of a family that Konomi does not run, by names within its denoiser."""
    within = r"^(model\.diffusion_model\.|diffusion_model\.|transformer\.|model\.|net\.)?"
    return _addition(title, *(f"{within}({pattern})" for pattern in patterns), advice=RUNS)


ADDITIONS = (
    _addition(
        "a LoRA in kohya's layout, which changes a model", r"^lora_(unet|te\d?|transformer)_"
    ),
    _addition(
        "a LoRA in the layout of peft, which changes a model",
        r"lora_A|lora_B|lora\d*\.(up|down)\.|_lora\.|lora_magnitude_vector",
    ),
    _addition(
        "a LoRA, which changes a model",
        r"lora_(up|down)\.|\.(hada|lokr|oft|boft|glora)_|dora_scale",
    ),
    _addition(
        "a ControlNet, which steers a model", r"^(control_model\.|lllite_unet|(lora_)?controlnet)"
    ),
    _addition("an IP-Adapter, which steers a model", r"^(ip_adapter\.|image_proj)"),
    _addition("a T2I-Adapter, which steers a model", r"^(adapter\.)?body\.\d+\.block\d\.weight"),
    _addition(
        "a motion module of AnimateDiff, which makes a model paint videos", r"motion_modules\."
    ),
    _addition(
        "a model quantized to four bits (bitsandbytes)",
        r"\.(absmax|quant_map|quant_state)",
        advice="choose the file in half precision (fp16)",
    ),
)
"""What is added to a model, or made of one."""

OTHER_MODELS = (
    _other_model("a Flux.2 model", r"single_stream_modulation\."),
    _other_model("a Chroma model", r"distilled_guidance_layer\."),
    _other_model("a Flux model", r"double_blocks\.\d+\.img_attn\.|single_transformer_blocks\."),
    _other_model(
        "a Stable Diffusion 3 model", r"joint_blocks\.|transformer_blocks\.\d+\.norm1_context\."
    ),
    _other_model("a Hunyuan Video model", r"txt_in\.individual_token_refiner\."),
    _other_model("a Qwen-Image model", r"transformer_blocks\.\d+\.img_mod\."),
    _other_model("an AuraFlow model", r"double_layers\.\d+\."),
    _other_model("a Lumina or Z-Image model", r"cap_embedder\.|noise_refiner\."),
    _other_model("a HiDream model", r"double_stream_blocks\."),
    _other_model("a Hunyuan-DiT model", r"mlp_t5\."),
    _other_model("a PixArt model", r"t_block\.1\.|adaln_single\."),
    _other_model("a Sana model", r"blocks\.\d+\.cross_attn\.q_linear\."),
    _other_model("a Wan video model", r"head\.modulation"),
    _other_model("an LTX video model", r"patchify_proj\."),
    _other_model("a Mochi video model", r"blocks\.\d+\.attn\.qkv_x\."),
    _other_model("a Cosmos model", r"x_embedder\.proj\.1\."),
    _other_model("a Stable Cascade model", r"clip_txt_mapper\.|down_blocks\.\d+\.\d+\.channelwise"),
    _other_model("a Stable Video Diffusion model", r".*\.time_stack\."),
    _addition(
        "a refiner of Stable Diffusion XL, which needs another model's pictures",
        r"^conditioner\.embedders\.0\.model\.",
        advice="choose the base model, such as sdxl",
    ),
    _addition(
        "a Playground 2.5 model, whose noise schedule is another", r"^edm_mean$", advice=RUNS
    ),
    _addition(
        "a CosXL model, whose noise schedule is another", r"^edm_vpred\.sigma_max$", advice=RUNS
    ),
)
"""Models of other families, by parts that no other has."""

PARTS = (
    _addition("a safety checker", r"concept_embeds", advice="name it in KONOMI_SAFETY_CHECKER"),
    _addition(
        "a UNet without its text encoder and VAE",
        r"^(model\.diffusion_model\.|diffusion_model\.)?(input_blocks|middle_block)\.",
        advice=WHOLE,
    ),
    _addition(
        "one part of a diffusers folder, a UNet",
        r"^(down_blocks|mid_block)\.",
        r"^time_embedding\.",
        advice="name the folder that holds its model_index.json",
    ),
    _addition("an upscaler", r"^conv_first\.|\.rdb\d\.|\.RDB\d\.|residual_group", advice=RUNS),
    _addition("a VAE alone", r"(^|\.)(encoder|decoder)\.(conv_in|mid)\.?", advice=WHOLE),
    _addition(
        "a text encoder alone",
        r"(^|\.)text_model\.(encoder|embeddings)\.|^encoder\.block\.\d+\.layer\.|^shared\.weight$"
        r"|transformer\.resblocks\.",
        advice=WHOLE,
    ),
    _addition("an image encoder alone", r"(^|\.)vision_model\.|^visual\.", advice=WHOLE),
    _addition("a language model", r"^model\.layers\.\d+\.self_attn\.", advice=RUNS),
)
"""Parts of a model without the others."""

EMBEDDING = FileKind(title="a textual inversion embedding, a word for a model", advice=ADDED)
EMBEDDING_NAMES = {"emb_params", "clip_l", "clip_g", "string_to_param", "string_to_token"}
TEXT_WIDTHS = (768, 1024, 1280)
EMPTY = FileKind(title="a file without weights", advice="download the model again")
UNKNOWN = FileKind(title="no model that Konomi knows", advice=RUNS)

CHANNELS = {
    5: FileKind(
        title="a model that paints by depth (5 input channels)",
        advice="choose its text-to-image model",
    ),
    7: FileKind(
        title="an upscaler (7 input channels)", advice="choose a text-to-image model; it enlarges"
    ),
    8: FileKind(
        title="an editing model like InstructPix2Pix (8 input channels)",
        advice="choose a text-to-image model, and name this one's diffusers folder in "
        "KONOMI_EDITOR",
    ),
    9: FileKind(
        title="an inpainting model (9 input channels)",
        advice="choose the text-to-image model of the same name; Konomi inpaints with that",
    ),
}
"""Models that are shown more than noisy latents, by the input channels of their UNet."""
LATENT_CHANNELS = 4


def kind_of(shapes: Shapes) -> FileKind:
    """Return what a file is; `shapes` are those of its tensors, () where they are not known."""
    if not shapes:
        return EMPTY
    names = "\n".join(shapes)
    for mark in (*ADDITIONS, *OTHER_MODELS):
        if _found(mark, names):
            return mark.kind
    if any(name.startswith(UNET) for name in shapes):
        return _checkpoint(shapes)
    if _is_embedding(shapes):
        return EMBEDDING
    return next((mark.kind for mark in PARTS if _found(mark, names)), UNKNOWN)


def channels_kind(channels: object) -> FileKind | None:
    """Return what a UNet with these input channels is for; None if for text to image."""
    if channels == LATENT_CHANNELS or not isinstance(channels, int):
        return None
    others = FileKind(title=f"a model with {channels} input channels", advice=RUNS)
    return CHANNELS.get(channels, others)


def _checkpoint(shapes: Shapes) -> FileKind:
    """Return what a file with a UNet under its first name is."""
    entry = shapes.get(f"{UNET}input_blocks.0.0.weight", ())
    if special := channels_kind(entry[1] if len(entry) == 4 else LATENT_CHANNELS):
        return special
    for prefixes, part in (((VAE,), "VAE"), (TEXT, "text encoder")):
        if not any(name.startswith(prefixes) for name in shapes):
            return FileKind(title=f"a model without its {part}", advice=WHOLE)
    if _starts(shapes, "conditioner.embedders.1."):
        return STABLE_DIFFUSION_XL
    if _starts(shapes, "cond_stage_model.model."):
        return STABLE_DIFFUSION_2
    if _starts(shapes, "cond_stage_model.transformer.text_model."):
        return STABLE_DIFFUSION_1
    return FileKind(title="a model whose text encoder has unusual names", advice=WHOLE)


def _starts(names: Iterable[str], prefix: str) -> bool:
    return any(name.startswith(prefix) for name in names)


def _is_embedding(shapes: Shapes) -> bool:
    """Return True for vectors by one of the usual names, or by the word that they stand for."""
    if not EMBEDDING_NAMES.isdisjoint(shapes):
        return True
    if any(name.startswith("<") and name.endswith(">") for name in shapes):
        return True
    return len(shapes) == 1 and all(
        len(shape) in (1, 2) and shape[-1] in TEXT_WIDTHS for shape in shapes.values()
    )


def _found(mark: _Mark, names: str) -> bool:
    return all(re.search(pattern, names, re.MULTILINE) for pattern in mark.patterns)
