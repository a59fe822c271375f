"""Which pairs of texts are worth comparing: those that share enough fingerprints, or one of a quotation."""

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.stories.bodies import Bools, Ints
from search.stories.sketching import Fingerprints

MIN_SHARE = 0.08  # of the fingerprints of the text that has fewer; partial copies share .2 of the words or more

Pairs = NDArray[np.int64]
_ROUNDS = 16  # of looking for what pairs hold together; what is held by a longer chain may stay apart


def candidates(fingerprints: Fingerprints, texts: Ints, quoted: Bools, sizes: Ints, fresh: Bools) -> Pairs:
    """Return the pairs of texts to compare: int64, shape (pairs, 2), the smaller number first, ascending.

    Args:
        fingerprints: uint32, shape (entries,); none that is common, in any order.
        texts: int64, shape (entries,); numbers of texts, as in `sizes` and `fresh`.
        quoted: bool, shape (entries,); as in a sketch.
        sizes: int64, shape (texts,); how many fingerprints each text has, common ones included.
        fresh: bool, shape (texts,); pairs of two texts that are not fresh are left out.
    """
    order = np.lexsort((texts, fingerprints))
    f, t, q = fingerprints[order], texts[order], quoted[order]
    first = runs.begins(f, t)
    if len(first) < len(f):
        f, t, q = f[first], t[first], np.logical_or.reduceat(q, first)
    keys, quotes = [], []
    at = np.arange(len(f))
    for offset in range(1, len(f)):
        at = at[: np.searchsorted(at, len(f) - offset)]
        at = at[f[at] == f[at + offset]]
        if not len(at):
            break
        use = at[fresh[t[at]] | fresh[t[at + offset]]]
        keys.append(t[use] * len(fresh) + t[use + offset])
        quotes.append(q[use] | q[use + offset])
    if not keys:
        return np.zeros((0, 2), np.int64)
    pair, inverse, n_shared = np.unique(np.concatenate(keys), return_inverse=True, return_counts=True)
    a, b = np.divmod(pair, len(fresh))
    worth = n_shared >= MIN_SHARE * np.minimum(sizes[a], sizes[b])
    worth[inverse[np.concatenate(quotes)]] = True
    return np.stack([a[worth], b[worth]], axis=1)


def n_pairs(fingerprints: Fingerprints, fresh: Bools) -> int:
    """Return about how many pairs of entries have one fingerprint, and one of them a text that is fresh.

    Args:
        fingerprints: uint32, shape (entries,), ascending.
        fresh: bool, shape (entries,).
    """
    first = runs.begins(fingerprints)
    n_fresh = np.add.reduceat(fresh, first, dtype=np.int64)
    return int((n_fresh * runs.sizes(first, len(fingerprints))).sum())


def together(pairs: Pairs) -> Pairs:
    """Return the same pairs, those that texts hold together one behind the other.

    Who looks at a few at a time then meets most texts once, and texts are read from disk.
    """
    group = np.arange(int(pairs.max(initial=0)) + 1)
    a, b = pairs.T
    for _ in range(_ROUNDS):
        least = np.minimum(group[a], group[b])
        before = group.copy()
        np.minimum.at(group, a, least)
        np.minimum.at(group, b, least)
        group = group[group]
        if (group == before).all():
            break
    return pairs[np.lexsort((b, a, group[a]))]
