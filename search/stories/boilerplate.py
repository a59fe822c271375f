"""Words that are nobody's story: what an outlet prints under all its articles, or a form that is filled in daily.

A fingerprint that articles of too many *kinds* hold is common. It leads to no candidates, and the words around it are
not compared. Articles are of one kind if they have the same least fingerprint; the more words they share, the likelier
that is. A hundred papers that print one report, each with a few words of its own, are of a few kinds, and ten articles
above one foot are of ten. So a report is not taken for a foot, however many print it. All this is a function of the set
of texts alone, in whatever order they came.

Source: the least of hashes as a measure of resemblance, Broder, On the Resemblance and Containment of Documents,
SEQUENCES 1997.
"""

import numpy as np

from search import runs
from search.stories.bodies import Bodies, Bools, Ints
from search.stories.sketching import SHINGLE, Fingerprints, Sketches

KINDS = 4  # of articles that may hold the same words, whoever prints them,
PER_OUTLET = 1  # more for each outlet that does, with a report of its own around them,
UNKNOWN = 4  # more for all together of which nobody knows the outlet
VERSIONS = 32  # texts of one outlet, of whatever kind, that may be versions of one article
MAX_HOLDERS = 256  # texts of all; bounds the work
_DIGITS = 32  # binary, of an outlet, a fingerprint, a number of a text


def common(fingerprints: Fingerprints, texts: Ints, outlets: Ints, leasts: Ints) -> Bools:
    """Return for each entry whether its fingerprint is common.

    Args:
        fingerprints: uint32, shape (entries,), ascending; all entries of each.
        texts: int64, shape (entries,); a number ≥ 0 for each different text. Articles of the same words are one text.
        outlets: int64, shape (entries,); a number ≥ 0 for each outlet, -1 where it is unknown.
        leasts: int64, shape (entries,); the least fingerprint of the text.
    """
    sizes = runs.sizes(runs.begins(fingerprints), len(fingerprints))
    group = np.repeat(np.arange(len(sizes)), sizes)
    known = outlets >= 0
    n_outlets = _n_different(group[known], outlets[known], len(sizes))
    unknown = np.zeros(len(n_outlets), np.bool_)
    unknown[group[~known]] = True
    n_kinds = _n_different(group, leasts, len(n_outlets))
    n_texts = _n_different(group, np.unique(texts, return_inverse=True)[1], len(n_outlets))
    is_common = n_kinds > KINDS + PER_OUTLET * n_outlets + UNKNOWN * unknown
    is_common |= n_texts > np.where(unknown, MAX_HOLDERS, np.minimum(VERSIONS * n_outlets, MAX_HOLDERS))
    found: Bools = is_common[group]
    return found


def _n_different(group: Ints, values: Ints, n_groups: int) -> Ints:
    """Return how many different values of 32 binary digits each group has."""
    return np.bincount(runs.distinct(group << _DIGITS | values) >> _DIGITS, minlength=n_groups)


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
