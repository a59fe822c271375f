"""Which pairs of texts are worth comparing: those that share enough fingerprints, or one of a quotation.

Of two that appeared too far apart for one story nothing counts but nearly all: a form that is filled in anew for years
has as many pairs as its articles have squared, and those are of no use to anybody.
"""

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.stories.bodies import Bools, Ints
from search.stories.membership import are_near
from search.stories.relation import COPY
from search.stories.sketching import Fingerprints

MIN_SHARE = 0.08  # of the fingerprints of the text that has fewer; partial copies share .2 of the words or more
FAR_SHARE = COPY  # the same of texts that did not appear near each other

Pairs = NDArray[np.int64]
_DIGITS = 32  # binary, of a number of a text
_UPPER, _LOWER, _ONE = np.uint64(32), np.uint64((1 << 31) - 1), np.uint64(1)


def candidates(fingerprints: Fingerprints, texts: Ints, quoted: Bools, sizes: Ints, days: Ints, fresh: Bools) -> Pairs:
    """Return the pairs of texts to compare: int64, shape (pairs, 2), the smaller number first, ascending.

    Args:
        fingerprints: uint32, shape (entries,); none that is common, in any order.
        texts: int64, shape (entries,); numbers of texts, as in `sizes`, `days` and `fresh`.
        quoted: bool, shape (entries,); as in a sketch.
        sizes: int64, shape (texts,); how many fingerprints each text has, common ones included.
        days: int64, shape (texts, 2); when each appeared, as of `Days`.
        fresh: bool, shape (texts,); pairs of two texts that are not fresh are left out.
    """
    # The last digit says that it is not quoted: of what stands there repeatedly, the first says whether any is.
    packed = fingerprints.astype(np.uint64) << _UPPER | texts.astype(np.uint64) << _ONE | ~quoted
    packed.sort()
    packed = packed[runs.begins(packed >> _ONE)]
    f, t, plain = packed >> _UPPER, (packed >> _ONE & _LOWER).astype(np.int64), packed & _ONE != 0
    found = [np.zeros(0, np.int64)]
    at = np.arange(len(f))
    for offset in range(1, len(f)):
        at = at[: np.searchsorted(at, len(f) - offset)]
        at = at[f[at] == f[at + offset]]
        if not len(at):
            break
        use = at[fresh[t[at]] | fresh[t[at + offset]]]
        found.append((t[use] * len(fresh) + t[use + offset]) << 1 | plain[use] & plain[use + offset])
    shared = np.concatenate(found)
    shared.sort()
    first = runs.begins(shared >> 1)
    n_shared = runs.sizes(first, len(shared))
    a, b = np.divmod(shared[first] >> 1, len(fresh))
    is_near = are_near(days[a].T, days[b].T)
    worth = n_shared >= np.where(is_near, MIN_SHARE, FAR_SHARE) * np.minimum(sizes[a], sizes[b])
    worth |= (shared[first] & 1 == 0) & is_near
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
    """Return the same pairs in the order of a walk from text to text, depth first, along them.

    Who looks at a few at a time then meets nearly all texts once, and texts are read from disk. (The 58,000 texts of
    the pairs of 94,000 articles of documentation, 8,192 pairs at a time, are met 67,000 times; with nothing but the
    texts of a chain of pairs side by side 144,000 times.)
    """
    numbers, inverse = np.unique(pairs, return_inverse=True)
    a, b = inverse.reshape(-1, 2).T
    links = np.concatenate([a << _DIGITS | b, b << _DIGITS | a])
    links.sort()
    ends = links.searchsorted(np.arange(len(numbers) + 1) << _DIGITS).tolist()
    others = (links & (1 << _DIGITS) - 1).astype(np.int32)
    rank = [-1] * len(numbers)
    n = 0
    for start in range(len(numbers)):
        left = [start]
        while left:
            text = left.pop()
            if rank[text] < 0:
                rank[text] = n
                n += 1
                left += others[ends[text] : ends[text + 1]].tolist()
    first, last = np.sort(np.array(rank)[inverse.reshape(-1, 2)], axis=1).T
    return pairs[np.lexsort((last, first))]
