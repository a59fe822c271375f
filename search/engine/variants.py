"""Words that texts spell in different ways, on disk: part of a file of relations, and how several are read as one.

    entries, entry_ends    term and form of each word, a blank between, ascending, and where each ends
    word, other            two spellings, by the numbers of their entries, each both ways round, ascending;
    word_a, word_b         for each: a text that has the one, and a text that has the other in its place, ascending

A row is void whenever the relation of its two texts is; see `edges`.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from search.engine.sections import Sections, SectionWriter

FOLLOWED = 8  # spellings of a word at most, its own included
TEXTS = 2  # of one story that have either of two spellings, from which they are one however often they stand elsewhere
OWN = 4  # articles elsewhere that have either, from which what fewer texts show may be a slip
_BLANK, _BEHIND = b" ", b"!"

Ints = NDArray[np.int64]
Entry = tuple[str, str]  # term and form
Texts = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spellings:
    """The content of such a part in memory.

    Args:
        entries: Ascending, each once.
        rows: int64 (rows, 4): `word`, `other`, `word_a`, `word_b`; ascending, each once.
    """

    entries: tuple[bytes, ...]
    rows: Ints

    @classmethod
    def of(cls, found: Iterable[tuple[int, int, Entry, Entry]]) -> "Spellings":
        """Return words of a text that another text spells otherwise: the texts, and the entries of both words."""
        every = [(a, b, _written(one), _written(other)) for a, b, one, other in found]
        every += [(b, a, other, one) for a, b, one, other in every]
        entries = sorted({each[2] for each in every})
        numbers = {entry: number for number, entry in enumerate(entries)}
        rows = sorted({(numbers[one], numbers[other], a, b) for a, b, one, other in every})
        return cls(tuple(entries), np.array(rows, np.int64).reshape(-1, 4))

    def __len__(self) -> int:
        return len(self.rows)

    def kept(self, which: NDArray[np.bool_]) -> "Spellings":
        """Return some of the rows; bool (rows,)."""
        rows = self.rows[which]
        used, numbers = np.unique(rows[:, :2], return_inverse=True)
        rows[:, :2] = numbers.reshape(-1, 2)
        return Spellings(tuple(self.entries[at] for at in used.tolist()), rows)

    def joined(self, other: "Spellings") -> "Spellings":
        """Return the rows of both."""
        entries = sorted({*self.entries, *other.entries})
        numbers = {entry: number for number, entry in enumerate(entries)}
        parts = []
        for each in (self, other):
            rows = each.rows.copy()
            rows[:, :2] = np.array([numbers[entry] for entry in each.entries], np.int64)[rows[:, :2]]
            parts.append(rows)
        return Spellings(tuple(entries), np.unique(np.concatenate(parts), axis=0))

    def write(self, writer: SectionWriter) -> None:
        """Write the sections."""
        writer.add("entries", np.frombuffer(b"".join(self.entries), np.uint8))
        writer.add("entry_ends", np.cumsum([len(entry) for entry in self.entries], dtype=np.uint32))
        for column, name in enumerate(("word", "other", "word_a", "word_b")):
            writer.add(name, self.rows[:, column].astype(np.uint32 if column < 2 else np.uint64))


class SpellingsFile:
    """Such a part, opened.

    Raises:
        CorruptionError: Bytes are not what was written.
    """

    def __init__(self, file: Sections) -> None:
        self._bytes, self._ends = file["entries"], file["entry_ends"]
        self._columns = [file[name] for name in ("word", "other", "word_a", "word_b")]
        n = len(self._columns[0])
        for name in ("other", "word_a", "word_b"):
            file.expect(name, f"{n} numbers", len(file[name]) == n, len(file[name]))

    def __len__(self) -> int:
        return len(self._columns[0])

    def of(self, term: str) -> Iterator[tuple[Entry, int, int]]:
        """Yield the rows of the forms of a term: another spelling, and a text with either."""
        numbers, ends, data = range(len(self._ends)), self._ends.numbers(), self._bytes.numbers()

        def entry_of(number: int) -> bytes:
            """Return an entry; dozens are looked at."""
            return bytes(data[ends[number - 1] if number else 0 : ends[number]])

        key = term.encode("utf-8", "surrogatepass")
        first = bisect_left(numbers, key + _BLANK, key=entry_of)
        if first == len(numbers) or not entry_of(first).startswith(key + _BLANK):
            return
        last = bisect_left(numbers, key + _BEHIND, first, key=entry_of)
        words, others, in_a, in_b = self._columns
        begin, end = (bisect_left(words.numbers(), number) for number in (first, last))
        number, entry = -1, ("", "")
        for at in range(begin, end):
            if others[at] != number:
                number = others[at]
                entry = _read(entry_of(number))
            yield entry, in_a[at], in_b[at]

    def all(self) -> Spellings:
        """Return everything.

        Raises:
            ValueError: The entries do not cover their bytes.
        """
        data = self._bytes.bytes(0, len(self._bytes))
        ends = [0, *self._ends.all().tolist()]
        if ends[-1] != len(data):
            raise ValueError(f"expected entries up to {len(data)}, found {ends[-1]}")
        rows = np.stack([column.all().astype(np.int64) for column in self._columns], axis=1)
        return Spellings(tuple(data[begin:end] for begin, end in pairwise(ends)), rows)


def _written(entry: Entry) -> bytes:
    return " ".join(entry).encode("utf-8", "surrogatepass")


def _read(entry: bytes) -> Entry:
    term, _, form = entry.decode("utf-8", "surrogatepass").partition(" ")
    return term, form


class Variants:
    """The spellings that an index has learned.

    What one text shows may be a slip, `police` in the place of `policy`: unless other articles have both, it counts.

    Args:
        files: Those of its parts that have any, from the newest, each with how many files are newer.
        is_valid: Tells whether a relation of two texts that a file has holds: both texts, and how many are newer.
        elsewhere: Returns how many articles beside those of some texts have a term, at least.
    """

    def __init__(
        self,
        files: Sequence[tuple[int, SpellingsFile]],
        is_valid: Callable[[int, int, int], bool],
        elsewhere: Callable[[str, AbstractSet[int]], int],
    ) -> None:
        self._files = files
        self._is_valid = is_valid
        self._elsewhere = elsewhere
        self._known: dict[str, tuple[Entry, ...]] = {}

    def others(self, term: str) -> tuple[Entry, ...]:
        """Return the other spellings of the forms of a term, and of those in turn; a form for each term.

        Spellings of the same term are left out. At most `FOLLOWED` terms, the term itself among them.
        """
        known = self._known.get(term)
        if known is None:
            found: dict[str, Entry] = {}
            left = [term]
            while left and len(found) < FOLLOWED - 1:
                for other in self._beside(left.pop(0)):
                    if other[0] != term and other[0] not in found and len(found) < FOLLOWED - 1:
                        found[other[0]] = other
                        left.append(other[0])
            known = self._known[term] = tuple(found.values())
        return known

    def _beside(self, term: str) -> list[Entry]:
        """Return the other spellings of the forms of a term, each once, in alphabetical order."""
        found: dict[Entry, tuple[set[int], set[int]]] = {}
        for newer, file in self._files:
            for other, a, b in file.of(term):
                sides = found.setdefault(other, (set(), set()))
                if not _is_sure(sides) and self._is_valid(a, b, newer):
                    sides[0].add(a)
                    sides[1].add(b)
        return sorted(other for other, sides in found.items() if self._is_spelling((term, other[0]), sides))

    def _is_spelling(self, terms: tuple[str, str], sides: tuple[set[int], set[int]]) -> bool:
        """Return whether two terms are one word, as far as the texts tell that have the one and the other."""
        if not all(sides):
            return False
        of_own = (self._elsewhere(*each) >= OWN for each in zip(terms, sides, strict=True))
        return terms[0] == terms[1] or _is_sure(sides) or not all(of_own)

    def all(self) -> dict[tuple[Entry, Entry], set[Texts]]:
        """Return each two spellings, and the pairs of texts of which one has the one and the other the other."""
        found: dict[tuple[Entry, Entry], set[Texts]] = {}
        for newer, file in self._files:
            made = file.all()
            entries = [_read(entry) for entry in made.entries]
            for one, other, a, b in made.rows.tolist():
                if one < other and self._is_valid(a, b, newer):
                    found.setdefault((entries[one], entries[other]), set()).add((a, b))
        return {
            both: texts
            for both, texts in found.items()
            if self._is_spelling((both[0][0], both[1][0]), ({a for a, _ in texts}, {b for _, b in texts}))
        }


def _is_sure(sides: tuple[set[int], set[int]]) -> bool:
    return min(map(len, sides)) >= TEXTS
