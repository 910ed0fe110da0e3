"""A sentence-transformers StaticEmbedding folder read with numpy and tokenizers alone, no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from knowledge.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_STATIC = "StaticEmbedding"
_NORMALIZE = "Normalize"


class StaticModel(Embeddings):
    """Mean of token vectors, normalised if the folder says so; vectors equal sentence-transformers' to 1e-6.

    Source: the folder layout written by ``SentenceTransformer.save`` (modules.json, tokenizer.json,
    model.safetensors). Raises ModelError for a folder that holds anything else.
    """

    def __init__(self, folder: Path) -> None:
        static, self._normalize = _modules(folder)
        self._vectors = _weights(static / "model.safetensors")
        self._tokenizer = _tokenizer(static / "tokenizer.json")
        if self._tokenizer.get_vocab_size() != len(self._vectors):
            raise ModelError(
                f"{folder}: {self._tokenizer.get_vocab_size()} tokens but {len(self._vectors)} vectors"
            )
        self.fingerprint = fingerprint_of(static / "model.safetensors", static / "tokenizer.json")

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return int(self._vectors.shape[1])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of ``texts``: float32, shape (len(texts), dimension); an empty text is all zeros."""
        out = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, encoding in enumerate(self._tokenizer.encode_batch(list(texts), add_special_tokens=False)):
            if encoding.ids:
                out[row] = self._vectors[encoding.ids].mean(axis=0)
        if self._normalize:
            out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
        return out

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """langchain's interface over :meth:`encode`."""
        return [list(map(float, row)) for row in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        """langchain's interface over :meth:`encode`."""
        return list(map(float, self.encode([text])[0]))


def fingerprint_of(*files: Path) -> str:
    """The first 16 hex digits of SHA-256 over the files' contents, in order."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def is_static_folder(folder: Path) -> bool:
    """Whether ``folder`` is a saved model this reader can take (no transformer in it)."""
    try:
        _modules(folder)
    except ModelError:
        return False
    return True


def _modules(folder: Path) -> tuple[Path, bool]:
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [(str(m["type"]).rsplit(".", 1)[-1], folder / str(m["path"])) for m in modules]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder}: not a sentence-transformers folder ({type(error).__name__})") from error
    if not kinds or kinds[0][0] != _STATIC or any(kind != _NORMALIZE for kind, _ in kinds[1:]):
        raise ModelError(f"{folder}: not a static embedding: {', '.join(kind for kind, _ in kinds)}")
    return kinds[0][1], len(kinds) > 1


def _weights(path: Path) -> NDArray[np.float32]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from error
    if len(tensors) != 1:
        raise ModelError(f"{path}: expected one matrix, found {len(tensors)}")
    (matrix,) = tensors.values()
    return np.asarray(matrix, dtype=np.float32)


def _tokenizer(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises bare Exception
        raise ModelError(f"{path}: cannot be read: {error}") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
