"""The words of articles that are compared with each other's, as they come out of tokenizing; and their sketches."""

import zlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from search.engine.sketches import QUOTED, Sketched, distinct, packed
from search.stories import Bodies, sketches

Ints = NDArray[np.int64]


def quoted(turns: Ints, n_words: int) -> NDArray[np.bool_]:
    """Return whether each word is quoted, from the words before which quotations begin and end, each in turn."""
    changes = np.bincount(turns, minlength=n_words + 1)[:n_words]
    found: NDArray[np.bool_] = np.cumsum(changes) % 2 == 1
    return found


def sketched(bodies: Bodies, sources: Sequence[str | None]) -> Sketched:
    """Return the sketches of articles with these words and sources."""
    made = sketches(bodies)
    n_held = np.diff(made.ends, prepend=0)
    holders = np.repeat(np.arange(len(bodies)), n_held) * 2 + made.quoted * QUOTED
    entries = packed(made.fingerprints, holders)
    entries.sort()
    return Sketched(texts(bodies), outlets(sources), n_held, distinct(entries))


def texts(bodies: Bodies) -> Ints:
    """Return the number of each body's text: the same for the same words; 0 if they are too few. int64 (bodies,)."""
    digests = (bodies.body(number).digest for number in range(len(bodies)))
    numbers = ((int.from_bytes(digest[:8], "little") >> 3 or 1) if digest else 0 for digest in digests)
    return np.fromiter(numbers, np.int64, len(bodies))


def outlets(sources: Iterable[str | None]) -> Ints:
    """Return the number of each outlet; 0 if it is unknown. int64 (sources,)."""
    numbers = [(zlib.crc32(source.encode("utf-8", "surrogatepass")) or 1) if source else 0 for source in sources]
    return np.array(numbers, np.int64)
