"""Few fingerprints of an article, such that two articles with a long run of the same words have one in common.

Every run of eight words has a hash; of every window of hashes the smallest is kept (winnowing). Two articles that share
as many words as a window spans therefore keep the same hash, wherever in either the words stand and however long the
articles are: a brief is found in the article it was cut from. Quotations, which are shorter than other things that are
copied, are winnowed with a smaller window of their own besides.

Source: Schleimer, Wilkerson & Aiken, Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from search.stories.bodies import Bodies, Bools, Ints, Keys, run_hashes

# On disk: change none of these without a new version of the sketch.
SHINGLE = 8  # words that make a hash; of 5, six times as many pairs on Reuters share one by accident
WINDOW = 18  # hashes of which one is kept: SHINGLE + WINDOW - 1 words in common are certain to be found,
QUOTED_WINDOW = 5  # and SHINGLE + QUOTED_WINDOW - 1 words of a quotation that both quote

AT_A_TIME = 1 << 17  # words

Fingerprints = NDArray[np.uint32]

_PLACES = np.uint64((1 << 32) - 1)
_NEVER = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Sketches:
    """Fingerprints of several articles.

    Args:
        fingerprints: uint32, shape (fingerprints,); of one article after those of the other, in the order of its text.
        places: int64, shape (fingerprints,); the token among all articles' tokens with which the run begins.
        quoted: bool, shape (fingerprints,); whether all words of the run stand between quotation marks.
        ends: int64, shape (articles,); where in `fingerprints` those of an article end.
    """

    fingerprints: Fingerprints
    places: Ints
    quoted: Bools
    ends: Ints


def sketches(bodies: Bodies) -> Sketches:
    """Return the sketches of several articles; each depends on its own words alone."""
    # Some articles at a time, whose arrays stay in the processor's cache: twice as fast for many.
    cuts = np.searchsorted(bodies.ends, np.arange(0, len(bodies.keys), AT_A_TIME))
    firsts = np.unique(np.append(cuts, 0))
    parts = [_sketches(bodies.part(*bounds)) for bounds in pairwise([*firsts.tolist(), len(bodies)])]
    n_before = np.cumsum([0, *(len(part.fingerprints) for part in parts)]).tolist()
    return Sketches(
        np.concatenate([part.fingerprints for part in parts]),
        np.concatenate(
            [part.places + begin for part, begin in zip(parts, np.append(0, bodies.ends)[firsts], strict=True)]
        ),
        np.concatenate([part.quoted for part in parts]),
        np.concatenate([part.ends + n for part, n in zip(parts, n_before, strict=False)]),
    )


def _sketches(bodies: Bodies) -> Sketches:
    keys, quoted, ends = bodies.keys, bodies.quoted, bodies.ends
    hashes = run_hashes(keys, SHINGLE)
    n_runs = len(hashes)
    starts = bodies.starts
    # Packed with its place, the last of equal hashes is the smallest.
    packed = hashes & ~_PLACES | _PLACES - np.arange(n_runs, dtype=np.uint64)
    upto = np.maximum(ends - (SHINGLE - 1), starts)  # behind the last run of each article
    length = upto - starts
    inside = np.zeros(n_runs + 1, np.int8)
    some = np.flatnonzero(length)
    np.add.at(inside, starts[some], 1)
    np.add.at(inside, upto[some], -1)
    is_run = np.cumsum(inside[:-1], dtype=np.int8).astype(np.bool_)
    chosen = np.zeros(n_runs, np.bool_)
    _winnow(packed, is_run, WINDOW, chosen)
    is_quoted = is_run.copy()
    for at in range(SHINGLE):
        is_quoted &= quoted[at : at + n_runs]
    _winnow(packed, is_quoted, QUOTED_WINDOW, chosen)
    places = np.flatnonzero(chosen)
    fingerprints = (hashes[places] >> np.uint64(32)).astype(np.uint32)
    return Sketches(fingerprints, places, is_quoted[places], np.searchsorted(places, ends))


def _winnow(packed: Keys, allowed: Bools, window: int, chosen: Bools) -> None:
    """Mark the smallest of every window of each stretch that is allowed; of a shorter stretch the smallest of all.

    Args:
        packed: Hashes with their places. Not modified.
        chosen: Is added to.
    """
    edges = np.flatnonzero(np.diff(allowed.view(np.int8), prepend=0, append=0))
    begins, ends = edges[::2], edges[1::2]
    if not len(begins):
        return
    smallest = packed
    width = 1
    while width < window:
        step = min(width, window - width)
        smallest = np.minimum(smallest[:-step], smallest[step:]) if len(smallest) > step else smallest[:0]
        width += step
    whole = np.zeros(len(packed) + 1, np.int8)  # windows that lie within a stretch, by where they begin
    long = ends - begins >= window
    whole[begins[long]] += 1
    whole[ends[long] - window + 1] -= 1
    found = smallest[np.cumsum(whole[: len(smallest)], dtype=np.int8).astype(np.bool_)]
    chosen[(_PLACES - (found & _PLACES)).astype(np.int64)] = True
    short = np.flatnonzero(~long)
    if len(short):
        bounds = np.stack([begins[short], ends[short]], axis=1).ravel()
        found = np.minimum.reduceat(np.append(packed, _NEVER), bounds)[::2]
        chosen[(_PLACES - (found & _PLACES)).astype(np.int64)] = True
