"""The words of articles that are compared with each other's, as they come out of tokenizing; and their sketches."""

import contextlib
import zlib
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.sections import Sections, writing
from search.engine.sketches import QUOTED, Sketched, packed
from search.engine.storage import Folder
from search.errors import StorageError
from search.stories.bodies import Bodies
from search.stories.sketching import sketches

Ints = NDArray[np.int64]
Numbered = tuple[Ints, Bodies]  # with the text of each; 0 for few words, and for what is not to be used

NONE = np.zeros(0, np.int64)


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
    leasts = np.zeros(len(bodies), np.int64)
    some = n_held.nonzero()[0]
    if len(some):
        leasts[some] = np.minimum.reduceat(made.fingerprints, (made.ends - n_held)[some])
    return Sketched(texts(bodies), outlets(sources), n_held, leasts, (entries[runs.begins(entries)],))


def texts(bodies: Bodies) -> Ints:
    """Return the number of each body's text: the same for the same words; 0 if they are too few. int64 (bodies,)."""
    digests = (bodies.body(number).digest for number in range(len(bodies)))
    numbers = ((int.from_bytes(digest[:8], "little") >> 3 or 1) if digest else 0 for digest in digests)
    return np.fromiter(numbers, np.int64, len(bodies))


def outlets(sources: Iterable[str | None]) -> Ints:
    """Return the number of each outlet; 0 if it is unknown. int64 (sources,)."""
    numbers = [(zlib.crc32(source.encode("utf-8", "surrogatepass")) or 1) if source else 0 for source in sources]
    return np.array(numbers, np.int64)


class Kept:
    """The bodies of the articles that a transaction brings, by text, so that they need not be read again.

    Those that came last are in memory, the others in files that no commit names.

    Args:
        folder: For the files.
        name: Gives the name of a new one.
    """

    def __init__(self, folder: Folder, name: Callable[[], str]) -> None:
        self._folder = folder
        self._name = name
        self._last: Numbered | None = None
        self._files: list[Sections] = []

    def settle(self) -> None:
        """Write down what is in memory, to make room for more."""
        if self._last:
            name = self._name()
            self.take(name, write(self._folder, name, self._last))
            self._last = None

    def add(self, found: Numbered) -> None:
        """Keep bodies.

        REQUIRES: none are in memory.
        """
        self._last = found

    def take(self, name: str, size: int) -> None:
        """Keep the bodies of a file that `write` has made."""
        self._files.append(Sections(self._folder, name, size))

    def at_hand(self, gone: Ints) -> "AtHand":
        """Return all that are kept, but for texts of which an article has gone: it may be the one whose words are kept.

        Args:
            gone: Those texts, ascending.
        """
        parts = [*map(_read, self._files), *([self._last] if self._last else [])]
        return AtHand([(np.where(runs.are_among(numbers, gone), 0, numbers), own) for numbers, own in parts])

    def forget(self) -> None:
        """Keep none, and remove the files; what cannot be removed now is left to the next writer."""
        for file in self._files:
            with contextlib.suppress(StorageError):
                self._folder.remove(file.short_name)
        self._files, self._last = [], None


def write(folder: Folder, name: str, found: Numbered) -> int:
    """Write bodies as the new file `name`, for this transaction alone; return its size in bytes."""
    numbers, own = found
    with writing(folder, name, scratch=True) as writer:
        writer.add("texts", numbers.astype(np.uint64))
        writer.add("ends", own.ends.astype(np.uint64))
        writer.add("keys", own.keys)
        writer.add("quoted", own.quoted.view(np.uint8))
        writer.add("forms", own.forms)
        return writer.finish({})


def _read(file: Sections) -> Numbered:
    numbers, ends = (file[name].all().astype(np.int64) for name in ("texts", "ends"))
    keys, quoted, forms = file["keys"].all(), file["quoted"].all().view(np.bool_), file["forms"].all()
    return numbers, Bodies(keys, quoted, forms, ends)  # type: ignore[arg-type]  # as written


class AtHand:
    """Bodies in memory or mapped, by text.

    Args:
        parts: Any number of them; a text may be there more than once.
    """

    def __init__(self, parts: Sequence[Numbered]) -> None:
        texts = np.concatenate([NONE, *(numbers for numbers, _ in parts)])
        sizes = [len(numbers) for numbers, _ in parts]
        order = np.argsort(texts)
        self._texts = texts[order]
        self._part = np.repeat(np.arange(len(parts)), sizes)[order]
        self._own = np.concatenate([NONE, *map(np.arange, sizes)])[order]
        self._bodies = [own for _, own in parts]

    def bodies(self, wanted: Ints, read: Callable[[Ints], Bodies]) -> Bodies:
        """Return the words of texts, in this order.

        Args:
            wanted: int64, each once.
            read: Returns the words of those that are not at hand.
        """
        at = np.searchsorted(self._texts, wanted)
        here = runs.are_at(at, self._texts, wanted)
        if not here.any():
            return read(wanted)
        part = np.full(len(wanted), len(self._bodies))  # behind all others: those that are read
        part[here] = self._part[at[here]]
        own = np.cumsum(~here) - 1
        own[here] = self._own[at[here]]
        chosen = [(part == number).nonzero()[0] for number in range(len(self._bodies) + 1)]
        parts = [*self._bodies, read(wanted[~here])]
        sizes = np.zeros(len(wanted), np.int64)
        for which, each in zip(chosen, parts, strict=True):
            sizes[which] = np.diff(each.ends, prepend=0)[own[which]]
        ends = np.cumsum(sizes)
        n = int(sizes.sum())
        found = Bodies(np.empty(n, np.uint64), np.empty(n, np.bool_), np.empty(n, np.uint16), ends)
        for which, each in zip(chosen, parts, strict=True):
            source = runs.numbers(each.starts[own[which]], sizes[which])
            target = runs.numbers((ends - sizes)[which], sizes[which])
            found.keys[target], found.quoted[target] = each.keys[source], each.quoted[source]
            found.forms[target] = each.forms[source]
        return found
