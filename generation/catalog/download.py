"""Download models from the Hugging Face hub: only the files needed, and only if they fit."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path, PurePosixPath

from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

from generation.catalog.captioners import (
    CAPTIONER_CONFIG,
    EXAMPLES,
    PREPARATIONS,
    TOKENIZERS,
    captioner_repo,
    check_captioner,
    locate_captioner,
)
from generation.catalog.checkers import (
    BUNDLED,
    CHECKER_PARTS,
    described_checker,
    locate_checker,
)
from generation.catalog.entries import ModelUnavailable, PartSource, find, hub_id
from generation.catalog.files import UNET
from generation.catalog.folder_kinds import INDEX
from generation.catalog.headers import MAX_ADAPTER_BYTES
from generation.catalog.integrity import WEIGHTED

TEXTS = ("feature_extractor", "scheduler", "tokenizer", "tokenizer_2")
"""Folders that hold small text files."""
SAFETENSORS = ".safetensors"
USUAL_ADAPTERS = ("pytorch_lora_weights.safetensors", "learned_embeds.safetensors")
"""Names under which diffusers writes adapters and looks for them."""
MOST_NAMED = 8
"""Files of a repository that a sentence lists."""
CAPTIONER_SETTINGS = (
    CAPTIONER_CONFIG,
    *PREPARATIONS,
    *TOKENIZERS,
    "generation_config.json",
    "special_tokens_map.json",
    "tokenizer_config.json",
)
"""Small files of a caption model, as far as it has them."""
CHECKER_CONFIGS = ("config.json", "preprocessor_config.json")
"""Files of settings of a safety checker: the network's, and its image preprocessing's."""
SPARE_BYTES = 2**30
"""Disk space to leave free beside the model."""


@dataclasses.dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository; `missing` unless it is already on this machine."""

    name: str
    size: int
    missing: bool = True


def fetch(name: str, models_dir: Path | None = None) -> Path:
    """Download a model by its catalogue name or hub id; return its folder.

    Safetensors only; shows progress; resumes an interrupted download.  Raises `ModelUnavailable`
    with a sentence for the host.
    """
    repo, entry = hub_id(name), find(name)
    elsewhere = entry.parts if entry else {}
    try:
        wanted = {repo: needed(_listed(repo, models_dir), without=elsewhere)}
        for part in elsewhere.values():
            wanted[part.repo] = needed_of_part(_listed(part.repo, models_dir), part)
        files = [file for each in wanted.values() for file in each]
        check_space(files, models_dir or Path(constants.HF_HUB_CACHE))
        for place, its in wanted.items():
            names = [file.name for file in its if file.name != INDEX]
            snapshot_download(place, cache_dir=models_dir, allow_patterns=names)
        # Downloaded last, so that its presence means that everything else is there.
        return Path(snapshot_download(repo, cache_dir=models_dir, allow_patterns=[INDEX]))
    except OSError as error:
        raise ModelUnavailable(_reason(error, name, repo)) from error


def fetch_checker(name: str, models_dir: Path | None = None) -> Path:
    """Download only a safety checker: a model's, or one with a repository of its own.

    Returns its folder; otherwise like `fetch`.
    """
    if name == BUNDLED:
        raise ModelUnavailable(f"{BUNDLED} comes with Konomi; there is nothing to download.")
    repo = hub_id(name)
    try:
        files = needed_to_check(_listed(repo, models_dir))
        folder = _settings_first(repo, files, CHECKER_CONFIGS, models_dir)
        described_checker(folder, name)
        _download(repo, files, models_dir)
    except OSError as error:
        raise ModelUnavailable(_reason(error, name, repo)) from error
    return locate_checker(name, models_dir).network


def fetch_editor(name: str, models_dir: Path | None = None) -> Path:
    """Download only the UNet of an editing model, by its hub id or that of its catalogue model.

    Returns its folder; otherwise like `fetch`.
    """
    entry = find(name)
    repo = entry.editor if entry and entry.editor else hub_id(name)
    try:
        files = needed_to_edit(_listed(repo, models_dir))
        check_space(files, models_dir or Path(constants.HF_HUB_CACHE))
        config, *weights = [file.name for file in files]
        snapshot_download(repo, cache_dir=models_dir, allow_patterns=weights)
        # Downloaded last, so that its presence means that everything else is there.
        found = snapshot_download(repo, cache_dir=models_dir, allow_patterns=[config])
        return Path(found) / UNET
    except OSError as error:
        raise ModelUnavailable(_reason(error, name, repo)) from error


def fetch_captioner(name: str, models_dir: Path | None = None) -> Path:
    """Download a caption model by its hub id; return its folder, otherwise like `fetch`."""
    repo = captioner_repo(name)
    try:
        files = needed_to_caption(_listed(repo, models_dir), repo)
        folder = _settings_first(repo, files, CAPTIONER_SETTINGS, models_dir)
        check_captioner(folder, name)
        _download(repo, files, models_dir)
    except OSError as error:
        raise ModelUnavailable(_reason(error, name, repo)) from error
    return locate_captioner(name, models_dir)


def fetch_adapter(name: str, models_dir: Path | None = None) -> Path:
    """Download an adapter: `owner/name`, or `owner/name:file.safetensors` if there are several.

    Returns its file; otherwise like `fetch`.
    """
    repo, _, file = name.partition(":")
    try:
        listed = _listed(repo, models_dir)
        wanted = needed_adapter(listed, repo, file)
        check_space([wanted], models_dir or Path(constants.HF_HUB_CACHE))
        # A name may have signs that a pattern gives a meaning to.
        pattern = re.sub(r"([*?\[])", r"[\1]", wanted.name)
        found = snapshot_download(repo, cache_dir=models_dir, allow_patterns=[pattern])
        return Path(found) / wanted.name
    except OSError as error:
        raise ModelUnavailable(_reason(error, name, repo)) from error


def fetch_settings(name: str, models_dir: Path | None = None) -> Path:
    """Download only the tokenizers and settings of a catalogue model, which single files lack.

    Returns its folder; otherwise like `fetch`.
    """
    repo = hub_id(name)
    wanted = [f"{folder}/*{suffix}" for folder in TEXTS for suffix in (".json", ".txt")]
    wanted += [f"{folder}/config.json" for folder in WEIGHTED]
    try:
        return Path(snapshot_download(repo, cache_dir=models_dir, allow_patterns=[*wanted, INDEX]))
    except OSError as error:
        raise ModelUnavailable(_reason(error, name, repo)) from error


def _listed(repo: str, models_dir: Path | None) -> list[RemoteFile]:
    listed = snapshot_download(repo, cache_dir=models_dir, dry_run=True)
    return [RemoteFile(f.filename, f.file_size or 0, f.will_download) for f in listed]


def _settings_first(
    repo: str, files: Sequence[RemoteFile], settings: Collection[str], models_dir: Path | None
) -> Path:
    """Download the small files among these that say what a network is; return their folder.

    So another network's weights are not downloaded.
    """
    check_space(files, models_dir or Path(constants.HF_HUB_CACHE))
    names = [file.name for file in files if PurePosixPath(file.name).name in settings]
    return Path(snapshot_download(repo, cache_dir=models_dir, allow_patterns=names))


def _download(repo: str, files: Sequence[RemoteFile], models_dir: Path | None) -> None:
    names = [file.name for file in files]
    snapshot_download(repo, cache_dir=models_dir, allow_patterns=names)


def needed(files: Iterable[RemoteFile], without: Collection[str] = ()) -> list[RemoteFile]:
    """Select the files needed for generation from those of a repository.

    The full-precision weights of each part, or fp16 if there are no others, and none of the parts
    in `without`; never a format that could run code.
    """
    by_folder = _by_folder(files)
    chosen = [file for file in by_folder.get(".", []) if file.name == INDEX]
    if not chosen:
        raise ModelUnavailable("That repository is not a model in the diffusers format.")
    for folder in TEXTS:
        chosen += [f for f in by_folder.get(folder, []) if f.name.endswith((".json", ".txt"))]
    for folder in WEIGHTED:
        present = by_folder.get(folder, [])
        weights = [] if folder in without else _weights(present)
        if present and not weights and folder not in without:
            raise ModelUnavailable(
                f"Its {folder} comes only in formats that could run code; Konomi loads safetensors."
            )
        chosen += [f for f in present if f.name.endswith("/config.json")] + weights
    return chosen


def needed_of_part(files: Iterable[RemoteFile], part: PartSource) -> list[RemoteFile]:
    """Select the files of a part with a repository of its own, or its one file in a repository."""
    at_top = [file for file in files if "/" not in file.name]
    if part.file is not None:
        chosen = [file for file in at_top if file.name == part.file]
    else:
        chosen = [file for file in at_top if file.name == "config.json"] + _weights(at_top)
    if not any(file.name.endswith(".safetensors") for file in chosen):
        raise ModelUnavailable(f"{part.repo} no longer has the file that Konomi needs from it.")
    return chosen


def needed_to_check(files: Iterable[RemoteFile]) -> list[RemoteFile]:
    """Select the files of the safety checker from those of a repository.

    A repository that is a checker may lack preprocessor_config.json, as those of timm do.
    """
    by_folder = _by_folder(files)
    alone = "safety_checker" not in by_folder
    network, preparation = (".", ".") if alone else CHECKER_PARTS
    weights = _weights(by_folder.get(network, []))
    configs = [
        file
        for folder, name in zip((network, preparation), CHECKER_CONFIGS, strict=True)
        for file in by_folder.get(folder, [])
        if PurePosixPath(file.name).name == name
    ]
    found = {PurePosixPath(file.name).name for file in configs}
    if not found.issuperset(CHECKER_CONFIGS[:1] if alone else CHECKER_CONFIGS) or not weights:
        raise ModelUnavailable(
            "That repository has no safety checker in safetensors. "
            "Choose a model that has one, such as sd15."
        )
    return configs + weights


def needed_to_caption(files: Iterable[RemoteFile], repo: str) -> list[RemoteFile]:
    """Select the files of a caption model from those of a repository."""
    at_top = [file for file in files if "/" not in file.name]
    settings = [file for file in at_top if file.name in CAPTIONER_SETTINGS]
    weights = _weights(at_top)
    if not weights:
        raise ModelUnavailable(
            f"{repo} has no .safetensors file, and Konomi reads no other weights. "
            f"Choose {EXAMPLES}."
        )
    return settings + weights


def needed_to_edit(files: Iterable[RemoteFile]) -> list[RemoteFile]:
    """Select the configuration of a repository's UNet, and after it the weights."""
    unet = _by_folder(files).get(UNET, [])
    config = [file for file in unet if file.name.endswith("/config.json")]
    weights = _weights(unet)
    if not config or not weights:
        raise ModelUnavailable("That repository has no UNet in safetensors.")
    return config + weights


def needed_adapter(files: Iterable[RemoteFile], repo: str, wanted: str = "") -> RemoteFile:
    """Select an adapter from the files of a repository: the one that is named, or its only one."""
    found = [file for file in files if file.name.endswith(SAFETENSORS)]
    if wanted:
        found = [file for file in found if file.name == wanted]
    usual = [file for file in found if file.name in USUAL_ADAPTERS]
    chosen = usual if len(usual) == 1 else found
    if not chosen:
        missing = f"no {wanted}" if wanted else "no .safetensors file"
        raise ModelUnavailable(f"{repo} has {missing}.")
    if len(chosen) > 1:
        names = ", ".join(file.name for file in chosen[:MOST_NAMED])
        more = ", …" if len(chosen) > MOST_NAMED else ""
        raise ModelUnavailable(
            f"{repo} has {len(chosen)} files; name one, as in {repo}:{chosen[0].name}: "
            f"{names}{more}"
        )
    if chosen[0].size > MAX_ADAPTER_BYTES:
        raise ModelUnavailable(
            f"{chosen[0].name} has {_gib(chosen[0].size)} GiB; adapters can have "
            f"{_gib(MAX_ADAPTER_BYTES)} GiB."
        )
    return chosen[0]


def check_space(files: Sequence[RemoteFile], folder: Path) -> None:
    """Raise `ModelUnavailable` if the missing files do not fit onto the disk of `folder`."""
    missing = sum(file.size for file in files if file.missing)
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    if missing + SPARE_BYTES > free:
        raise ModelUnavailable(
            f"It needs {_gib(missing)} GiB (plus {_gib(SPARE_BYTES)} to spare), but only "
            f"{_gib(free)} GiB are free in {existing}."
        )


def _by_folder(files: Iterable[RemoteFile]) -> dict[str, list[RemoteFile]]:
    by_folder: dict[str, list[RemoteFile]] = {}
    for file in files:
        by_folder.setdefault(str(PurePosixPath(file.name).parent), []).append(file)
    return by_folder


def _weights(files: Sequence[RemoteFile]) -> list[RemoteFile]:
    """Select the weights of one precision: model.safetensors, or its shards and their index."""
    for variant in ("", "fp16"):
        of_variant = [file for file in files if _variant(PurePosixPath(file.name).name) == variant]
        if any(file.name.endswith(".safetensors") for file in of_variant):
            return of_variant
    return []


def _variant(name: str) -> str | None:
    """Return "" for model.safetensors, "fp16" for model.fp16.safetensors; None for other files."""
    stem = name.removesuffix(".index.json").removesuffix(".safetensors")
    if not name.endswith((".safetensors", ".safetensors.index.json")):
        return None
    stem = stem.removesuffix(".safetensors")
    kind, _, variant = stem.partition(".")
    return variant.partition("-")[0] if kind.partition("-")[0].endswith("model") else None


def _reason(error: OSError, name: str, repo: str) -> str:
    causes = (error, error.__cause__)
    if any(isinstance(cause, GatedRepoError) for cause in causes):
        return (
            f"{name} requires consent: accept its terms at https://huggingface.co/{repo}, "
            "then log in with: hf auth login"
        )
    if any(isinstance(cause, RepositoryNotFoundError) for cause in causes):
        return f"There is no public model {repo} on huggingface.co."
    if any(isinstance(cause, HfHubHTTPError) for cause in causes):
        return f"huggingface.co returned an error; try again later. ({causes[-1] or error})"
    if error.errno is not None:
        return f"{name} cannot be written: {error.strerror}."
    return f"huggingface.co cannot be reached; check the network, then fetch {name} again."


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f}"
