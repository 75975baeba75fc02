"""Tiny files and folders of the kinds that people try, by their rows in docs/models.md."""

from __future__ import annotations

import json
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from generation.catalog.prediction import VELOCITY_NORM
from tests.single_file import UNET, stored_tensors, write_single_file
from tests.tiny import build_unet

ENTRY = f"{UNET}input_blocks.0.0.weight"


class Workshop:
    """A folder to make things in, and whole tiny models to make them of."""

    def __init__(self, folder: Path, models: Path) -> None:
        self.folder = folder
        self.sd, self.sd2, self.xl = (models / name for name in ("sd", "sd2", "xl"))

    def weights(self, *names: str, shape: tuple[int, ...] = (2, 2), file: str = "x") -> str:
        """A .safetensors file of these tensors and nothing else."""
        return self.tensors({name: torch.zeros(shape) for name in names}, file)

    def tensors(self, tensors: dict[str, Tensor], file: str = "x") -> str:
        whole = {name: tensor.contiguous() for name, tensor in tensors.items()}
        save_file(whole, self.folder / f"{file}.safetensors")
        return str(self.folder / f"{file}.safetensors")

    def data(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return str(self.folder / name)

    def with_channels(self, channels: int) -> str:
        """A whole Stable Diffusion whose UNet has so many input channels."""
        tensors = stored_tensors(self.sd)
        return self.tensors(tensors | {ENTRY: torch.zeros(32, channels, 3, 3)})

    def pickled(self, name: str, content: object) -> str:
        torch.save(content, self.folder / name)
        return str(self.folder / name)

    def copied(self, model: Path | None = None) -> Path:
        return Path(shutil.copytree(model or self.sd, self.folder / "model"))

    def with_settings(self, file: str, **change: object) -> str:
        """A folder whose JSON `file` says something else."""
        folder = self.copied()
        config = json.loads((folder / file).read_text("utf-8")) | change
        (folder / file).write_text(json.dumps(config), "utf-8")
        return str(folder)


Make = Callable[[Workshop], str]
ROWS: dict[str, Make] = {}


def row(title: str) -> Callable[[Make], Make]:
    def enter(make: Make) -> Make:
        ROWS[title] = make
        return make

    return enter


# --- what paints ---------------------------------------------------------------------------------


@row("Stable Diffusion 1.x")
def _(shop: Workshop) -> str:
    return str(write_single_file(shop.sd, shop.folder / "sd.safetensors"))


@row("Stable Diffusion 2.x at 512")
def _(shop: Workshop) -> str:
    return str(write_single_file(shop.sd2, shop.folder / "sd2.safetensors", open_clip=True))


@row("Stable Diffusion 2.x at 768, told by its weights")
def _(shop: Workshop) -> str:
    bias = {VELOCITY_NORM: torch.tensor([-0.1, 0.1] * 16)}
    return shop.tensors(stored_tensors(shop.sd2, open_clip=True) | bias, "sd2")


@row("Stable Diffusion 2.x at 768, told by a `.yaml` file of the same name")
def _(shop: Workshop) -> str:
    shop.data("sd2.yaml", b'model:\n  params:\n    parameterization: "v"\n')
    return str(write_single_file(shop.sd2, shop.folder / "sd2.safetensors", open_clip=True))


@row("Stable Diffusion XL")
def _(shop: Workshop) -> str:
    return str(write_single_file(shop.xl, shop.folder / "xl.safetensors"))


@row("Stable Diffusion XL with `v_pred` and `ztsnr`, such as NoobAI XL")
def _(shop: Workshop) -> str:
    marks = {"v_pred": torch.tensor([]), "ztsnr": torch.tensor([])}
    return str(write_single_file(shop.xl, shop.folder / "noob.safetensors", more=marks))


@row("Stable Diffusion XL whose metadata says `modelspec.prediction_type: v`")
def _(shop: Workshop) -> str:
    said = {"modelspec.prediction_type": "v"}
    return str(write_single_file(shop.xl, shop.folder / "xl.safetensors", metadata=said))


@row("Stable Diffusion XL in eight bits (fp8)")
def _(shop: Workshop) -> str:
    tensors = stored_tensors(shop.xl)
    return shop.tensors({name: t.to(torch.float8_e4m3fn) for name, t in tensors.items()}, "xl")


@row("A folder in the diffusers format")
def _(shop: Workshop) -> str:
    return str(shop.copied())


# --- models of other kinds -----------------------------------------------------------------------


@row("An inpainting model")
def _(shop: Workshop) -> str:
    return shop.with_channels(9)


@row("InstructPix2Pix")
def _(shop: Workshop) -> str:
    return shop.with_channels(8)


@row("The refiner of Stable Diffusion XL")
def _(shop: Workshop) -> str:
    tensors = stored_tensors(shop.xl)
    refiner = {
        name.replace("embedders.1.", "embedders.0."): tensor
        for name, tensor in tensors.items()
        if not name.startswith("conditioner.embedders.0.")
    }
    return shop.tensors(refiner)


@row("Playground 2.5")
def _(shop: Workshop) -> str:
    marks = {"edm_mean": torch.zeros(1, 4, 1, 1), "edm_std": torch.ones(1, 4, 1, 1)}
    return shop.tensors(stored_tensors(shop.xl) | marks)


@row("A distilled model with fewer layers, such as SSD-1B")
def _(shop: Workshop) -> str:
    tensors = stored_tensors(shop.sd)
    return shop.tensors({k: v for k, v in tensors.items() if "middle_block.1." not in k})


@row("Flux")
def _(shop: Workshop) -> str:
    return shop.weights("double_blocks.0.img_attn.qkv.weight", "img_in.weight")


@row("Stable Diffusion 3")
def _(shop: Workshop) -> str:
    return shop.weights(
        "model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight",
        "first_stage_model.decoder.conv_in.weight",
    )


@row("A whole model quantized to four bits")
def _(shop: Workshop) -> str:
    name = f"{UNET}middle_block.1.proj_in.weight"
    return shop.weights(name, f"{name}.absmax", f"{name}.quant_map")


# --- parts and additions -------------------------------------------------------------------------


@row("A LoRA (kohya's layout)")
def _(shop: Workshop) -> str:
    layer = "lora_unet_down_blocks_0_attentions_0_proj_in"
    return shop.weights(f"{layer}.lora_down.weight", f"{layer}.lora_up.weight", f"{layer}.alpha")


@row("A LoRA (layout of diffusers and peft)")
def _(shop: Workshop) -> str:
    layer = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
    return shop.weights(f"{layer}.lora_A.weight", f"{layer}.lora_B.weight")


@row("A textual inversion embedding")
def _(shop: Workshop) -> str:
    return shop.weights("emb_params", shape=(2, 768))


@row("A textual inversion embedding (`.pt`)")
def _(shop: Workshop) -> str:
    vectors = {"string_to_token": {"*": 265}, "string_to_param": {"*": torch.zeros(2, 768)}}
    return shop.pickled("bad-hands.pt", vectors)


@row("A VAE alone")
def _(shop: Workshop) -> str:
    return shop.weights("encoder.conv_in.weight", "decoder.conv_in.weight", "quant_conv.weight")


@row("A ControlNet")
def _(shop: Workshop) -> str:
    return shop.weights(
        "control_model.input_blocks.0.0.weight", "control_model.zero_convs.0.0.bias"
    )


@row("An upscaler such as ESRGAN (`.pth`)")
def _(shop: Workshop) -> str:
    names = ("conv_first.weight", "body.0.rdb1.conv1.weight", "conv_last.weight")
    return shop.pickled("4x.pth", {"params_ema": {name: torch.zeros(2) for name in names}})


@row("A text encoder alone")
def _(shop: Workshop) -> str:
    return shop.weights("text_model.encoder.layers.0.self_attn.q_proj.weight")


@row("A UNet alone")
def _(shop: Workshop) -> str:
    tensors = stored_tensors(shop.sd)
    return shop.tensors({k.removeprefix(UNET): v for k, v in tensors.items() if UNET in k})


@row("A UNet out of a diffusers folder")
def _(shop: Workshop) -> str:
    return str(shop.copied() / "unet" / "diffusion_pytorch_model.safetensors")


# --- files that are no weights -------------------------------------------------------------------


@row("A checkpoint as a pickle (`.ckpt`)")
def _(shop: Workshop) -> str:
    tensors = {name: torch.zeros(1) for name in stored_tensors(shop.sd)}
    return shop.pickled("model.ckpt", {"state_dict": tensors})


@row("A pickle under the name of a `.safetensors` file")
def _(shop: Workshop) -> str:
    return shop.data("model.safetensors", pickle.dumps({"weight": [0.0]}))


@row("A GGUF file")
def _(shop: Workshop) -> str:
    return shop.data("model.gguf", b"GGUF\3\0\0\0" + bytes(64))


@row("A download that was cut short")
def _(shop: Workshop) -> str:
    file = write_single_file(shop.sd, shop.folder / "cut.safetensors")
    file.write_bytes(file.read_bytes()[:-1000])
    return str(file)


@row("A download that was cut short at once")
def _(shop: Workshop) -> str:
    file = write_single_file(shop.sd, shop.folder / "cut.safetensors")
    file.write_bytes(file.read_bytes()[:5000])
    return str(file)


@row("A browser's unfinished download")
def _(shop: Workshop) -> str:
    return shop.data("model.safetensors.part", bytes(100))


@row("An empty file")
def _(shop: Workshop) -> str:
    return shop.data("model.safetensors", b"")


@row("A web page, saved in the place of a file")
def _(shop: Workshop) -> str:
    return shop.data("model.safetensors", b"\n<!DOCTYPE html><html><head><title>Sign in</title>")


@row("A pointer of Git LFS")
def _(shop: Workshop) -> str:
    text = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 2132625894\n"
    return shop.data("model.safetensors", text)


@row("A zip archive")
def _(shop: Workshop) -> str:
    with zipfile.ZipFile(shop.folder / "model.zip", "w") as archive:
        archive.writestr("model/model_index.json", "{}")
    return str(shop.folder / "model.zip")


@row("A picture")
def _(shop: Workshop) -> str:
    return shop.data("preview.safetensors", b"\x89PNG\r\n\x1a\n" + bytes(50))


@row("A `.safetensors` file under another name")
def _(shop: Workshop) -> str:
    file = write_single_file(shop.sd, shop.folder / "model.safetensors")
    return str(file.rename(shop.folder / "model.sft"))


# --- folders -------------------------------------------------------------------------------------


@row("A folder without `tokenizer`")
def _(shop: Workshop) -> str:
    folder = shop.copied()
    shutil.rmtree(folder / "tokenizer")
    return str(folder)


@row("A folder whose `tokenizer` is empty")
def _(shop: Workshop) -> str:
    folder = shop.copied()
    shutil.rmtree(folder / "tokenizer")
    (folder / "tokenizer").mkdir()
    return str(folder)


@row("A folder whose text encoder lacks weights")
def _(shop: Workshop) -> str:
    folder = shop.copied()
    file = folder / "text_encoder" / "model.safetensors"
    tensors = load_file(file)
    del tensors[next(iter(tensors))]
    save_file(tensors, file, {"format": "pt"})
    return str(folder)


@row("A folder without `unet`")
def _(shop: Workshop) -> str:
    folder = shop.copied()
    shutil.rmtree(folder / "unet")
    return str(folder)


@row("A folder cloned without Git LFS")
def _(shop: Workshop) -> str:
    folder = shop.copied()
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3438167540\n"
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_text(pointer, "utf-8")
    return str(folder)


@row("A folder whose weights are pickles")
def _(shop: Workshop) -> str:
    folder = shop.copied()
    (folder / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    torch.save({}, folder / "unet" / "diffusion_pytorch_model.bin")
    return str(folder)


@row("An empty folder")
def _(shop: Workshop) -> str:
    (shop.folder / "model").mkdir()
    return str(shop.folder / "model")


@row("A folder of one file")
def _(shop: Workshop) -> str:
    shop.weights("emb_params", shape=(2, 768))
    return str(shop.folder)


@row("A folder of several files")
def _(shop: Workshop) -> str:
    shop.weights("a", file="anime")
    shop.weights("b", file="photo")
    return str(shop.folder)


@row("A folder above the model's")
def _(shop: Workshop) -> str:
    shop.copied()
    return str(shop.folder)


@row("A part of a diffusers folder")
def _(shop: Workshop) -> str:
    return str(shop.copied() / "unet")


@row("A folder of Flux")
def _(shop: Workshop) -> str:
    return shop.with_settings("model_index.json", _class_name="FluxPipeline")


@row("A folder of an inpainting model")
def _(shop: Workshop) -> str:
    return shop.with_settings("model_index.json", _class_name="StableDiffusionInpaintPipeline")


@row("A folder whose UNet has 8 input channels")
def _(shop: Workshop) -> str:
    folder = shop.copied()
    build_unet(in_channels=8).save_pretrained(folder / "unet")
    return str(folder)


@row("A folder with `prediction_type: sample`")
def _(shop: Workshop) -> str:
    return shop.with_settings("scheduler/scheduler_config.json", prediction_type="sample")


@row("A folder of Playground 2.5")
def _(shop: Workshop) -> str:
    scheduler = "EDMDPMSolverMultistepScheduler"
    return shop.with_settings("scheduler/scheduler_config.json", _class_name=scheduler)


@row("A folder whose UNet wants class labels")
def _(shop: Workshop) -> str:
    return shop.with_settings("unet/config.json", class_embed_type="timestep")


@row("A folder whose text encoder is not CLIP's")
def _(shop: Workshop) -> str:
    return shop.with_settings("model_index.json", text_encoder=["transformers", "T5EncoderModel"])


@row("A folder with a setting that is not JSON")
def _(shop: Workshop) -> str:
    folder = shop.copied()
    (folder / "unet" / "config.json").write_text("{", "utf-8")
    return str(folder)


@row("A folder with an option that Konomi does not know")
def _(shop: Workshop) -> str:
    return shop.with_settings("scheduler/scheduler_config.json", thresholding=True)


# --- names ---------------------------------------------------------------------------------------


@row("`owner/..`")
def _(shop: Workshop) -> str:
    return "owner/.."


@row("A web address")
def _(shop: Workshop) -> str:
    return "https://huggingface.co/owner/name"


@row("A path where nothing is")
def _(shop: Workshop) -> str:
    return str(shop.folder / "gone.safetensors")
