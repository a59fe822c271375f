"""How good a match is: pure formulas, each with its source. All in float64, added in the order of the query.

The order of the operations is part of the contract: the same numbers in give the same score to the last digit, so that
equal articles tie however they are stored.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Ranking(NamedTuple):
    """What ranking can be told, kept in the index; a change needs no re-indexing.

    `k1` is how soon more occurrences stop counting; `b_F` in [0, 1] how much the length of field F does; `weight_F`
    what an occurrence in it is worth.
    """

    k1: float = 1.2
    b_title: float = 0.75
    b_deck: float = 0.75
    b_body: float = 0.75
    weight_date: float = 2.0
    weight_title: float = 2.0
    weight_deck: float = 1.5
    weight_body: float = 1.0
    weight_low: float = 0.3

    def weights(self) -> Floats:
        """Return the weight of each field, in the order of `Field`."""
        low = self.weight_low
        return np.array([self.weight_date, self.weight_title, self.weight_deck, self.weight_body, low, low, low, 1.0])

    def b(self) -> Floats:
        """Return b of each field; what is not written by the article's author has no length worth counting."""
        return np.array([0.0, self.b_title, self.b_deck, self.b_body, 0.0, 0.0, 0.0, 0.0])


def idf(df: int, n_docs: int) -> float:
    """Return the inverse document frequency of a term, natural logarithm, > 0.

    Args:
        df: Articles with the term, in [0, n_docs].
        n_docs: Articles in the index.

    Source: Lucene's BM25Similarity; Robertson & Zaragoza 2009, formula 3.3, with 1 added inside the logarithm.
    """
    return math.log(1 + (n_docs - df + 0.5) / (df + 0.5))


def burst(occurrences: int, df: int) -> float:
    """Return the factor on the weight of a word for how often it comes where it comes at all, >= 1.

    What an article is about it repeats; a word that comes once wherever it comes says little. Half an occurrence is
    added, as in `idf`, so that the few articles of a rare word do not decide.

    Measured, nDCG@10 without and with: time .668 .678, cranfield .524 .538, cisi .409 .415, scifact .704 .705; finding
    an article by its headline, bbc .804 .808, reuters .746 .746.

    Args:
        occurrences: In all articles together.
        df: Articles with the word, > 0.

    Source: Kwok, A New Method of Weighting Query Terms for Ad-Hoc Retrieval, SIGIR 1996: average frequency in the
    articles; damped by a logarithm as usual for frequencies.
    """
    return 1 + math.log(max(1.0, (occurrences + 0.5) / df))


def norms(lengths: NDArray[Any], average: float, b: float) -> Floats:
    """Return what the frequencies in one field are divided by.

    Args:
        lengths: Length of the field in tokens, (articles,). Where it is 0, so are the frequencies; it counts as 1.
        average: Mean length over the articles that have the field, > 0.
        b: In [0, 1].

    Source: Robertson & Zaragoza, The Probabilistic Relevance Framework, 2009, section 3.4.
    """
    found: Floats = (1 - b) + b * (np.maximum(lengths, 1) / average)
    return found


def bm25f(frequencies: NDArray[Any], norm: Floats, weights: Floats, k1: float) -> Floats:
    """Return the saturated weight of terms in articles, in [0, 1).

    Fields are length-normalised, weighted and summed before k1 saturates them once. Adding scores per field instead
    would let a word of both title and body saturate twice.

    Args:
        frequencies: (..., articles, fields).
        norm: From `norms`, (articles, fields).
        weights: (fields,).
        k1: > 0.

    Returns:
        (..., articles).

    Source: Robertson & Zaragoza 2009, section 3.6.
    """
    total: Floats = (frequencies * weights / norm).cumsum(axis=-1)[..., -1]  # one after the other, unlike sum()
    return total / (k1 + total)


def recency(age_seconds: Floats, half_life_seconds: float) -> Floats:
    """Return the factor on a score for the age of an article, in (1, 1.9].

    It halves its distance to 1 with every half-life, and never doubles a score: an article twice as relevant stays
    before the newest.

    Args:
        age_seconds: >= 0, (articles,).
        half_life_seconds: > 0.
    """
    return 1 + 0.9 * np.exp2(-age_seconds / half_life_seconds)
