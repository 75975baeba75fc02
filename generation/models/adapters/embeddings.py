"""The embeddings of Textual Inversion (arXiv 2208.01618) in diffusers' and A1111's files.

Diffusers has one tensor, which bears the name of the token; A1111 calls it "emb_params", and
those of SDXL "clip_l" and "clip_g", one for each text encoder.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from generation.adapter_files.kinds import (
    ALONE,
    DTYPES,
    MAX_VECTORS,
    PAIR,
    base_of_widths,
    shown,
)
from generation.adapter_files.metadata import AdapterMetadata
from generation.catalog.headers import Header
from generation.models.adapters.targets import Targets
from generation.models.adapters.weights import Embedding
from generation.protocol.problems import Code
from generation.requests.refused import Refused


def vectors_of(header: Header, targets: Targets, name: str) -> dict[str, str]:
    """Return the names of an embedding's tensors by text encoder; raises `Refused`."""
    names = {PAIR.get(key, "text_encoder"): key for key in header.tensors}
    if not all(1 <= len(entry.shape) <= 2 for entry in header.tensors.values()):
        raise Refused(Code.ADAPTER_TENSOR, name=name, tensor=shown(next(iter(header.tensors))))
    shapes = {part: header.tensors[key].shape for part, key in names.items()}
    counts = {shape[0] if len(shape) == 2 else 1 for shape in shapes.values()}
    widths = {part: shape[-1] for part, shape in shapes.items()}
    if widths != targets.widths:
        made_for = base_of_widths(widths)
        if made_for is not None and made_for not in targets.bases:
            loaded = targets.base.title
            raise Refused(Code.ADAPTER_OTHER_BASE, name=name, base=made_for.title, loaded=loaded)
        raise Refused(Code.ADAPTER_OTHER_MODEL, name=name)
    if len(counts) > 1:
        raise Refused(Code.ADAPTER_INCOMPLETE, name=name)
    if not 1 <= min(counts) <= MAX_VECTORS:
        raise Refused(Code.ADAPTER_VECTORS, name=name, most=MAX_VECTORS)
    if not all(entry.dtype in DTYPES for entry in header.tensors.values()):
        raise Refused(Code.ADAPTER_DTYPE, name=name)
    return names


def embedding_of(
    tensors: Mapping[str, Tensor], names: Mapping[str, str], metadata: AdapterMetadata
) -> Embedding:
    """Return the embedding in a file's checked tensors."""
    token = next((key for key in tensors if key not in {ALONE, *PAIR}), "")
    return Embedding(
        vectors={
            part: tensors[key].reshape(-1, tensors[key].shape[-1]) for part, key in names.items()
        },
        token=token or metadata.trigger,
        metadata=metadata,
    )
