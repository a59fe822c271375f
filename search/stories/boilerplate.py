"""Words that are nobody's story: what an outlet prints under all its articles, or a form that is filled in daily.

A fingerprint that more texts hold than outlets would copy from each other is *common*. It leads to no candidates, and
the words around it are not compared. Both are a function of the set of texts alone, in whatever order they came.
"""

import numpy as np

from search.stories.bodies import Bodies, Bools, Ints
from search.stories.sketching import SHINGLE, Fingerprints, Sketches

PER_OUTLET = 8  # texts of one outlet that may hold the same words as versions of one article
UNKNOWN = 16  # the same for all texts together of which nobody knows the outlet
MAX_HOLDERS = 256  # bounds the work, whatever the number of outlets


def common(fingerprints: Fingerprints, texts: Ints, outlets: Ints) -> Bools:
    """Return for each entry whether its fingerprint is common.

    Args:
        fingerprints: uint32, shape (entries,), ascending; all entries of each.
        texts: int64, shape (entries,); a number ≥ 0 for each different text. Articles of the same words are one text.
        outlets: int64, shape (entries,); a number ≥ 0 for each outlet, -1 where it is unknown.
    """
    begins = np.ones(len(fingerprints), np.bool_)
    begins[1:] = fingerprints[1:] != fingerprints[:-1]
    group = np.cumsum(begins) - 1
    known = outlets >= 0
    allowed = PER_OUTLET * _n_different(group[known], outlets[known], int(begins.sum()))
    allowed[group[~known]] += UNKNOWN
    n_texts = _n_different(group, texts, len(allowed))
    is_common = n_texts > np.minimum(allowed, MAX_HOLDERS)
    found: Bools = is_common[group]
    return found


def _n_different(group: Ints, values: Ints, n_groups: int) -> Ints:
    """Return how many different values each group has."""
    different, numbers = np.unique(values, return_inverse=True)
    pairs = np.sort(group * len(different) + numbers)
    return np.bincount(pairs[np.diff(pairs, prepend=-1) != 0] // max(1, len(different)), minlength=n_groups)


def own(bodies: Bodies, sketched: Sketches, is_common: Bools) -> Bodies:
    """Return the articles without the words around their common fingerprints.

    The first word of the last run before that is not common is certainly the article's own, and so is the last word of
    the next one after; what stands between them goes. So boilerplate goes whole, and with it, where it begins and ends,
    a few words of the article's own.

    Args:
        sketched: Of `bodies`.
        is_common: bool, shape (fingerprints,).
    """
    if not is_common.any():
        return bodies
    free, at = sketched.places[~is_common], sketched.places[is_common]
    # Where words that may be kept end and begin: at runs that are not common, and at the ends of articles.
    kept_upto = np.sort(np.concatenate([bodies.starts, free + 1]))
    kept_from = np.sort(np.concatenate([bodies.ends, free + (SHINGLE - 1)]))
    edges = np.zeros(len(bodies.keys) + 1, np.int64)
    np.add.at(edges, kept_upto[np.searchsorted(kept_upto, at, side="right") - 1], 1)
    np.add.at(edges, kept_from[np.searchsorted(kept_from, at + SHINGLE)], -1)
    return bodies.kept(np.cumsum(edges[:-1]) == 0)
