"""What each paragraph of a text is: by its words, by its shape, by its neighbours.

The steps of `Judgment` follow each other; a paragraph that one step has named is left alone by the next.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from search.model import ZoneKind
from search.reading import cues
from search.reading.layout import MARK

MAX_TITLE = 160  # characters
MAX_DECK = 320
MAX_SUBHEADING = 90
MAX_REPEATED = 300  # of a caption that stands twice
MIN_DECK_WORDS = 6  # of a deck that is no whole sentence; a shorter line is rather a sub-heading
MAX_SUBHEADING_WORDS = 14
RETOLD = 0.5  # share of a deck's words that come again in the paragraphs below it
N_HEAD = 8  # paragraphs in which headline, byline and date may stand
N_TAIL = 4  # paragraphs in which source, signature and biography may stand

_STOPS = ".!?…"
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]*_]*\Z")
_SENTENCE_GAP = re.compile(r"[^\s.]{2}[.!?…][\"'”’»)\]]*\s+[\"'“‘(]?[^\W_a-z]")
_ITEM = re.compile(MARK)
_BULLET = re.compile(r"[-*•–—▪◦►→»]\s")
_LABEL = re.compile(r"[*_]*([^\W\d_][\w .'’-]{0,30}):[*_]*\s")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}\b")
_COLUMNS = re.compile(r"\t|\S {3,}\S|\|.*\|")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_LETTER = re.compile(
    r"(?:dear [\w. ]{2,40}|sir|madam|to the editor)\s*[,:]|letters? (?:to|from)\b|yours\b|(?:kind |best )?regards\b", re.I
)
_SECTION = re.compile(r"(?:summary|overview|introduction|key (?:points|events)|at a glance)\Z", re.IGNORECASE)
_CODE = re.compile(r"[{}\\<>=`]|::|\w\(|^[#$/]")


def judge(texts: Sequence[str], title: str | None) -> list[ZoneKind]:
    """Return what each paragraph of a text is.

    Args:
        texts: The paragraphs, none of them blank.
        title: If the headline is known; a first paragraph that repeats it is then the only title there can be.
    """
    suspects = [i for i, p in enumerate(texts) if p[:3] in cues.STARTS or p[-1] not in _STOPS]
    repeats = len(set(texts)) < len(texts)
    if suspects or repeats or title is None or len(texts) > 1:
        return Judgment(texts, suspects, title).kinds
    return ["body"] * len(texts)


class Judgment:
    """The kinds of a text's paragraphs, as far as they are known.

    Args:
        texts: The paragraphs.
        suspects: Indices of those whose beginning or end is not that of prose.
        title: The headline, if it is known.
    """

    def __init__(self, texts: Sequence[str], suspects: Sequence[int], title: str | None) -> None:
        self.texts = texts
        self.kinds: list[ZoneKind] = ["body"] * len(texts)
        self._suspects = suspects
        self._first_prose = next((i for i, p in enumerate(texts) if is_prose(p)), len(texts))
        self._mark_cues()
        self._mark_repeated()
        self._mark_lists()
        self._mark_tail()
        self._mark_head(title)
        self._mark_subheadings()

    def _mark_cues(self) -> None:
        """Name what says itself what it is, where such a thing may stand."""
        n = len(self.texts)
        for i in self._suspects:
            kind = cues.kind_of(self.texts[i])
            if kind == "reference" and i == 0 and cues.is_weak_reference(self.texts[i]):
                kind = None
            if kind == "date" and not cues.is_labelled_date(self.texts[i]) and i > min(self._first_prose, N_HEAD):
                kind = None
            if kind == "caption" and i >= n - 1 and i > 0 and cues.is_agency_credit(self.texts[i]):
                kind = None  # the sign-off of the last paragraph
            if kind:
                self.kinds[i] = kind

    def _mark_repeated(self) -> None:
        """A short paragraph that stands twice is a caption, with or without the name of the photographer."""
        for i in range(len(self.texts) - 1):
            first, second = self.texts[i], self.texts[i + 1]
            if len(first) <= MAX_REPEATED and second.startswith(first) and len(first) > 20:
                if first == second and self.kinds[i] == "body" and not _ITEM.match(first):
                    self.kinds[i] = self.kinds[i + 1] = "caption"
                elif self.kinds[i + 1] == "caption":
                    self.kinds[i] = "caption"

    def _mark_lists(self) -> None:
        """Under `Related stories:` stand related stories."""
        for i, kind in enumerate(self.kinds):
            if kind != "reference" or not cues.is_bare(self.texts[i]):
                continue
            for at in range(i + 1, len(self.texts)):
                p = self.texts[at]
                if self.kinds[at] != "body" or is_prose(p) or not (_BULLET.match(p) or at == i + 1):
                    break
                self.kinds[at] = "reference"

    def _mark_tail(self) -> None:
        """Biographies, agencies and signatures after the last sentence."""
        n = len(self.texts)
        signed = any(_LETTER.match(p) for p in self.texts[:3]) or any(_LETTER.match(p) for p in self.texts[-4:])
        last_prose = next((i for i in range(n - 1, -1, -1) if self.kinds[i] == "body" and is_prose(self.texts[i])), -1)
        for i in range(1 if signed else max(1, n - N_TAIL), n):
            p = self.texts[i]
            if self.kinds[i] != "body":
                continue
            below = self.texts[i + 1] if i + 1 < n else ""
            if signed and not (below and is_prose(below)):
                if cues.is_signature(p) and is_prose(self.texts[i - 1]) or cues.is_place(p) and self.kinds[i - 1] == "author":
                    self.kinds[i] = "author"
                    continue
            if i < n - N_TAIL:
                continue
            if cues.is_biography(p):
                self.kinds[i] = "author"
            elif i > last_prose and cues.is_outlet(p):
                self.kinds[i] = "source"
            elif i > last_prose >= 0 and i == n - 1 and cues.is_signature(p):
                self.kinds[i] = "author"

    def _mark_head(self, title: str | None) -> None:
        """Headline and summary: what stands before the first sentence of the story."""
        bodies = self._bodies()
        i = next(bodies, -1)
        if i < 0 or i > N_HEAD:
            return
        if title is not None:
            if _same(self.texts[i], title):
                self.kinds[i] = "title"
                self._mark_deck(next(bodies, -1))
            return
        below = next(bodies, -1)
        if self._is_title(i, below):
            self.kinds[i] = "title"
            self._mark_deck(below)
        elif i == 0 and self._is_retold(i):
            self.kinds[i] = "deck"

    def _bodies(self) -> Iterator[int]:
        return (i for i, kind in enumerate(self.kinds) if kind == "body")

    def _is_title(self, i: int, below: int) -> bool:
        p = self.texts[i]
        if below < 0 or len(p) > MAX_TITLE or not is_line(p, marks="?!") or _CLOCK.match(p) or _SECTION.match(p):
            return False
        if cues.split(p):
            return False
        return True

    def _mark_deck(self, i: int) -> None:
        """Name the summary: one sentence or none, set apart from the story by what stands between or by its shape."""
        if i < 0 or i + 1 >= len(self.texts) or len(self.texts[i]) > MAX_DECK:
            return
        p = self.texts[i]
        follows = next((at for at in self._bodies() if at > i), -1)
        if follows < 0 or _ITEM.match(p) or _LABEL.match(p) or _CLOCK.match(p) or _SENTENCE_GAP.search(p):
            return
        prose_below = is_prose(self.texts[follows])
        if not is_prose(p):
            if len(p.split()) >= MIN_DECK_WORDS and prose_below and is_line(p):
                self.kinds[i] = "deck"
        elif prose_below and (
            self.kinds[i + 1] in ("author", "date") or cues.split(self.texts[follows]) or self._is_retold(i)
        ):
            self.kinds[i] = "deck"

    def _is_retold(self, i: int) -> bool:
        """Tell whether a paragraph above a caption, a byline or a date is told again below it, as a deck is by the lead."""
        p = self.texts[i]
        if i + 2 >= len(self.texts) or self.kinds[i + 1] not in ("caption", "author", "date") or len(p) > MAX_DECK:
            return False
        words = {word.lower() for word in _LONG_WORD.findall(p)}
        below = [self.texts[at] for at in self._bodies() if at > i][:2]
        again = {word.lower() for q in below for word in _LONG_WORD.findall(q)}
        return bool(words) and len(words & again) >= RETOLD * len(words) and not _SENTENCE_GAP.search(p)

    def _mark_subheadings(self) -> None:
        """Short lines that are no sentences, between sentences."""
        labels = Counter(match[1] for p in self.texts if (match := _LABEL.match(p)))
        for i in self._suspects:
            p = self.texts[i]
            if self.kinds[i] != "body" or len(p) > MAX_SUBHEADING or len(p.split()) > MAX_SUBHEADING_WORDS or not is_line(p, marks=""):
                continue
            if (label := _LABEL.match(p)) and (labels[label[1]] > 1 or len(label[1]) < 3):
                continue
            if self._stands_between(i):
                self.kinds[i] = "subheading"

    def _stands_between(self, i: int) -> bool:
        """Tell whether prose follows a paragraph, and what stands before it is no part of a list."""
        after = next((at for at in range(i + 1, len(self.texts)) if self.kinds[at] not in ("caption", "reference")), -1)
        if after < 0 or self.kinds[after] != "body":
            return False
        below = self.texts[after]
        if not (is_prose(below) and not below.endswith("?") or _BULLET.match(below)):
            return False
        above = self.texts[i - 1] if i else ""
        return i == 0 or self.kinds[i - 1] != "body" or is_prose(above) or bool(_BULLET.match(above))


def is_prose(paragraph: str) -> bool:
    """Tell whether a paragraph ends as a sentence does."""
    return paragraph[-1] in _STOPS or bool(_SENTENCE_END.search(paragraph, max(0, len(paragraph) - 6)))


def is_line(paragraph: str, *, marks: str = "") -> bool:
    """Tell whether a paragraph has the shape of a heading: no sentence, no item of a list, no row of a table, no code.

    Args:
        paragraph: To look at.
        marks: Closing marks that a heading may have here.
    """
    last = paragraph.rstrip("\"'”’»)*_")[-1:]
    if last in ".…,;:-–—" or (last in "!?" and last not in marks):
        return False
    first = paragraph.lstrip("\"'“‘«(*_[")[:1]
    if not first or first.islower() or not (first.isalnum()):
        return False
    return not (_ITEM.match(paragraph) or _COLUMNS.search(paragraph) or _CODE.search(paragraph))


def _same(paragraph: str, title: str) -> bool:
    return " ".join(paragraph.lstrip("# ").split()).casefold() == " ".join(title.split()).casefold()
