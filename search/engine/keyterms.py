"""Which words say what a text is about: those that would add most to its own score, were they the query.

What a word would add is its BM25F: how rare it is, how often those repeat it that have it at all, and how much of this
text it takes, a word of the title counting for more.

Source: key terms by their weight in the article, Robertson, On Term Selection for Query Expansion, 1990; the query made
of them as in Lucene's MoreLikeThis.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from search.engine import counts, ranking
from search.engine.matching import Matcher
from search.engine.snapshot import Snapshot
from search.query.analyse import is_function_word
from search.query.clauses import Leaf, Run, Terms
from search.text.analysis import Analyzer
from search.text.stream import WRITTEN, Field

_POSSESSIVE = re.compile("['\u2019][sS]\\Z")
LOOKED_AT = 4  # times as many terms are looked up whole as are wanted


class Said(NamedTuple):
    """A word of a text: its term, as it is written there, and where it stands."""

    term: str
    word: str
    field: Field


class KeyTerm(NamedTuple):
    """A term, a word of the text that has it, what it would add to the text's own score, and how much it takes of it.

    `weight` is `share`, the saturated frequency in [0, 1), times how much the term says wherever it stands.
    """

    term: str
    word: str
    weight: float
    share: float


def leaf(term: str) -> Leaf:
    """Return what asks for a term anywhere."""
    return Leaf((Run((Terms((term,)),)),))


def said(text: str, field: Field, analyzer: Analyzer) -> list[Said]:
    """Return the words of a text that may be key terms: those with a letter that do more than hold others together."""
    found = []
    for token in analyzer.tokens(text):
        word = _POSSESSIVE.sub("", text[token.start : token.end])
        is_word = token.step and len(token.form) > 1 and any(map(str.isalpha, word))
        if is_word and not is_function_word(token.form, analyzer.language):
            found.append(Said(token.term, word, field))
    return found


def shown(words: Iterable[str]) -> str:
    """Return how a term is shown, of the ways in which it is written: the most usual, rather not in capitals."""
    counted = Counter(words)
    return min(counted, key=lambda word: (word.isupper() and len(word) > 3, -counted[word], word))


def key_terms(words: Iterable[Said], matcher: Matcher, n: int, *, least: int = 1) -> list[KeyTerm]:
    """Return the terms that say most of a text, at most `n`, the most telling first.

    Args:
        words: Of the text.
        matcher: Of the index.
        n: > 0.
        least: Articles of the index in which a term must stand, > 0: of an article there a word is of use that another
            has, too.
    """
    snapshot = matcher.snapshot
    frequency: dict[str, Counter[Field]] = defaultdict(Counter)
    written: dict[str, list[str]] = defaultdict(list)
    lengths: Counter[Field] = Counter()
    for term, word, field in words:
        frequency[term][field] += 1
        written[term].append(word)
        lengths[field] += 1
    terms = list(frequency)
    if not terms:
        return []
    shares = _saturated([frequency[term] for term in terms], lengths, snapshot)
    df = [matcher.df(Terms((term,))) for term in terms]
    known = [at for at in range(len(terms)) if df[at] >= least]
    first = sorted(known, key=lambda at: (-shares[at] * ranking.idf(df[at], snapshot.n_docs), terms[at]))
    found = []
    for at in first[: LOOKED_AT * n]:
        own = leaf(terms[at])
        matcher.postings(own)
        share = float(shares[at])
        found.append(KeyTerm(terms[at], shown(written[terms[at]]), share * matcher.weight[own], share))
    return sorted(found, key=lambda each: (-each.weight, each.term))[:n]


def _saturated(frequencies: list[Counter[Field]], lengths: Counter[Field], snapshot: Snapshot) -> ranking.Floats:
    """Return the saturated frequencies of terms in a text. float64 (terms,)."""
    settings = snapshot.ranking
    table = np.array([[own[field] for field in Field] for own in frequencies], np.float64)
    norm = np.ones((1, counts.N_FIELDS))
    for field, b in zip(Field, settings.b().tolist(), strict=True):
        if field in WRITTEN:
            norm[0, field] = ranking.norms(np.array([lengths[field]]), snapshot.average(field), b)[0]
    return ranking.bm25f(table, norm, settings.weights(), settings.k1)
