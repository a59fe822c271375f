"""The words of a query in a text, found without analysing the text.

The surface forms of a term are known from the index. They are looked for, blanks around them, in a copy of the text in
which each letter is small and without accents and all else is a blank, one byte a character. Where a neighbour is no
certain end of a word (`air-strikes`, `U.S.`, `l'été`), the chunk it stands in is analysed. So nothing is found that is
not there; what is spelt in a way that cannot be foreseen is missed, and the caller, who knows from the index how often
each word stands in the article, asks again with `joined` or analyses the text. So it may also be missed what stands
behind the first `MOST` of many: no article takes longer than that, however often it has a word.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence

from search import runs
from search.model import Span
from search.text.analysis import COUNTRY, EITHER, PRONOUN, Analyzer, Token, chunks, fold, kinds

MAX_INITIALS = 3  # letters of a word that may well be written U.N.
LONGEST = 1000  # characters around a word in which its chunk is looked for
MIN_SHARED = 4  # letters that words share to be looked for together
WHOLE = 1 << 18  # characters of a text in which every word is found; in a longer one, `MOST`
MOST = 1 << 13  # words of a text longer than that, and words of any text whose chunk is analysed
FEW = 8  # forms that are looked for one by one; of more, first which of them are in the text at all

Mark = tuple[int, int, int]  # start and end in a text, and the number of the slot or leaf that is fulfilled
Chunk = tuple[int, tuple[Token, ...]]  # where it begins, and its tokens with offsets from there

_BREAKS = frozenset(["", *filter(lambda char: kinds(char) == " ", map(chr, range(256))), *"“”„…"])
_COUNTRIES = frozenset({COUNTRY, EITHER, PRONOUN})
_STOPS = frozenset(".,'-’–—")  # join two words, and end one before a break
_WIDE = re.compile(r"[^\x00-\xff]")
_INSIDE = frozenset("'-.,&")  # kinds of signs that may stand between the letters of a word
_UNKNOWN = "?"  # stands for what has no byte: a dash or a quotation mark, perhaps
_THOUSANDS = re.compile(r"(?<=\d)(?=(?:\d{3})+\Z)")


def _plain(char: str) -> str:
    """Return the small letter or digit that a character is folded to, a blank if it is none or several."""
    folded = fold(char) if kinds(char) == "w" else " "
    return folded if len(folded) == 1 and folded.isascii() else " "


def _squeezed(char: str) -> str:
    """Return what a character is in a text without the signs that may stand inside a word: NUL of these."""
    return "\0" if char == _UNKNOWN or kinds(char) in _INSIDE else _plain(char)


_PLAIN = "".join(map(_plain, map(chr, range(256)))).encode()
_SQUEEZED = "".join(map(_squeezed, map(chr, range(256)))).encode()


class _PlainOfWide(dict[str, str]):
    def __missing__(self, char: str) -> str:
        self[char] = found = _plain(char)
        return found


_plain_of_wide = _PlainOfWide()


def narrow(text: str) -> bytes:
    """Return a text in Latin 1, other letters as the small ones that they are folded to."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        for char in set(_WIDE.findall(text)):
            if _plain_of_wide[char] != " ":
                text = text.replace(char, _plain_of_wide[char])
        return text.encode("latin-1", "replace")


def plain(narrowed: bytes) -> bytes:
    """Return a text as small letters, digits and blanks, one byte a character, with a blank before and after it."""
    return b" %b " % narrowed.translate(_PLAIN)


class Finder:
    """Looks for surface forms in texts.

    Args:
        analyzer: Of the index.
        slots_of: Folded forms, as the index has them, and the numbers of the slots that a word in each fills.
    """

    def __init__(self, analyzer: Analyzer, slots_of: Mapping[str, Sequence[int]]) -> None:
        self._analyzer = analyzer
        self._slots_of: dict[bytes, Sequence[int]] = {}  # a word; none where its form does not decide
        self._groups: list[bytes] = []  # patterns of several words
        self._foreign: list[str] = []  # forms in other letters
        for form, slots in slots_of.items():
            if not form.isascii():
                self._foreign.append(form)
            elif form in _COUNTRIES:
                self._slots_of[b"us"] = ()  # which of them it is shows in the text
                self._groups.append(b" u s ")
            elif not form.isalnum():
                self._groups.append(b" %b " % form.encode().translate(_PLAIN))
            else:
                self._slots_of[form.encode()] = slots if analyzer.form_decides else ()
                if len(form) <= MAX_INITIALS and form.isalpha() and len(form) > 1:
                    self._groups.append(b" %b " % " ".join(form).encode())
                elif form.isdigit() and len(form) > 3:
                    self._groups.append(b" %b " % _THOUSANDS.sub(" ", form).encode())  # 1,200
        self._patterns = _patterns(sorted(self._slots_of))

    def marks(
        self, texts: Sequence[str], slots_of: Callable[[Token], Iterable[int]], *, joined: bool = False
    ) -> list[list[Mark]]:
        """Return the words of each of some texts that fill slots, in order.

        Args:
            texts: Any. They are searched as one, which is faster than each by itself.
            slots_of: Returns the numbers of the slots that a token fills.
            joined: Look for words with signs between their letters, too.
        """
        text = "\n".join(texts)
        if len(text) > WHOLE and len(texts) > 1:
            return [found for each in texts for found in self.marks([each], slots_of, joined=joined)]
        found, chunks = self._look(text, joined=joined)
        for start, end in chunks.items():
            for token in self._analyzer.chunk_at(text, start, end):
                found += [(start + token.start, start + token.end, slot) for slot in slots_of(token)]
        if len(self._patterns) > 1 or chunks:
            found.sort()
        if len(texts) == 1:
            return [found]
        each = []
        begin = first = 0
        for text in texts:
            last = bisect_left(found, (begin + len(text),), first)
            each.append([(start - begin, end - begin, slot) for start, end, slot in found[first:last]])
            begin += len(text) + 1
            first = last
        return each

    def chunks(self, text: str, *, joined: bool = False) -> list[Chunk]:
        """Return the chunks of a text that may hold a form, in order.

        Args:
            text: Any.
            joined: Add those with signs between the letters of a form.
        """
        found, chunks = self._look(text, joined=joined)
        chunks.update([(start, end) for start, end, _ in found])
        analysed = self._analyzer.chunk_at
        return [(start, analysed(text, start, end)) for start, end in sorted(chunks.items())]

    def _look(self, text: str, *, joined: bool) -> tuple[list[Mark], dict[int, int]]:
        """Return the words found with their slots, and the chunks that must be analysed to tell, start → end.

        Of words of which there are too many it returns the first.
        """
        narrowed = narrow(text)
        data = plain(narrowed)
        patterns, groups = self._patterns, self._groups
        if len(patterns) + len(groups) > FEW:
            words = set(data.split())
            patterns = _patterns(sorted(self._slots_of.keys() & words))
            groups = [pattern for pattern in groups if words.issuperset(pattern.split())]
        most = MOST if len(text) > WHOLE else len(text)
        found, near, n = self._words(text, data, patterns, most, most)
        if n > most:  # so that those of which there are few are all found
            found, near, _ = self._words(text, data, patterns, max(most // len(patterns), 1), most)
        for pattern in groups:
            at = data.find(pattern)
            while at >= 0 and len(near) < MOST:
                near.append((at, at + 1))
                at = data.find(pattern, at + 2)
        if self._foreign:
            lower = text.lower()
            for form in self._foreign:
                at = lower.find(form)
                while at >= 0 and len(near) < MOST:
                    near.append((min(at, len(text) - 1), at + 1))
                    at = lower.find(form, at + len(form))
        if joined:
            near += self._joined(narrowed)
        chunks: dict[int, int] = {}
        for at, upto in near[:MOST]:
            _stretch(text, at, upto, chunks)
        return found, chunks

    def _joined(self, narrowed: bytes) -> list[Span]:
        """Return where a form stands with signs between its letters, such as `air-strikes` for `airstrikes`."""
        signed = narrowed.replace(b"--", b"  ").translate(_SQUEEZED)
        data = b" %b " % signed.translate(None, b"\0")
        patterns = self._patterns
        if len(patterns) > FEW:
            patterns = _patterns(sorted(self._slots_of.keys() & set(data.split())))
        stands = runs.nonzero(signed)  # where in the text each byte of `data` does
        found: list[Span] = []
        for pattern in patterns:
            begin = pattern.rstrip()
            at = data.find(begin)
            while at >= 0 and len(found) < MOST:
                start, last = stands[at], stands[at + len(begin) - 2]
                if last - start > len(begin) - 2:
                    found.append((start, last + 1))
                at = data.find(begin, at + 1)
        return found

    def _words(
        self, text: str, data: bytes, patterns: Sequence[bytes], each: int, most: int
    ) -> tuple[list[Mark], list[Span], int]:
        """Return the words found, where there may be one, since the chunk it is in decides, and how many both are.

        Args:
            text: Any.
            data: The same, plain.
            patterns: What to look for.
            each: Most words of each pattern.
            most: Words after which no other pattern is looked for.
        """
        find, slots_of = data.find, self._slots_of
        found: list[Mark] = []
        near: list[Span] = []
        n = 0
        for pattern in patterns:
            slots = slots_of.get(pattern[1:-1])
            is_word = slots is not None
            width = len(pattern) - 2
            left = each
            at = find(pattern)
            while at >= 0 and left:  # the blank before a word stands in `data` where the word begins in the text
                if is_word:
                    end = at + width
                else:
                    end = find(b" ", at + 1) - 1
                    slots = slots_of.get(data[at + 1 : end + 1])
                if slots is not None:
                    left -= 1
                    after = text[end : end + 1]
                    if (
                        slots
                        and (not at or text[at - 1] in _BREAKS)
                        and (after in _BREAKS or (after in _STOPS and text[end + 1 : end + 2] in _BREAKS))
                    ):
                        for slot in slots:
                            found.append((at, end, slot))
                    else:
                        near.append((at, at + 1))
                at = find(pattern, end + 1)
            n += each - left
            if n > most:
                break
        return found, near, n


def _patterns(words: Sequence[bytes]) -> list[bytes]:
    """Return what to look for to find some words, in order: what neighbours share if that is enough, else each.

    Each begins with a blank; a whole word also ends with one.
    """
    found: list[bytes] = []
    for word in words:
        if found and len(word) >= MIN_SHARED and found[-1].startswith(b" " + word[:MIN_SHARED]):
            last = found[-1].rstrip(b" ")[1:]
            n_shared = next((i for i, (a, b) in enumerate(zip(last, word, strict=False)) if a != b), len(last))
            found[-1] = b" " + last[:n_shared]
        else:
            found.append(b" " + word + b" ")
    return found


def _stretch(text: str, at: int, upto: int, found: dict[int, int]) -> None:
    """Add the chunks that meet a stretch of a text to `found`."""
    # In a text without blanks no chunk is as long, and it is cut in the same places whichever of its words is sought.
    least, most = max(at - at % LONGEST - LONGEST, 0), upto - upto % LONGEST + 2 * LONGEST
    start = max(text.rfind(" ", least, at) + 1, text.rfind("\n", least, at) + 1, least)
    blank, line = text.find(" ", upto, most), text.find("\n", upto, most)
    end = min(blank if blank >= 0 else most, line if line >= 0 else most)
    for begin, stop in chunks(text[start:end]):
        if start + stop > at and start + begin < upto:
            found[start + begin] = start + stop
