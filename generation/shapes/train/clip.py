"""Train the small CLIP: text and vision towers, contrastively (Radford et al. 2021, §2).

The contrastive loss is satisfied once most pairs can be told apart: a text tower trained on it
alone encoded the shape for 57 of 100 captions and the place for 39, and a UNet conditioned on its
hidden states painted any shape anywhere.  So linear classifiers on both towers also have to read
every attribute, and on the text tower what an instruction asks for, which no image could teach it.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTokenizer, CLIPVisionConfig

from generation.shapes.captions import ATTRIBUTES, Language, caption, random_said
from generation.shapes.instructions import EDITED, Edit, instruction, random_edit
from generation.shapes.train.data import HELD_OUT, to_model
from generation.shapes.train.loop import Log, load_checkpoint, save_checkpoint, warm_cosine
from generation.shapes.train.tokenizer import LENGTH
from generation.shapes.world import COLOURS, FILLS, PLACES, SHAPES, SIDE, Scene

WIDTH, LAYERS, HEADS = 128, 3, 4


def build(tokenizer: CLIPTokenizer) -> CLIPModel:
    """Build a CLIP of about 1.5 M parameters: two towers of three layers."""
    tower = {
        "hidden_size": WIDTH,
        "intermediate_size": 4 * WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "projection_dim": WIDTH,
    }
    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=LENGTH,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **tower,
    )
    vision = CLIPVisionConfig(image_size=SIDE, patch_size=16, **tower)
    return CLIPModel(
        CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=WIDTH)
    )


VALUES: dict[str, tuple[object, ...]] = {
    "shape": SHAPES,
    "colour": tuple(COLOURS),
    "background": tuple(COLOURS),
    "fill": FILLS,
    "size": ("small", "large"),
    "place": (*PLACES[1], *PLACES[2]),
    "count": (1, 2),
}


EDITS = tuple((attribute, value) for attribute in EDITED for value in VALUES[attribute])
"""Every change that an instruction can ask for, as (attribute, value)."""


class Readers(nn.Module):
    """Linear classifiers of every attribute on both towers, discarded after training.

    Those on the text tower have one more class, for attributes that the caption leaves out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.text = nn.ModuleDict({a: nn.Linear(WIDTH, len(v) + 1) for a, v in VALUES.items()})
        self.image = nn.ModuleDict({a: nn.Linear(WIDTH, len(v)) for a, v in VALUES.items()})
        self.edit = nn.Linear(WIDTH, len(EDITS))

    def forward(
        self, text: Tensor, image: Tensor, scenes: list[Scene], said: list[set[str]]
    ) -> Tensor:
        """Return the sum of all cross-entropies.

        text, image: (B, WIDTH), the towers' pooled outputs.
        """
        losses = [self.seen(image, scenes)]
        for name, values in VALUES.items():
            spoken = torch.tensor([name in words or name == "count" for words in said])
            told = torch.where(spoken, _true(name, scenes), len(values))
            losses.append(F.cross_entropy(self.text[name](text), told.to(text.device)))
        return torch.stack(losses).sum()

    def seen(self, image: Tensor, scenes: list[Scene]) -> Tensor:
        """Return the cross-entropies of the image classifiers.  image: (B, WIDTH), pooled."""
        return torch.stack(
            [
                F.cross_entropy(self.image[name](image), _true(name, scenes).to(image.device))
                for name in VALUES
            ]
        ).sum()

    def asked(self, text: Tensor, edits: list[Edit]) -> Tensor:
        """Return the cross-entropy of the requested edits.  text: (B, WIDTH), pooled."""
        return F.cross_entropy(self.edit(text), _asked(edits).to(text.device))

    @torch.no_grad()
    def obeyed(self, text: Tensor, edits: list[Edit]) -> float:
        """Return the share of instructions that are classified correctly."""
        return (self.edit(text).argmax(1).cpu() == _asked(edits)).float().mean().item()

    @torch.no_grad()
    def right(self, states: Tensor, scenes: list[Scene], tower: str) -> float:
        """Return the accuracy on the attribute that is classified worst."""
        heads = getattr(self, tower)
        return min(
            (heads[name](states).argmax(1).cpu() == _true(name, scenes)).float().mean().item()
            for name in VALUES
        )


def _true(name: str, scenes: list[Scene]) -> Tensor:
    return torch.tensor([VALUES[name].index(getattr(scene, name)) for scene in scenes])


def _asked(edits: list[Edit]) -> Tensor:
    wanted = [(edit.attribute, getattr(edit.after, edit.attribute)) for edit in edits]
    return torch.tensor([EDITS.index(pair) for pair in wanted])


def tokenize(tokenizer: CLIPTokenizer, captions: list[str], length: int) -> Tensor:
    """Return (N, length) token ids, padded with the end-of-text token as in Stable Diffusion."""
    return tokenizer(
        captions, padding="max_length", max_length=length, truncation=True, return_tensors="pt"
    ).input_ids


def train(
    scenes: list[Scene],
    pixels: Tensor,
    tokenizer: CLIPTokenizer,
    run: Path,
    *,
    start: Path | None = None,
    steps: int = 1500,
    batch: int = 128,
    rate: float = 1e-3,
    seed: int = 0,
    device: str = "cpu",
) -> CLIPModel:
    """Train on pairs of images and captions, half of them English and half Japanese.

    pixels: (N, 3, SIDE, SIDE) uint8, the last ones held out.  Resumes from `run`, or starts from
    the towers in the folder `start`.
    """
    torch.manual_seed(seed)
    model = (CLIPModel.from_pretrained(start).train() if start else build(tokenizer)).to(device)
    readers = Readers().to(device)
    learning = [*model.parameters(), *readers.parameters()]
    optimizer = torch.optim.AdamW(learning, lr=rate, betas=(0.9, 0.98), weight_decay=0.05)
    log, checkpoint, first = Log(run / "clip.jsonl"), run / "clip.pt", 0
    if state := load_checkpoint(checkpoint):
        model.load_state_dict(state["clip"])
        readers.load_state_dict(state["readers"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    for step in range(first, steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * warm_cosine(step, steps)
        chosen = torch.randint(0, len(scenes) - HELD_OUT, (batch,))
        random = Random(f"{seed}/{step}")
        shown = [scenes[k] for k in chosen]
        said = [random_said(random) for _ in shown]
        captions = [
            caption(scene, words, random, random.choice(("en", "ja")))
            for scene, words in zip(shown, said, strict=True)
        ]
        text = model.text_model(tokenize(tokenizer, captions, LENGTH).to(device)).pooler_output
        image = model.vision_model(to_model(pixels[chosen]).to(device)).pooler_output
        similarity = model.logit_scale.exp() * likeness(model, image, text)
        truth = torch.arange(batch, device=device)
        contrast = (F.cross_entropy(similarity, truth) + F.cross_entropy(similarity.T, truth)) / 2
        edits = [random_edit(random, scene) for scene in shown[::2]]
        asked = [instruction(edit, random, random.choice(("en", "ja"))) for edit in edits]
        orders = model.text_model(tokenize(tokenizer, asked, LENGTH).to(device)).pooler_output
        loss = contrast + readers(text, image, shown, said) + readers.asked(orders, edits)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(max=4.6052)  # a temperature of 1/100, as published
        if (step + 1) % 100 == 0:
            kept = scenes[-HELD_OUT:], pixels[-HELD_OUT:]
            log.write(step=step + 1, loss=loss.item(), **judge(model, readers, tokenizer, *kept))
            save_checkpoint(
                checkpoint,
                clip=model.state_dict(),
                readers=readers.state_dict(),
                optimizer=optimizer.state_dict(),
                step=step + 1,
            )
    return model.cpu().eval()


def likeness(model: CLIPModel, image: Tensor, text: Tensor) -> Tensor:
    """Return cosines (N, M) between pooled outputs of images (N, WIDTH) and texts (M, WIDTH)."""
    pictures = F.normalize(model.visual_projection(image), dim=-1)
    return pictures @ F.normalize(model.text_projection(text), dim=-1).T


@torch.no_grad()
def judge(
    model: CLIPModel,
    readers: Readers,
    tokenizer: CLIPTokenizer,
    scenes: list[Scene],
    pixels: Tensor,
) -> dict[str, float]:
    """Evaluate on held-out images with full captions.

    Returns, for each language, the share of images whose own caption is the most similar of 96;
    and, for captions and for images, the accuracy on the attribute that is classified worst.
    """
    vision = model.vision_model(to_model(pixels).to(model.device)).pooler_output
    shares = {"seen": readers.right(vision, scenes, "image")}
    languages: dict[str, Language] = {"english": "en", "japanese": "ja"}
    for name, language in languages.items():
        captions = [caption(scene, ATTRIBUTES, Random(0), language) for scene in scenes]
        ids = tokenize(tokenizer, captions, LENGTH).to(model.device)
        text = model.text_model(ids).pooler_output
        likest = likeness(model, vision[:96], text[:96]).argmax(1)
        matched = likest == torch.arange(len(likest), device=likest.device)
        shares[f"{name}_of_96"] = matched.float().mean().item()
        shares[f"{name}_read"] = readers.right(text, scenes, "text")
        random = Random(0)
        edits = [random_edit(random, scene) for scene in scenes]
        asked = [instruction(edit, random, language) for edit in edits]
        ids = tokenize(tokenizer, asked, LENGTH).to(model.device)
        orders = model.text_model(ids).pooler_output
        shares[f"{name}_obeyed"] = readers.obeyed(orders, edits)
    return shares
