"""Files are told by names of tensors that real ones have."""

from __future__ import annotations

import pytest

from generation.catalog.file_kinds import kind_of

UNET = "model.diffusion_model."
VAE = "first_stage_model.decoder.conv_in.weight"
CLIP = "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight"
OPEN_CLIP = "cond_stage_model.model.positional_embedding"
XL = (
    "conditioner.embedders.0.transformer.text_model.embeddings.position_embedding.weight",
    "conditioner.embedders.1.model.positional_embedding",
)
DENOISER = f"{UNET}middle_block.1.norm.weight"


@pytest.mark.parametrize(
    ("names", "title"),
    [
        ((DENOISER, VAE, CLIP), "Stable Diffusion 1.x"),
        ((DENOISER, VAE, OPEN_CLIP), "Stable Diffusion 2.x"),
        ((DENOISER, VAE, *XL, "v_pred", "ztsnr", "denoiser.sigmas"), "Stable Diffusion XL"),
        ((DENOISER, VAE), "a model without its text encoder"),
        ((DENOISER, CLIP), "a model without its VAE"),
        ((DENOISER, VAE, "cond_stage_model.transformer.embeddings.x"), "unusual names"),
        ((f"{UNET}double_blocks.0.img_attn.proj.weight", VAE), "a Flux model"),
        (("single_transformer_blocks.0.attn.to_k.weight",), "a Flux model"),
        (("single_stream_modulation.lin.weight", "double_blocks.0.img_attn.x"), "a Flux.2 model"),
        (("distilled_guidance_layer.in_proj.bias", "double_blocks.0.img_attn.x"), "a Chroma model"),
        (("joint_blocks.0.x_block.attn.qkv.weight",), "a Stable Diffusion 3 model"),
        (("transformer_blocks.0.norm1_context.linear.bias",), "a Stable Diffusion 3 model"),
        (("txt_in.individual_token_refiner.blocks.0.x",), "a Hunyuan Video model"),
        (("transformer_blocks.0.img_mod.1.weight",), "a Qwen-Image model"),
        (("double_layers.0.attn.w1q.weight",), "an AuraFlow model"),
        ((f"{UNET}cap_embedder.0.weight",), "a Lumina or Z-Image model"),
        (("head.modulation", "blocks.0.self_attn.q.weight"), "a Wan video model"),
        (("model.diffusion_model.patchify_proj.weight",), "an LTX video model"),
        (("clip_txt_mapper.weight",), "a Stable Cascade model"),
        ((f"{UNET}input_blocks.1.0.time_stack.in_layers.0.weight",), "Stable Video Diffusion"),
        (("down_blocks.0.motion_modules.0.temporal_transformer.norm.bias",), "AnimateDiff"),
        (("lora_te1_text_model_encoder_layers_0_mlp_fc1.alpha",), "a LoRA in kohya's layout"),
        (("lora_unet_double_blocks_0_img_attn_proj.lora_up.weight",), "a LoRA in kohya's layout"),
        (("transformer.single_transformer_blocks.0.proj_out.lora_A.weight",), "layout of peft"),
        (("double_blocks.0.processor.proj_lora1.down.weight",), "a LoRA"),
        (("unet.mid_block.attn1.processor.to_q_lora.up.weight",), "a LoRA"),
        (("diffusion_model.input_blocks.4.1.proj_in.lokr_w1",), "a LoRA"),
        (("controlnet_cond_embedding.conv_in.weight", "down_blocks.0.x"), "a ControlNet"),
        (("lllite_unet_input_blocks_4_1.depth1.0.weight",), "a ControlNet"),
        (("image_proj.latents", "ip_adapter.1.to_k_ip.weight"), "an IP-Adapter"),
        (("adapter.body.0.block1.weight",), "a T2I-Adapter"),
        (("clip_l", "clip_g"), "a textual inversion embedding"),
        (("<cat-toy>",), "a textual inversion embedding"),
        (("first_stage_model.encoder.conv_in.weight",), "a VAE alone"),
        (("model.1.sub.0.RDB1.conv1.0.weight",), "an upscaler"),
        (("encoder.block.0.layer.0.SelfAttention.q.weight", "shared.weight"), "a text encoder"),
        (("vision_model.encoder.layers.0.mlp.fc1.bias",), "an image encoder alone"),
        (("concept_embeds", "vision_model.vision_model.x"), "a safety checker"),
        (("model.layers.0.self_attn.q_proj.weight",), "a language model"),
        (("weight",), "no model that Konomi knows"),
        ((), "a file without weights"),
    ],
)
def test_a_file_is_told_by_its_names(names: tuple[str, ...], title: str) -> None:
    assert title in kind_of(dict.fromkeys(names, (2, 2))).title


def test_ten_thousand_layers_are_looked_through_at_once() -> None:
    kind_of({f"{UNET}input_blocks.{n}.0.in_layers.0.weight": (320,) for n in range(10_000)})
