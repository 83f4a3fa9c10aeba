"""Text tools every rule shares: Markdown to blocks and readable text, sentences, words, shingles."""

from __future__ import annotations

from regrow.domain.prose.markdown import Block, blocks, readable
from regrow.domain.prose.sentences import sentence_spans, sentences
from regrow.domain.prose.stopwords import LANGUAGES, STOPWORDS, stopwords
from regrow.domain.prose.words import resemblance, shingle_similarity, shingles, words

__all__ = [
    "LANGUAGES",
    "STOPWORDS",
    "Block",
    "blocks",
    "readable",
    "resemblance",
    "sentence_spans",
    "sentences",
    "shingle_similarity",
    "shingles",
    "stopwords",
    "words",
]
