"""Embeddings of Textual Inversion in and out, in diffusers' layout and A1111's."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from generation.adapter_files.metadata import AdapterMetadata
from generation.catalog.bases import Base
from generation.catalog.headers import read_header
from generation.models.adapters.reading import read_adapter
from generation.models.adapters.targets import Targets
from generation.models.adapters.weights import Embedding
from generation.models.adapters.writing import write_embedding
from generation.requests.refused import Refused
from tests.kohya import painted, parts_of, pipeline_of
from tests.lora import adapter_at
from tests.tiny import TEXT_WIDTH, build_tiny_xl

SECOND_WIDTH = 48

SAID = AdapterMetadata(
    title="rocky", trigger="<rocky>", architecture=Base.SD1.value, method="textual-inversion"
)


@pytest.fixture(scope="module")
def xl_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_xl(tmp_path_factory.mktemp("xl"), second_width=SECOND_WIDTH)


def vectors(count: int, width: int = TEXT_WIDTH) -> Tensor:
    return torch.randn((count, width), generator=torch.Generator().manual_seed(count))


def read(file: Path, folder: Path) -> Embedding:
    targets = Targets.of(parts_of(pipeline_of(folder)))
    embedding = read_adapter(adapter_at(file), targets)
    assert isinstance(embedding, Embedding)
    return embedding


def written(path: Path, **tensors: Tensor) -> Path:
    save_file(tensors, path / "e.safetensors")
    return path / "e.safetensors"


@pytest.mark.parametrize("count", [1, 4])
def test_a_written_embedding_paints_alike_in_diffusers(
    tiny_folder: Path, tmp_path: Path, count: int
) -> None:
    embedding = Embedding(vectors={"text_encoder": vectors(count)}, token="<rocky>")
    write_embedding(tmp_path / "rocky.safetensors", embedding, SAID)

    pipeline = with_copied_tokenizers(tiny_folder)
    pipeline.load_textual_inversion(tmp_path, weight_name="rocky.safetensors")
    words = "a photo of <rocky>"
    ours = painted(by_hand(tiny_folder, embedding), words_of(embedding, words))
    assert torch.allclose(painted(pipeline, words), ours, atol=1e-5)
    assert (painted(pipeline_of(tiny_folder), words) - ours).abs().mean() > 1e-4


def test_a_written_embedding_of_sdxl_paints_alike_in_diffusers(
    xl_folder: Path, tmp_path: Path
) -> None:
    pair = {"text_encoder": vectors(2), "text_encoder_2": vectors(2, SECOND_WIDTH)}
    embedding = Embedding(vectors=pair, token="<rocky>")
    write_embedding(tmp_path / "rocky.safetensors", embedding, SAID)

    state = load_file(tmp_path / "rocky.safetensors")
    pipeline = with_copied_tokenizers(xl_folder)
    for key, end in (("clip_l", ""), ("clip_g", "_2")):
        pipeline.load_textual_inversion(
            state[key],
            token="<rocky>",
            text_encoder=getattr(pipeline, f"text_encoder{end}"),
            tokenizer=getattr(pipeline, f"tokenizer{end}"),
        )
    ours = painted(by_hand(xl_folder, embedding), words_of(embedding, "a <rocky>"))
    assert torch.allclose(painted(pipeline, "a <rocky>"), ours, atol=1e-5)


def with_copied_tokenizers(folder: Path) -> Any:
    pipeline = pipeline_of(folder)
    for name in ("tokenizer", "tokenizer_2"):
        if hasattr(pipeline, name):
            kind = type(getattr(pipeline, name))
            setattr(pipeline, name, kind.from_pretrained(folder / name))
    return pipeline


def by_hand(folder: Path, embedding: Embedding) -> Any:
    """Return a pipeline that knows words for the vectors, without diffusers' loader."""
    pipeline = with_copied_tokenizers(folder)
    for part, rows in embedding.vectors.items():
        tokenizer = getattr(pipeline, part.replace("text_encoder", "tokenizer"))
        tokenizer.add_tokens([f"<v{k}>" for k in range(len(rows))])
        encoder = getattr(pipeline, part)
        encoder.resize_token_embeddings(len(tokenizer), mean_resizing=False)
        with torch.no_grad():
            encoder.get_input_embeddings().weight[-len(rows) :] = rows
    return pipeline


def words_of(embedding: Embedding, prompt: str) -> str:
    count = len(embedding.vectors["text_encoder"])
    return prompt.replace("<rocky>", " ".join(f"<v{k}>" for k in range(count)))


def test_what_is_written_is_read_again(tiny_folder: Path, tmp_path: Path) -> None:
    embedding = Embedding(vectors={"text_encoder": vectors(3)}, token="<rocky>", metadata=SAID)
    write_embedding(tmp_path / "rocky.safetensors", embedding, SAID)

    again = read(tmp_path / "rocky.safetensors", tiny_folder)
    assert torch.equal(again.vectors["text_encoder"], vectors(3))
    assert (again.token, again.metadata, again.nbytes) == ("<rocky>", SAID, 3 * TEXT_WIDTH * 4)
    header = read_header(tmp_path / "rocky.safetensors")
    assert header is not None
    # A1111 takes the one tensor of a file, whatever it is called.
    assert len(header.tensors) == 1
    assert header.metadata["modelspec.architecture"] == "stable-diffusion-v1/textual-inversion"


@pytest.mark.parametrize("token", ["", "__metadata__", "clip_l", "x.alpha"])
def test_a_token_that_is_no_name_for_a_tensor_is_kept_beside_it(
    tiny_folder: Path, tmp_path: Path, token: str
) -> None:
    embedding = Embedding(vectors={"text_encoder": vectors(1)}, token=token)
    said = dataclasses.replace(SAID, trigger=token)
    write_embedding(tmp_path / "rocky.safetensors", embedding, said)

    assert load_file(tmp_path / "rocky.safetensors").keys() == {"emb_params"}
    assert read(tmp_path / "rocky.safetensors", tiny_folder).token == token


def test_files_of_others_are_read(tiny_folder: Path, xl_folder: Path, tmp_path: Path) -> None:
    a1111 = read(written(tmp_path, emb_params=vectors(2)), tiny_folder)
    assert torch.equal(a1111.vectors["text_encoder"], vectors(2))
    assert a1111.token == ""

    flat = read(written(tmp_path, **{"<cat>": vectors(1)[0]}), tiny_folder)
    assert torch.equal(flat.vectors["text_encoder"], vectors(1))
    assert flat.token == "<cat>"

    pair = {"clip_g": vectors(2, SECOND_WIDTH), "clip_l": vectors(2)}
    both = read(written(tmp_path, **pair), xl_folder)
    assert torch.equal(both.vectors["text_encoder"], vectors(2))
    assert torch.equal(both.vectors["text_encoder_2"], vectors(2, SECOND_WIDTH))


REFUSED = {
    "The adapter e was made for Stable Diffusion XL, but Stable Diffusion 1.x is loaded. "
    "Choose an adapter made for Stable Diffusion 1.x.": {"clip_l": (1, 768), "clip_g": (1, 1280)},
    "The adapter e was made for another kind of model.": {"emb_params": (1, 31)},
    "The embedding e must have 1 to 75 vectors.": {"emb_params": (76, TEXT_WIDTH)},
    "The adapter e contains an unknown tensor: <cat>.": {"<cat>": (1, 1, TEXT_WIDTH)},
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_does_not_fit_is_refused(tiny_folder: Path, tmp_path: Path, said: str) -> None:
    tensors = {name: torch.zeros(shape) for name, shape in REFUSED[said].items()}
    with pytest.raises(Refused) as refused:
        read(written(tmp_path, **tensors), tiny_folder)
    assert str(refused.value) == said


def test_halves_of_different_lengths_and_halves_alone_are_refused(
    xl_folder: Path, tmp_path: Path
) -> None:
    uneven = {"clip_l": vectors(2), "clip_g": vectors(3, SECOND_WIDTH)}
    with pytest.raises(Refused, match="is not a complete LoRA or embedding"):
        read(written(tmp_path, **uneven), xl_folder)
    with pytest.raises(Refused, match="was made for another kind of model"):
        read(written(tmp_path, clip_l=vectors(2)), xl_folder)


class _Trap:
    """An object that runs code if it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("a pickle was read",)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickled_embedding_is_never_opened(
    tiny_folder: Path, tmp_path: Path, zipped: bool
) -> None:
    file = tmp_path / "old.pt"
    content = {"string_to_param": {"*": vectors(1)}, "name": _Trap()}
    if zipped:
        torch.save(content, file)
    else:
        file.write_bytes(pickle.dumps(content))
    with pytest.raises(Refused, match="is a pickle or an archive, which could run code"):
        read(file, tiny_folder)
