"""Train the shipped static embedding with sentence-transformers on the plan and its phrasebook."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from knowledge.retrieval.corpus import MASK, Corpus
from knowledge.units import UnitDirectory

DIMENSION = 128
VOCABULARY = 9_000
EPOCHS = 12
BATCH = 256
PAIRS_PER_TEXT = 2
SEED = 20261123


def train_static(corpus: Corpus, directory: UnitDirectory, folder: Path) -> int:
    """Train, save to ``folder`` (sentence-transformers layout) and return the number of pairs.

    Multiple-negatives ranking over pairs of texts of one topic, and of a phrase and the clause it stands for.
    One thread and fixed seeds: the same data gives the same files.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, StaticEmbedding

    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    texts = {i: directory.mask(entry.text, MASK) for i, entry in enumerate(corpus.entries)}
    tokenizer = _tokenizer(list(texts.values()))
    vectors = np.random.default_rng(SEED).normal(0, 0.1, (tokenizer.get_vocab_size(), DIMENSION))
    model = SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_weights=vectors.astype(np.float32)), Normalize()],
        device="cpu",
    )
    pairs = _pairs(corpus, texts)
    _fit(model, pairs)
    model.save(str(folder), create_model_card=False)
    return len(pairs)


def _tokenizer(texts: list[str]):  # type: ignore[no-untyped-def]
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(r"[^\u3400-\u9fffa-z0-9〇]+"), "removed"), pre_tokenizers.Digits()]
    )
    trainer = trainers.UnigramTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["[UNK]"],
        unk_token="[UNK]",  # noqa: S106
        max_piece_length=4,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _pairs(corpus: Corpus, texts: dict[int, str]) -> list[tuple[str, str]]:
    rng = random.Random(SEED)  # noqa: S311 - sampling, not secrets
    groups: dict[object, list[int]] = {}
    for i, entry in enumerate(corpus.entries):
        if len(entry.labels) == 1:
            groups.setdefault(("topic", entry.topic) if entry.topic is not None else entry.labels, []).append(
                i
            )
    pairs = []
    for key, members in groups.items():
        for i in members:
            others = rng.sample(members, min(PAIRS_PER_TEXT, len(members)))
            pairs += [(texts[i], texts[j]) for j in others if i != j]
            if key[0] == "topic" and corpus.topics[key[1]].clause:  # type: ignore[index]
                pairs.append((texts[i], corpus.topics[key[1]].clause))  # type: ignore[index]
    rng.shuffle(pairs)
    return pairs


def _fit(model, pairs: list[tuple[str, str]]) -> None:  # type: ignore[no-untyped-def]
    """A plain loop over sentence-transformers' own loss: no trainer, no progress bars, no checkpoints."""
    import torch
    from sentence_transformers.losses import MultipleNegativesRankingLoss
    from torch.optim.lr_scheduler import LinearLR

    loss = MultipleNegativesRankingLoss(model, scale=16.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    steps = EPOCHS * (len(pairs) // BATCH)
    schedule = LinearLR(optimizer, start_factor=1.0, end_factor=0.05, total_iters=max(steps, 1))
    order = torch.Generator().manual_seed(SEED)
    model.train()
    for _ in range(EPOCHS):
        permutation = torch.randperm(len(pairs), generator=order).tolist()
        for at in range(0, len(pairs) - BATCH + 1, BATCH):
            batch = [pairs[i] for i in permutation[at : at + BATCH]]
            inputs = [model.preprocess([pair[side] for pair in batch]) for side in (0, 1)]
            optimizer.zero_grad()
            loss(inputs, None).backward()
            optimizer.step()
            schedule.step()
    model.eval()
