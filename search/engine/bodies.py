"""The words of articles that are compared with each other's, as they come out of tokenizing; and their sketches."""

import zlib
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from search.engine import runs
from search.engine.sketches import QUOTED, Sketched, distinct, packed
from search.stories.bodies import Bodies
from search.stories.sketching import sketches

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


class AtHand:
    """Bodies in memory, by text.

    Args:
        numbers: int64 (bodies,), texts in any order; some may be there twice, and with few words all are 0.
        bodies: Their words.
    """

    def __init__(self, numbers: Ints, bodies: Bodies) -> None:
        self._order = np.argsort(numbers)
        self._texts = numbers[self._order]
        self._bodies = bodies

    def bodies(self, wanted: Ints, read: Callable[[Ints], Bodies]) -> Bodies:
        """Return the words of texts, in this order.

        Args:
            wanted: int64, each once.
            read: Returns the words of those that are not at hand.
        """
        at = np.searchsorted(self._texts, wanted)
        here = self._texts[np.minimum(at, len(self._texts) - 1)] == wanted if len(self._texts) else at > 0
        if not here.any():
            return read(wanted)
        rest = read(wanted[~here])
        own = self._order[at[here]]
        sizes = np.zeros(len(wanted), np.int64)
        sizes[here] = np.diff(self._bodies.ends, prepend=0)[own]
        sizes[~here] = np.diff(rest.ends, prepend=0)
        ends = np.cumsum(sizes)
        source = runs.numbers(self._bodies.starts[own], sizes[here])
        target, other = (runs.numbers((ends - sizes)[which], sizes[which]) for which in (here, ~here))
        keys, inside = np.empty(len(target) + len(other), np.uint64), np.empty(len(target) + len(other), np.bool_)
        keys[target], inside[target] = self._bodies.keys[source], self._bodies.quoted[source]
        keys[other], inside[other] = rest.keys, rest.quoted
        return Bodies(keys, inside, ends)
