"""Which embedding the dense leg uses: the shipped static one, a folder or hub name, or none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from langchain_core.embeddings import Embeddings

from knowledge.errors import ModelError
from knowledge.retrieval.static_model import StaticModel, is_static_folder

OFF = "off"
SHIPPED = Path(__file__).parent.parent / "data" / "model" / "static"
# Instruction a bge model expects before a query and never before a document (FlagEmbedding model card).
BGE_QUERY = "为这个句子生成表示以用于检索相关文章："


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """A loaded embedding model; ``fingerprint`` changes whenever its vectors could."""

    name: str
    fingerprint: str
    model: Embeddings


def load_embedding(setting: str = "") -> Embedding | None:
    """Load the embedding a setting names: empty for the shipped one, ``off`` for none, else a folder or hub name.

    Raises ModelError with one line: the folder is missing, the extra is not installed, or the hub cannot be
    reached. torch, transformers and sentence_transformers are imported for hub and transformer folders only.
    """
    if setting == OFF:
        return None
    folder = Path(setting) if setting else SHIPPED
    if not setting or (folder.is_dir() and is_static_folder(folder)):
        static = StaticModel(folder)
        return Embedding(name=f"static:{folder.name}", fingerprint=static.fingerprint, model=static)
    if setting.startswith((".", "/", "~")) and not folder.expanduser().is_dir():
        raise ModelError(f"embedding model {setting!r}: no such folder")
    return Embedding(name=setting, fingerprint=_transformer_fingerprint(setting), model=_transformer(setting))


def _transformer(name: str) -> Embeddings:
    try:
        from langchain_huggingface import HuggingFaceEmbeddings
    except ImportError as error:
        raise ModelError(f"embedding model {name!r} needs the extra [models]: make models") from error
    encode = {"normalize_embeddings": True}
    query = encode | ({"prompt": BGE_QUERY} if "bge" in name.lower() and "zh" in name.lower() else {})
    try:
        model: Embeddings = HuggingFaceEmbeddings(
            model_name=name, encode_kwargs=encode, query_encode_kwargs=query
        )
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise ModelError(f"embedding model {name!r} cannot be loaded: {reason}") from error
    return model


def _transformer_fingerprint(name: str) -> str:
    """A folder's by its weights, a hub model's by its name."""
    folder = Path(name).expanduser()
    digest = hashlib.sha256(name.encode())
    if folder.is_dir():
        digest = hashlib.sha256()
        for file in sorted(folder.rglob("*.safetensors")) + sorted(folder.rglob("tokenizer.json")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
