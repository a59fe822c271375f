"""Words that are nobody's story: what an outlet prints under all its articles, or a form that is filled in daily.

A fingerprint that more texts hold than outlets would copy from each other is *common*. It leads to no candidates, and
the words around it are not compared. Both are a function of the set of texts alone, in whatever order they came.
"""

import numpy as np

from search.stories.bodies import Body, Bools, Ints
from search.stories.sketching import SHINGLE, Fingerprints, sketches

PER_OUTLET = 8  # texts of one outlet that may hold the same words as versions of one article
UNKNOWN = 32  # the same for all texts together of which nobody knows the outlet
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
    pairs = np.unique(group << 32 | values)
    return np.bincount(pairs >> 32, minlength=n_groups)


def own(body: Body, common_ones: Fingerprints) -> Body:
    """Return a body without the words around its common fingerprints.

    Those are the words from the last run before that is not common to the next one after, so that a run of boilerplate
    goes whole, and at its ends a few words of the article's own.

    Args:
        common_ones: uint32, ascending; fingerprints that are common, more or all of which the body need not have.
    """
    sketch = sketches(body.keys, np.array([len(body)]), body.quoted)
    is_common = np.isin(sketch.fingerprints, common_ones)
    if not is_common.any():
        return body
    free = sketch.places[~is_common]
    after = np.searchsorted(free, sketch.places[is_common])
    begins = np.append(free + SHINGLE, 0)[after - 1]
    ends = np.append(free, len(body))[after]
    edges = np.zeros(len(body) + 1, np.int64)
    np.add.at(edges, np.minimum(begins, ends), 1)
    np.add.at(edges, ends, -1)
    left = np.cumsum(edges[:-1]) == 0
    return Body(body.keys[left], body.starts[left], body.ends[left], body.quoted[left])
