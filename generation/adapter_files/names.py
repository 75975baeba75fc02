"""Names of tensors in adapter files: the roles that they end with, and those of other kinds.

Standard library only.
"""

from __future__ import annotations

import enum
import re


class Role(enum.Enum):
    """Roles of the tensors of a layer's update."""

    DOWN = "down"
    UP = "up"
    MID = "mid"
    ALPHA = "alpha"
    MAGNITUDE = "magnitude"


ROLES = {
    r"\.lora_A(\.default)?\.weight": Role.DOWN,
    r"\.lora_B(\.default)?\.weight": Role.UP,
    r"\.lora_down\.weight": Role.DOWN,
    r"\.lora_up\.weight": Role.UP,
    r"(_lora|\.lora|\.lora_linear_layer)\.down\.weight": Role.DOWN,
    r"(_lora|\.lora|\.lora_linear_layer)\.up\.weight": Role.UP,
    r"\.lora_mid\.weight": Role.MID,
    r"\.alpha": Role.ALPHA,
    r"\.dora_scale": Role.MAGNITUDE,
    r"\.lora_magnitude_vector(\.default)?(\.weight)?": Role.MAGNITUDE,
}
"""Ends of names, in peft's, kohya's and diffusers' old layouts."""

CROSS_ATTENTION = ".attn2.to_k"
"""End of the names of the layers whose width tells the base."""

END = re.compile("(?:" + "|".join(f"(?P<r{k}>{end})" for k, end in enumerate(ROLES)) + ")$")

OTHER_KINDS = {
    r"\.hada_": "LoHa",
    r"\.lokr_": "LoKr",
    r"\.(boft_|oft_blocks|oft_diag|oft_)": "OFT",
    r"\.(a1|a2|b1|b2|c1|c2)\.weight$": "GLoRA",
    r"\.(on_input|ia3_l)$": "IA³",
    r"\.(diff|diff_b|w_norm|b_norm|set_weight)$": "Full",
    r"\.vera_lambda": "VeRA",
    r"^(control_model|lora_controlnet)|^lllite_": "ControlNet",
    r"(^|\.)ip_adapter\.|^image_proj": "IP-Adapter",
}
"""Ends of names in adapters of other kinds, by their own names for themselves."""

OTHER_BASES = {
    r"double_blocks|single_blocks|single_transformer_blocks": "Flux",
    r"joint_blocks|^(lora_)?te3|^text_encoder_3|attn_add_k_proj|attn\.add_k_proj": (
        "Stable Diffusion 3"
    ),
    r"cross_attn_k_img|self_attn_norm_q|blocks\.\d+\.cross_attn\.": "Wan",
    r"cap_embedder|noise_refiner|context_refiner": "Lumina or Z-Image",
}
"""Parts of names in adapters of models that Konomi does not run."""


def split(key: str) -> tuple[str, Role] | None:
    """Return a tensor's name without its end, and its role; None if it has none."""
    if (match := END.search(key)) is None:
        return None
    number = next(int(name[1:]) for name, text in match.groupdict().items() if text is not None)
    return key[: match.start()], list(ROLES.values())[number]
