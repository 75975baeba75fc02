"""Refuse what a diffusers folder's settings ask for and Konomi would not do.

An option that is not honoured would not stop a picture from being painted, only make it wrong.
Standard library only.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from generation.catalog.file_kinds import LATENT_CHANNELS

Config = Mapping[str, Any]

CANNOT = "cannot be painted with"

SCHEDULER_CLASSES = {
    f"{name}Scheduler"
    for name in (
        *("DDIM", "DDIMInverse", "DDIMParallel", "DDPM", "DDPMParallel", "DEISMultistep"),
        *("DPMSolverMultistep", "DPMSolverSDE", "DPMSolverSinglestep", "EulerAncestralDiscrete"),
        *("EulerDiscrete", "HeunDiscrete", "IPNDM", "KDPM2AncestralDiscrete", "KDPM2Discrete"),
        *("LCM", "LMSDiscrete", "PNDM", "SASolver", "TCD", "UniPCMultistep"),
    )
}
"""Schedulers of diffusers by whose settings every sampler can be set up."""
PREDICTIONS = ("epsilon", "v_prediction")
SPACINGS = ("leading", "linspace", "trailing")

SCHEDULER_OPTIONS = {
    *("num_train_timesteps", "beta_start", "beta_end", "beta_schedule", "trained_betas"),
    *("prediction_type", "rescale_betas_zero_snr", "timestep_spacing", "steps_offset"),
    *("set_alpha_to_one", "final_sigmas_type", "use_karras_sigmas", "use_exponential_sigmas"),
    *("use_beta_sigmas", "skip_prk_steps", "solver_order", "solver_type", "algorithm_type"),
    *("lower_order_final", "euler_at_final", "lambda_min_clipped", "use_lu_lambdas", "predict_x0"),
    *("disable_corrector", "original_inference_steps", "timestep_scaling", "noise_sampler_seed"),
    *("predictor_order", "corrector_order", "tau_func", "gamma", "eta"),
}
"""Options of the noise schedule, which all samplers honour, and of single samplers."""
WITHOUT_EFFECT = {
    "clip_sample",  # diffusers' own pipelines switch it off
    *("clip_sample_range", "dynamic_thresholding_ratio", "sample_max_value"),
    *("flow_shift", "time_shift_type"),
}
"""Options of what is switched off."""
USUAL = {
    "interpolation_type": "linear",
    "timestep_type": "discrete",
    "variance_type": "fixed_small",
    "class_embed_type": None,
    "encoder_hid_dim_type": None,
    "num_class_embeds": None,
    "attention_type": "default",
}
"""Options that are honoured at this value alone."""
PART_CLASSES = {
    "text_encoder": ("CLIPTextModel",),
    "text_encoder_2": ("CLIPTextModelWithProjection",),
    "tokenizer": ("CLIPTokenizer", "CLIPTokenizerFast"),
    "tokenizer_2": ("CLIPTokenizer", "CLIPTokenizerFast"),
    "unet": ("UNet2DConditionModel",),
    "vae": ("AutoencoderKL",),
}
"""Classes of a model's parts that are loaded."""
ADDED_EMBEDDINGS = (None, "text", "text_time")
"""Ones that need nothing besides the prompt and the size; "text" is made of the prompt's states."""


def fault_of_scheduler(config: Config) -> str | None:
    """Return what is not honoured in a scheduler_config.json, in words; None if nothing."""
    kind = config.get("_class_name")
    if kind is not None and kind not in SCHEDULER_CLASSES:
        return f"its scheduler is {kind}, whose noise schedule Konomi does not have"
    if (predicts := config.get("prediction_type", PREDICTIONS[0])) not in PREDICTIONS:
        return f"it predicts {predicts}, which Konomi does not know"
    if (spacing := config.get("timestep_spacing", SPACINGS[0])) not in SPACINGS:
        return f"its steps are spaced by {spacing}, which Konomi does not know"
    return _unusual(config, "scheduler") or unknown_option(
        config, {*SCHEDULER_OPTIONS, *WITHOUT_EFFECT, *USUAL}, "scheduler"
    )


def fault_of_index(index: Config) -> str | None:
    """Return what is not honoured in a model_index.json, in words; None if nothing."""
    for part, known in PART_CLASSES.items():
        kind = index.get(part)
        if isinstance(kind, list) and kind and kind[-1] is not None and kind[-1] not in known:
            return f"its {part} is a {kind[-1]}; Konomi loads {known[0]}"
    return None


def fault_of_unet(config: Config, latent_channels: int = LATENT_CHANNELS) -> str | None:
    """Return what is not honoured in a UNet's config.json, in words; None if nothing."""
    if (kind := config.get("_class_name", "UNet2DConditionModel")) != "UNet2DConditionModel":
        return f"its UNet is a {kind}, not a UNet2DConditionModel"
    if (entry := config.get("in_channels", LATENT_CHANNELS)) != latent_channels:
        return f"its UNet takes latents of {entry} channels, its VAE makes {latent_channels}"
    if config.get("out_channels", LATENT_CHANNELS) != latent_channels:
        return "its UNet predicts more than noise or velocity"
    if (added := config.get("addition_embed_type")) not in ADDED_EMBEDDINGS:
        return f"its UNet wants {added} besides the prompt, which Konomi does not have"
    return _unusual(config, "UNet")


def fault_of_vae(config: Config) -> str | None:
    """Return what is not honoured in a VAE's config.json, in words; None if nothing."""
    if (kind := config.get("_class_name", "AutoencoderKL")) != "AutoencoderKL":
        return f"its VAE is a {kind}, not an AutoencoderKL"
    mean, deviation = config.get("latents_mean"), config.get("latents_std")
    if (mean is None) != (deviation is None):
        return "its VAE has one of latents_mean and latents_std without the other"
    if mean is None or deviation is None:
        return None
    if config.get("shift_factor"):
        return "its VAE has latents_mean and shift_factor, of which one too many"
    numbers = all(isinstance(each, int | float) for each in (*mean, *deviation))
    channels = config.get("latent_channels", LATENT_CHANNELS)
    if not numbers or not len(mean) == len(deviation) == channels:
        return "its VAE's latents_mean and latents_std are not one number a channel"
    return None if all(deviation) else "its VAE's latents_std is zero"


def unknown_option(config: Config, known: Container[str], part: str) -> str | None:
    """Return the first option that is set and not known, in words; what is off changes nothing."""
    for name, value in config.items():
        if name not in known and not name.startswith("_") and value not in (None, False):
            return f"its {part} has {name} {value}, which Konomi does not know"
    return None


def _unusual(config: Config, part: str) -> str | None:
    for name, usual in USUAL.items():
        value = config.get(name)
        if value is not None and value != usual:
            return f"its {part} has {name} {value}, which Konomi does not do"
    return None
