"""Features of ranking that were tried: pure functions, each with its source. `quality.py` measures them.

Formulas stand in the place of one of `ranking`. A feature returns scores from those of the first stage and is given the
query, its matcher, and the articles that match, ascending. A model is a feature that weighs words in another way than
BM25F; what looks at where words stand does so in the first articles alone, as nearness, whose place it takes.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine import counts, nearness, ranking
from search.engine.docsets import Docs
from search.engine.matching import Matcher
from search.engine.scoring import Scorer
from search.engine.spans import HIGH, NONE, POSITION, Places, cells
from search.query.clauses import Clause, Leaf, leaves
from search.text.stream import WRITTEN, Field

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Feature = Callable[[Clause, Matcher, Docs, Floats], Floats]

ALL_BUT = 1 - 1e-9  # of an article; none is one word alone
NEAR = 8  # positions, for two words of the query side by side


# Formulas in the place of the product's


def plus(delta: float) -> Callable[..., Floats]:
    """BM25+: a bonus for standing in the article at all. Lv & Zhai, CIKM 2011."""

    def bm25f(frequencies: Any, norm: Floats, weights: Floats, k1: float) -> Floats:
        total: Floats = (frequencies * weights / norm).sum(axis=-1)
        found: Floats = (total / (k1 + total) + delta / (k1 + 1)) * (total > 0)
        return found

    return bm25f


def bm25l(frequencies: Any, norm: Floats, weights: Floats, k1: float) -> Floats:
    """BM25L: long articles are not punished below a bound. Lv & Zhai, SIGIR 2011; delta .5."""
    total: Floats = (frequencies * weights / norm).sum(axis=-1)
    found: Floats = (total + 0.5) / (k1 + total + 0.5) * (total > 0)
    return found


def logarithm(frequencies: Any, norm: Floats, weights: Floats, k1: float) -> Floats:
    """A logarithm in the place of the saturation."""
    grown: Floats = np.log1p((frequencies * weights / norm).sum(axis=-1) / k1)
    return grown / (1 + grown)


def idf_of_robertson(df: int, n_docs: int) -> float:
    """Without the 1 in the logarithm, at least a little. Robertson & Sparck Jones 1976."""
    return max(0.01, math.log((n_docs - df + 0.5) / (df + 0.5)))


def steeper(power: float) -> Callable[[int, int], float]:
    """Rare words count more than they do."""
    idf = ranking.idf
    return lambda df, n_docs: idf(df, n_docs) ** power


# Features of which words an article has, and in what part of it


def coordination(power: float) -> Feature:
    """The share of the query's weight that the article has, to a power."""

    def feature(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        having, whole = np.zeros(len(docs)), 0.0
        for leaf in leaves(clause):
            postings = matcher.postings(leaf)
            if len(postings):
                whole += matcher.weight[leaf]
                _, here = postings.find(docs, matcher.scratch.numbers)
                having += here * matcher.weight[leaf]
        found: Floats = scores * (having / whole) ** power if whole else scores
        return found

    return feature


def early(share: float) -> Feature:
    """Words of the query in the title count again."""

    def feature(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        more = np.zeros(len(docs))
        for leaf in dict.fromkeys(leaves(clause)):
            postings = matcher.postings(leaf)
            if len(postings):
                at, here = postings.find(docs, matcher.scratch.numbers)
                more[here] += (postings.frequencies(at[here])[:, Field.TITLE] > 0) * matcher.weight[leaf]
        found: Floats = scores + share * more
        return found

    return feature


def top(n: int, share: float) -> Feature:
    """Words of the query among the first `n` of title, deck and body count again."""

    def feature(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        found = scores.copy()
        for leaf, weight in _weights(clause, matcher).items():
            postings = matcher.postings(replace(leaf, top=n, fields=WRITTEN))
            _, here = postings.find(docs, matcher.scratch.numbers)
            found += share * weight * here
        return found

    return feature


def first_place(share: float) -> Feature:
    """Words count again, less the later they first come, by the logarithm of where.

    Source: the idea is chronological term rank, Troy & Zhang, SIGIR 2007, who try several ways of falling.
    """

    def feature(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        weights = _weights(clause, matcher)
        places, of = nearness.places_of([replace(leaf, fields=WRITTEN) for leaf in weights], docs, matcher)
        title = counts.field_starts(matcher.snapshot.extents(docs))[:, Field.TITLE]
        found = scores.copy()
        for number, weight in enumerate(weights.values()):
            own = places[of == number]
            having, first = np.unique(own >> HIGH, return_index=True)
            row = docs.searchsorted(having)
            found[row] += share * weight / np.log2(2 + (own[first] & POSITION) - title[row])
        return found

    return feature


# Models: what a word says of an article in the place of BM25F


class Word(NamedTuple):
    """What is known of a word: articles with it, occurrences; and of all articles: how many, their average length."""

    df: int
    occurrences: float
    n_docs: int
    average: float

    @property
    def share(self) -> float:
        """The share of all words that it is."""
        return self.occurrences / (self.n_docs * self.average)


Model = Callable[[Floats, Floats, Word], Floats]  # how often in articles, > 0, and their lengths


def dph(n: Floats, length: Floats, word: Word) -> Floats:
    """Divergence from randomness without a parameter: hypergeometric, Popper's normalization.

    Source: Amati, Ambrosi, Bianchi, Gaibisso & Gambosi, TREC 2007, Blog track.
    """
    share = np.minimum(n / length, ALL_BUT)
    gain = (1 - share) ** 2 / (n + 1)
    surprise: Floats = n * np.log2(n * word.average / length * word.n_docs / word.occurrences)
    surprise += 0.5 * np.log2(2 * math.pi * n * (1 - share))
    return gain * surprise


def pl2(c: float) -> Model:
    """Divergence from randomness: Poisson by Stirling's formula, Laplace's after-effect, normalization 2.

    Source: Amati & van Rijsbergen, TOIS 20(4), 2002.
    """

    def model(n: Floats, length: Floats, word: Word) -> Floats:
        n = n * np.log2(1 + c * word.average / length)
        mean = word.occurrences / word.n_docs
        surprise: Floats = n * np.log2(n / mean) + (mean + 1 / (12 * n) - n) * math.log2(math.e)
        surprise += 0.5 * np.log2(2 * math.pi * n)
        return surprise / (n + 1)

    return model


def lgd(c: float) -> Model:
    """The log-logistic model of information. Clinchant & Gaussier, SIGIR 2010."""

    def model(n: Floats, length: Floats, word: Word) -> Floats:
        n = n * np.log(1 + c * word.average / length)
        r = word.df / word.n_docs
        found: Floats = np.log((r + n) / r)
        return found

    return model


def dirichlet(mu: float) -> Model:
    """A language model with Dirichlet's prior: the query's likelihood less its likelihood in all articles.

    Source: Zhai & Lafferty, SIGIR 2001. It is of use for articles without the word, too.
    """

    def model(n: Floats, length: Floats, word: Word) -> Floats:
        found: Floats = np.log(1 + n / (mu * word.share)) + np.log(mu / (mu + length))
        return found

    return model


def dfi_standardized(n: Floats, length: Floats, word: Word) -> Floats:
    """Divergence from independence, standardized. Kocabaş, Dinçer & Karaoğlan, Information Retrieval 17(2), 2014."""
    expected = word.share * length
    found: Floats = np.log2(1 + np.maximum(n - expected, 0) / np.sqrt(expected))
    return found


def dfi_chi_squared(n: Floats, length: Floats, word: Word) -> Floats:
    """The same by chi-squared."""
    expected = word.share * length
    found: Floats = np.log2(1 + np.maximum(n - expected, 0) ** 2 / expected)
    return found


def modelled(model: Model, *, absent: bool = False) -> Feature:
    """Scores by a model in the place of BM25F.

    Occurrences and lengths are those of all fields together, by the weights that the fields have. The scores are
    stretched until they are as wide spread over the matches as those of BM25F, so that nearness weighs as much.

    Args:
        model: Weighs words.
        absent: Whether it says something of articles without the word, too.
    """

    def feature(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        snapshot = matcher.snapshot
        weights = snapshot.ranking.weights()
        weights[Field.NAMED] = 0
        lengths = snapshot.extents(np.arange(snapshot.n_all)) @ weights
        average, length = float(lengths.mean()), np.maximum(lengths[docs], 1)

        def of(leaf: Leaf) -> Floats:
            found = np.zeros(len(docs))
            postings = matcher.postings(leaf)
            n = postings.frequencies(np.arange(len(postings))) @ weights
            if n.any():
                word = Word(len(n), float(n.sum()), snapshot.n_docs, average)
                at, here = postings.find(docs, matcher.scratch.numbers)
                n = np.where(here, n[at], 0)
                some = n >= 0 if absent else n > 0
                found[some] = model(n[some], length[some], word)
            return found

        new = Scorer(matcher)._combined(clause, docs, of, matches=True)
        width = float(new.std())
        return new * (float(scores.std()) / width) if width else new

    return feature


# Where words stand: in the place of nearness


def for_nearness(feature: Feature) -> Feature:
    """A feature of queries of several words that looks at the first articles alone."""

    def first(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        if len(nearness.counted(clause)) < 2:
            return scores
        head = np.sort(np.argsort(-scores, kind="stable")[: nearness.FIRST])
        found = scores.copy()
        found[head] = feature(clause, matcher, docs[head], scores[head])
        return found

    return first


def pairs(ordered: float, near: float) -> Feature:
    """Neighbours of the query: one right behind the other, and both in a window, each a word of BM25.

    Args:
        ordered: Share of the weight of both that they add by standing in order, side by side.
        near: Share that they add by standing in `NEAR` positions, in any order.

    Source: sequential dependence, Metzler & Croft, SIGIR 2005, with BM25 for the language model.
    """

    def feature(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        weights = _weights(clause, matcher)
        places, of = nearness.places_of(list(weights), docs, matcher)
        each = [places[of == number] for number in range(len(weights))]
        worth = list(weights.values())
        found = scores.copy()
        for at in range(len(each) - 1):
            one, other = each[at : at + 2]
            weight = worth[at] + worth[at + 1]
            for share, back, ahead in ((ordered, -1, 1), (near, NEAR - 1, NEAR - 1)):
                n = times(one, other, back, ahead, docs)
                found += share * weight * n / (n + _norms(matcher, docs))
        return found

    return for_nearness(feature)


def times(one: Places, other: Places, back: int, ahead: int, docs: Docs) -> Numbers:
    """How often, in each article, the other stands from `back` positions before the one to `ahead` behind it."""
    n = other.searchsorted(one + ahead, side="right") - other.searchsorted(one - back)
    return np.bincount(docs.searchsorted(one >> HIGH), n, len(docs)).astype(np.int64)


def bm25tp(share: float) -> Feature:
    """Words of the query with no other between them add to each other, less the farther they stand apart.

    Args:
        share: On what the paper adds to the score of BM25.

    Source: BM25TP, Büttcher, Clarke & Lushman, SIGIR 2006.
    """

    def feature(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        weights = _weights(clause, matcher)
        worth = np.array(list(weights.values()))
        near = accumulated(docs, *nearness.places_of(list(weights), docs, matcher), worth)
        found: Floats = scores + share * (np.minimum(1, worth) * near / (near + _norms(matcher, docs)[:, None])).sum(1)
        return found

    return for_nearness(feature)


def accumulated(docs: Docs, places: Places, of: Numbers, weights: Floats) -> Floats:
    """The accumulators of BM25TP, (docs, words); arguments as of `nearness.best_windows`."""
    order = places.argsort(kind="stable")
    places, of = places[order], of[order]
    found = np.zeros((len(docs), len(weights)))
    row = docs.searchsorted(places >> HIGH)
    apart = np.maximum(1, np.diff(places))
    pair = ((row[1:] == row[:-1]) & (of[1:] != of[:-1])).nonzero()[0]
    for one, other in ((pair, pair + 1), (pair + 1, pair)):
        np.add.at(found, (row[one], of[one]), weights[of[other]] / apart[pair].astype(np.float64) ** 2)
    return found


def sentences(n: int, share: float) -> Feature:
    """What the words of the best sentence add, or of the best `n` that follow each other; titles are sentences, too."""

    def feature(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        weights = _weights(clause, matcher)
        places, of = nearness.places_of(list(weights), docs, matcher)
        starts = counts.field_starts(matcher.snapshot.extents(docs))[:, :-1]
        borders = [NONE, ((docs << HIGH)[:, None] + starts - 1).ravel()]
        for part in matcher.snapshot.parts:
            own = matcher.locator.of(part, docs)
            borders.append(matcher.locator.borders(part, own, "s") + (part.base << HIGH))
        number = cells(places, np.unique(np.concatenate(borders)))
        found: Floats = scores + share * best_cells(docs, places >> HIGH, number, of, np.array([*weights.values()]), n)
        return found

    return for_nearness(feature)


def best_cells(docs: Docs, doc: Numbers, cell: Numbers, of: Numbers, weights: Floats, n: int) -> Floats:
    """The largest weight of `n` cells that follow each other, in each article, each word in them counted once.

    Args:
        docs: Ascending; each has a word.
        doc, cell, of: Of each word that stands somewhere: article, cell, number. No cell is in two articles.
        weights: Of the words.
        n: > 0.
    """
    known, row = np.unique(cell, return_inverse=True)
    inside = np.zeros((len(known), len(weights)), np.bool_)
    inside[row, of] = True
    home = np.zeros(len(known), np.int64)
    home[row] = docs.searchsorted(doc)
    together = inside.copy()
    for step in range(1, n):
        at = np.minimum(known.searchsorted(known + step), len(known) - 1)
        together |= inside[at] & ((known[at] == known + step) & (home[at] == home))[:, None]
    found = np.zeros(len(docs))
    np.maximum.at(found, home, together @ weights)
    return found


def total(*features: Feature) -> Feature:
    """All of some features, one after the other."""

    def feature(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        for each in features:
            scores = each(clause, matcher, docs, scores)
        return scores

    return feature


def _weights(clause: Clause, matcher: Matcher) -> dict[Leaf, float]:
    """Return the words and phrases with a meaning that the index has, in the order of the query, and their weights."""
    factors = nearness.counted(clause)
    return {leaf: matcher.weight[leaf] * factor for leaf, factor in factors.items() if len(matcher.postings(leaf))}


def _norms(matcher: Matcher, docs: Docs) -> Floats:
    """Return what saturates a frequency in each article."""
    snapshot = matcher.snapshot
    return snapshot.ranking.k1 * snapshot.norms(docs)[:, Field.BODY]
