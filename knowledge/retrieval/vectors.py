"""Document vectors, kept on disk: a transformer needs a minute for what a file gives in a millisecond."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.retrieval.embedding import Embedding


def document_vectors(
    texts: Sequence[str], embedding: Embedding, cache: Path | None, *, keep: bool = False
) -> NDArray[np.float32]:
    """Vectors of ``texts`` by ``embedding``: float32, shape (len(texts), dimension).

    The file in ``cache`` is named after the model and holds a digest of the texts; any other digest, a broken
    file or none means computing anew, and with ``keep`` writing it; a folder that cannot be written is no fault.
    """
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()
    file = cache / f"{embedding.fingerprint}.npz" if cache else None
    if file and (found := _read(file, digest)) is not None:
        return found
    vectors = np.asarray(embedding.model.embed_documents(list(texts)), dtype=np.float32)
    if file and keep:
        _write(file, digest, vectors)
    return vectors


def _read(file: Path, digest: str) -> NDArray[np.float32] | None:
    try:
        with np.load(file, allow_pickle=False) as data:
            return data["vectors"].astype(np.float32) if str(data["digest"]) == digest else None
    except (OSError, ValueError, KeyError):
        return None


def _write(file: Path, digest: str, vectors: NDArray[np.float32]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, digest=np.array(digest), vectors=vectors)
    except OSError:
        return
