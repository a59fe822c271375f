"""The surface forms of a segment: by their order, and by their letters.

words       per term: its stem, then its surface forms, a blank behind each; `~` stands for the stem
word_ends   where each term's entry ends, as `Ends`
lexicon     where each surface form begins in `words`, by form
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise, takewhile
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine.ends import Ends
from search.engine.sections import Sections

_BLANK, _STEM = ord(" "), ord("~")
_DIGITS = 64  # of a mark for each letter; two share one only in their last six digits
_MARKS = np.uint64(1) << (np.arange(256) % _DIGITS).astype(np.uint64)  # of each byte; of what is no letter, none
_MARKS &= ~(_MARKS[_BLANK] | _MARKS[_STEM])
_AT_ONCE = 1 << 15  # bytes whose marks stay in the processor's cache: three times as fast

Form = tuple[str, int]  # with its term


class _Letters(NamedTuple):
    """Of each form: where it begins and ends in `words`, its term, a mark for each of its letters, and its bytes.

    The first `n_plain` are in ASCII, the shortest first.
    """

    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    term: NDArray[np.int64]
    marks: NDArray[np.uint64]
    length: NDArray[np.int64]
    n_plain: int


class Lexicon:
    """The forms of a segment.

    Args:
        file: Of the segment.
        n_terms: How many terms it has.
    """

    def __init__(self, file: Sections, n_terms: int) -> None:
        self._words, self._order = file["words"], file["lexicon"]
        self.ends = Ends(file, "word_ends", n_terms)

    def __len__(self) -> int:
        return len(self._order)

    def entry(self, term: int) -> bytes:
        """Return stem and forms of a term as written."""
        return self._words.bytes(*self.ends.bounds(term))

    def entries(self) -> Iterator[bytes]:
        """Yield the entry of every term, in order."""
        words = self._words.bytes(0, len(self._words))
        begin = 0
        for end in self.ends.all().tolist():
            yield words[begin:end]
            begin = end

    def beginning(self, prefix: str) -> Iterator[Form]:
        """Yield the forms that begin with `prefix`, in order."""
        return takewhile(lambda form: form[0].startswith(prefix), self.since(prefix))

    def since(self, first: str) -> Iterator[Form]:
        """Yield the forms from `first` on, in order."""
        order = self._order.numbers()
        key = first.encode("utf-8", "surrogatepass")
        for at in range(bisect_left(order, key, key=lambda start: self._form(start)[0]), len(order)):
            form, term = self._form(order[at])
            yield form.decode("utf-8", "surrogatepass"), term

    def commonest(self, prefix: str, df: NDArray[np.int64], n: int) -> list[Form]:
        """Return at least `n` forms that begin with `prefix`, if there are, whose terms stand in the most articles.

        Args:
            prefix: Folded.
            df: Number of articles of each term.
            n: How many are wanted; all come that are as frequent as the last.
        """
        order = self._order.numbers()
        key = prefix.encode("utf-8", "surrogatepass")
        first = bisect_left(order, key, key=lambda start: self._form(start)[0])
        last = bisect_right(order, key, first, key=lambda start: self._form(start)[0][: len(key)])
        starts = self._order.span(first, last).astype(np.int64)
        often = df[np.searchsorted(self.ends.all(), starts, "right")]
        if len(often) > n:
            starts = starts[often >= np.partition(often, -n)[-n]]
        found = map(self._form, starts.tolist())
        return [(form.decode("utf-8", "surrogatepass"), term) for form, term in found]

    def having(self, letters: str) -> Iterator[Form]:
        """Yield the forms that may have all of some letters."""
        plain = [letter for letter in letters.encode("utf-8", "surrogatepass") if letter < 128]
        wanted = _marked(plain)
        yield from self._chosen(((self._letters.marks & wanted) == wanted).nonzero()[0])

    def near(self, form: str, distance: int) -> Iterator[Form]:
        """Yield the forms that may be within a distance of insertions, deletions, replacements and swaps."""
        key, known = form.encode("utf-8", "surrogatepass"), self._letters
        if not form.isascii():
            yield from self._chosen(np.arange(len(known.start)))
            return
        shortest, longest = len(key) - distance, len(key) + distance
        first, last = known.length[: known.n_plain].searchsorted([shortest, longest + 1]).tolist()
        # A letter changed is at most one less and one more.
        alike = np.bitwise_count(known.marks[first:last] ^ _marked(key)) <= 2 * distance
        others = np.arange(known.n_plain, len(known.start))
        yield from self._chosen(np.concatenate([alike.nonzero()[0] + first, others]))

    def _chosen(self, at: NDArray[np.int64]) -> Iterator[Form]:
        words, ends = self._words.numbers(), self.ends
        known = self._letters
        columns = [column[at].tolist() for column in (known.start, known.stop, known.term, known.length)]
        for start, stop, term, length in zip(*columns, strict=True):
            form = words[start:stop].tobytes()
            if form[:1] == b"~":
                entry = ends[term - 1] if term else 0
                form = words[entry : entry + length - len(form) + 1].tobytes() + form[1:]
            yield form.decode("utf-8", "surrogatepass"), term

    def _form(self, start: int) -> tuple[bytes, int]:
        term = self.ends.find(start)
        begin, end = self.ends.bounds(term)
        entry = self._words.bytes(begin, end)
        form = entry[start - begin : entry.index(b" ", start - begin)]
        return entry[: entry.index(b" ")] + form[1:] if form[:1] == b"~" else form, term

    @cached_property
    def _letters(self) -> _Letters:
        """What is known of all forms; made when first asked for, and kept: 40 bytes a form."""
        words = np.frombuffer(self._words.bytes(0, len(self._words)), np.uint8)
        stop = np.flatnonzero(words == _BLANK)
        start = np.concatenate([[0], stop + 1])[:-1]
        length = stop - start
        ends = self.ends.all()
        is_stem = np.zeros(len(words) + 1, np.bool_)
        is_stem[0] = True
        is_stem[ends] = True
        is_stem = is_stem[start]
        term = np.cumsum(is_stem) - 1
        marks = np.empty(len(start), np.uint64)
        cuts = np.searchsorted(start, np.arange(0, len(words), _AT_ONCE)).tolist()
        for first, last in pairwise(sorted({*cuts, len(start)})):
            begin = start[first]
            some = _MARKS.take(words[begin : stop[last - 1]])
            np.bitwise_or.reduceat(some, start[first:last] - begin, out=marks[first:last])
        is_plain = np.ones(len(start), np.bool_)
        is_plain[np.searchsorted(stop, np.flatnonzero(words >= 128))] = False
        short = np.flatnonzero(words[start] == _STEM)
        stem = np.flatnonzero(is_stem)[term[short]]
        marks[short] |= marks[stem]
        length[short] += length[stem] - 1
        is_plain[short] &= is_plain[stem]
        form = np.flatnonzero(~is_stem)
        plain, others = form[is_plain[form]], form[~is_plain[form]]
        # Few digits sort faster. No word of a query is longer than they say, and all that is stands behind.
        short_length = np.minimum(length[plain], 0xFFFF).astype(np.uint16)
        form = np.concatenate([plain[np.argsort(short_length, kind="stable")], others])
        return _Letters(start[form], stop[form], term[form], marks[form], length[form], len(plain))


def _marked(letters: bytes | list[int]) -> np.uint64:
    """Return a mark for each of some letters."""
    found: np.uint64 = np.bitwise_or.reduce(_MARKS[list(letters)])
    return found
