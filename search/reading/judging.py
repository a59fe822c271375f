"""What each paragraph of a text is: by its words, by its shape, by its neighbours.

The steps of `Judgment` follow each other; a paragraph that one step has named is left alone by the next.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

from search.model import ZoneKind
from search.reading import cues, lines
from search.reading.datelines import cut_off, is_date
from search.reading.layout import MARK

MAX_TITLE = 160  # characters
MAX_DECK = 320
MAX_SUBHEADING = 90
MIN_CAPTION = 25
MAX_AGENCY = 24  # of the name of an agency that stands alone
MAX_CREDIT = 120
MIN_REPEATED, MAX_REPEATED = 20, 300  # of a caption that stands twice
MIN_DECK_WORDS = 6  # of a deck that is no whole sentence; a shorter line is rather a sub-heading
MAX_SUBHEADING_WORDS = 14
MAX_COMMAS = 3  # of a heading; more are a list
MAX_QUESTION_WORDS = 6  # of a sub-heading that is a question
RETOLD = 0.5  # share of a deck's words that come again in the paragraphs below it
N_HEAD = 8  # paragraphs in which headline, byline and date may stand
N_LISTED = 12  # headlines of other stories behind the last sentence
N_BYLINES = 4  # paragraphs under the headline in which names may stand
N_TAIL = 4  # last paragraphs in which source, signature and biography may stand

_STOPS = ".!?…"
_OPENERS = "\"'“‘«(["
_CLOSERS = "\"'”’»)]*_"
_BULLETS = "-*•–—▪◦►→»"
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]*_]*\Z")
_SENTENCE_GAP = re.compile(r"[^\s.]{2}[.!?…][\"'”’»)\]]*\s+[\"'“‘(]?[^\W_a-z]")
_ITEM = re.compile(MARK)
_BULLET = re.compile(rf"[{_BULLETS}]\s")
_LABEL = re.compile(r"[*_]*([^\W\d_][\w .'’-]{0,30}):[*_]*\s")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?:\s?[ap]\.?m\b|\b)")
_TIME = re.compile(rf"(?:{_CLOCK.pattern})\W*\Z")  # and nothing else
_ORNAMENTS = frozenset("_*#~+©★☆0123456789")
_RULE = re.compile(r"([_*#~])(?:\s?\1){2,}\Z|[★☆]+\Z")  # what parts a page, or rates a film
_COLUMNS = re.compile(r"\t|\S {3,}\S|\|.*\|")
_BROKEN_OFF = re.compile(
    r"\b(?:an?|the|to|of|on|in|and|or|with|by|for|from|at|as|that|than|before|since|through|said|vs)\Z"
)
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_LETTER = re.compile(
    r"(?:dear [\w. ]{2,40}|sir|madam|to the editor)\s*(?:[,:]|[–—-]\s)"
    r"|name and address (?:supplied|withheld)|letters?(?: (?:to|from)\b|\s*\Z)"
    r"|(?:yours|(?:yours |most )?(?:sincerely|faithfully|respectfully|cordially))\b"
    r"|(?:with )?(?:kind |best |warm )?(?:regards|wishes)\b",
    re.IGNORECASE,
)
_WITHHELD = re.compile(r"name and address (?:supplied|withheld)\W*\Z", re.IGNORECASE)
_SECTION = re.compile(r"(?:summary|overview|introduction|key (?:points|events)|at a glance)\Z", re.IGNORECASE)
_LETTERS = frozenset(
    (
        "Dea",
        "DEA",
        "Sir",
        "SIR",
        "Mad",
        "To ",
        "Let",
        "LET",
        "You",
        "Reg",
        "Kin",
        "Bes",
        "Wit",
        "Sin",
        "Fai",
        "Res",
        "Cor",
        "Nam",
    )
)
_RELEASES = frozenset({"For", "FOR", "for", "Med", "MED", "Pre", "PRE", "Con", "CON", "###", "Not", "NOT"})
_CODE = re.compile(r"[{}\\<>=`]|::|\w\(|^[#$/]")


def judge(texts: Sequence[str], title: str | None) -> list[ZoneKind]:
    """Return what each paragraph of a text is.

    Args:
        texts: The paragraphs, none of them blank.
        title: If the headline is known; a first paragraph that repeats it is then the only title there can be.
    """
    return Judgment(texts, title).kinds if texts else []


class Judgment:
    """The kinds of a text's paragraphs.

    It runs over every record that is indexed: each step first asks what rules out most paragraphs at once.

    Args:
        texts: The paragraphs, at least one.
        title: The headline, if it is known.
    """

    def __init__(self, texts: Sequence[str], title: str | None) -> None:
        self.texts = texts
        self.kinds: list[ZoneKind] = ["body"] * len(texts)
        self._starts = [p[:3] for p in texts]
        self._prose = [p[-1] in _STOPS or (p[-1] in _CLOSERS and is_prose(p)) for p in texts]
        self._mark_cues()
        if len(texts) > 1:
            self._mark_repeated()
            self._mark_lists()
            self._mark_release()
            self._mark_tail()
            self._mark_head(title)
            self._mark_subheadings()

    def _mark_cues(self) -> None:
        """Name what says itself what it is, where such a thing may stand."""
        kinds, texts = self.kinds, self.texts
        prose = self._prose
        last = len(texts) - 1
        credited = []
        for i, p in enumerate(texts):
            if self._starts[i] in cues.STARTS or (p[0] in cues.LEAD and p.lstrip(cues.LEAD)[:3] in cues.STARTS):
                kind = cues.kind_of(p)
                above = i == 0 or (i == 1 and lines.is_kicker(texts[0]))
                if kind and not (above and cues.may_be_headline(p)):  # `Opinion: …` is a headline
                    kinds[i] = kind
                    continue
            if p[0] in _ORNAMENTS and self._is_ornament(i):
                continue
            if i and len(p) <= MAX_AGENCY and not prose[i] and lines.is_agency(p):
                kinds[i] = "source"
                continue
            if (prose[i] and p[-1] not in ")]") or len(p) < MIN_CAPTION or not (p[0].isupper() or p[0] in "[("):
                continue
            if cues.has_credit(p):
                credited.append(i)
        for i in credited:
            # An agency after the last sentence is the source of the whole story.
            ends = i == last or not any(prose[at] and kinds[at] == "body" for at in range(i + 1, last + 1))
            if not (ends and cues.has_agency(texts[i])):
                kinds[i] = "caption"
        n_prose = 0
        for i in range(min(N_HEAD, len(texts))):
            p = texts[i]
            if kinds[i] == "body" and not prose[i] and is_date(p):
                kinds[i] = "date"
            elif prose[i] and p[-1] != "?":  # a headline may be a question
                n_prose += 1
                if n_prose > 1:  # the story has begun
                    break

    def _is_ornament(self, i: int) -> bool:
        """Name what is no words, or counts of readers, or a picture's owner before the story goes on."""
        p = self.texts[i]
        if p[0] == "©" and len(p) <= MAX_CREDIT and any(self._prose[i + 1 :]):
            self.kinds[i] = "caption"
        elif _RULE.match(p) or lines.is_count(p):
            self.kinds[i] = "reference"
        else:
            return False
        return True

    def _mark_repeated(self) -> None:
        """A short paragraph that stands twice, near the top or with a credit the second time, is a caption."""
        if "caption" not in self.kinds and len(set(self.texts)) == len(self.texts):
            return
        for i in range(len(self.texts) - 1):
            first, second = self.texts[i], self.texts[i + 1]
            if not MIN_REPEATED <= len(first) <= MAX_REPEATED or not second.startswith(first):
                continue
            if self.kinds[i + 1] == "caption":
                self.kinds[i] = "caption"
            elif first == second and i < N_HEAD and self.kinds[i] == "body" and is_line(first.rstrip(_STOPS)):
                self.kinds[i] = self.kinds[i + 1] = "caption"

    def _mark_lists(self) -> None:
        """Under `Related stories:` stand related stories."""
        if "reference" not in self.kinds:
            return
        for i, kind in enumerate(self.kinds):
            if kind != "reference" or not cues.is_bare(self.texts[i]):
                continue
            below = range(i + 1, len(self.texts))
            # Nothing but a few lines follows.
            ends = len(below) <= N_LISTED and all(self.kinds[at] != "body" or self._is_listed(at) for at in below)
            for at in below:
                p = self.texts[at]
                if self.kinds[at] != "body" or not self._is_listed(at):
                    if ends:
                        continue
                    break
                if not ends and not _BULLET.match(p) and not (at == i + 1 and self.texts[i].endswith(":")):
                    break
                self.kinds[at] = "reference"

    def _is_listed(self, i: int) -> bool:
        """Tell whether a paragraph may be a headline in a list."""
        return not self._prose[i] or (self.texts[i][-1] == "?" and len(self.texts[i]) <= MAX_TITLE)

    def _mark_release(self) -> None:
        """The sender of a press release, introduced under `About …`, and whom to call."""
        if _RELEASES.isdisjoint(self._starts) or not any(map(lines.is_release, self.texts)):
            return
        for i in range(len(self.texts) // 2, len(self.texts) - 1):
            if self.kinds[i] == "body" and lines.is_about(self.texts[i]):
                self.kinds[i] = self.kinds[i + 1] = "author"

    def _mark_tail(self) -> None:
        """Biographies, agencies and signatures after the last sentence."""
        texts, kinds, n = self.texts, self.kinds, len(self.texts)
        if not _LETTERS.isdisjoint(self._starts) and any(map(_LETTER.match, texts)):
            self._mark_signatures()
        for i in range(n - 1, max(0, n - 1 - N_TAIL), -1):
            if kinds[i] != "body":
                continue
            p = texts[i]
            if lines.is_address(p):
                kinds[i] = "author"
            elif not self._prose[i] and lines.is_desk(p):
                kinds[i] = "source"
            elif cues.is_biography(p):
                kinds[i] = "author"
            elif cues.is_source(p) or (not self._prose[i] and lines.is_outlet(p)):
                kinds[i] = "source"
            elif i == n - 1 and self._prose[i - 1] and not self._prose[i] and lines.is_signature(p):
                kinds[i] = "author"
            else:
                break

    def _mark_signatures(self) -> None:
        """Names under letters, and the places under the names."""
        for i in range(1, len(self.texts)):
            p = self.texts[i]
            last = i + 1 == len(self.texts)
            if self.kinds[i] != "body":
                continue
            if _WITHHELD.match(p):
                self.kinds[i] = "author"
            elif self.kinds[i - 1] == "author" and (lines.is_place(p) or is_date(p)):
                self.kinds[i] = "date" if is_date(p) else "author"
            elif not self._prose[i] and (last or not self._prose[i + 1] or lines.is_place(self.texts[i + 1])):
                after = self._prose[i - 1] or _LETTER.match(self.texts[i - 1])
                if after and lines.is_signature(p):
                    self.kinds[i] = "author"

    def _mark_head(self, title: str | None) -> None:
        """Headline and summary: what stands before the first sentence of the story."""
        bodies = self._bodies()
        i = next(bodies, -1)
        if i < 0 or i > N_HEAD:
            return
        if title is not None:
            if len(self.texts[i]) <= len(title) + 8 and _same(self.texts[i], title):
                self.kinds[i] = "title"
                self._mark_deck(next(bodies, -1))
            return
        below = next(bodies, -1)
        if 0 <= below <= N_HEAD and lines.is_kicker(self.texts[i]) and is_line(self.texts[below], marks="?!"):
            self.kinds[i] = "reference"
            i, below = below, next(bodies, -1)
        if lines.is_role(self.texts[i]):
            self.kinds[i] = "author"
            return
        if self._is_title(i, below):
            self.kinds[i] = "title"
            self._mark_bylines(i + 1)
            self._mark_deck(next((at for at in self._bodies() if at > i), -1))
        elif i == 0 and self._is_retold(i):
            self.kinds[i] = "deck"

    def _bodies(self) -> Iterator[int]:
        return (i for i, kind in enumerate(self.kinds) if kind == "body")

    def _is_title(self, i: int, below: int) -> bool:
        p = self.texts[i]
        if below < 0 or len(p) > MAX_TITLE or not is_line(p, marks="?!"):
            return False
        return not (_CLOCK.match(p) or _SECTION.match(p) or cut_off(p))

    def _mark_bylines(self, i: int) -> None:
        """Names, roles and addresses between the headline and the story, without `By`."""
        for at in range(i, min(i + N_BYLINES, len(self.texts) - 1)):
            p = self.texts[at]
            if self._prose[at] and at > i:  # a deck may be a sentence
                break
            if self.kinds[at] == "body" and not self._prose[at] and lines.is_outlet(p):
                self.kinds[at] = "source"
            elif (
                self.kinds[at] == "body"
                and not self._prose[at]
                and (lines.is_byline(p) or lines.is_address(p) or self._is_post(at))
            ):
                self.kinds[at] = "author"

    def _is_post(self, i: int) -> bool:
        return self.kinds[i - 1] == "author" and lines.is_post(self.texts[i])

    def _mark_deck(self, i: int) -> None:
        """Name the summary: one sentence or none, set apart from the story by what stands between or by its shape."""
        if i < 0 or i + 1 >= len(self.texts) or len(self.texts[i]) > MAX_DECK:
            return
        p = self.texts[i]
        follows = next((at for at in self._bodies() if at > i), -1)
        if follows < 0 or _ITEM.match(p) or _LABEL.match(p) or _CLOCK.match(p) or _LETTER.match(p):
            return
        if self.kinds[i + 1] in ("author", "date") and self.kinds[i - 1] == "title" and p[0] not in _OPENERS:
            self.kinds[i] = "deck"  # between the headline and who wrote it
            return
        if _SENTENCE_GAP.search(p):
            return
        prose_below = any(self._prose[follows : follows + 2])  # a live blog goes on with a heading
        if not self._prose[i]:
            if len(p.split()) >= MIN_DECK_WORDS and prose_below and is_line(p):
                self.kinds[i] = "deck"
        elif prose_below and (
            self.kinds[i + 1] in ("author", "date") or cut_off(self.texts[follows]) or self._is_retold(i)
        ):
            self.kinds[i] = "deck"

    def _is_retold(self, i: int) -> bool:
        """Tell whether a paragraph above a caption, byline or date is told again below it, as a deck is by the lead."""
        p = self.texts[i]
        if i + 2 >= len(self.texts) or self.kinds[i + 1] not in ("caption", "author", "date") or len(p) > MAX_DECK:
            return False
        words = {word.lower() for word in _LONG_WORD.findall(p)}
        below = [self.texts[at] for at in self._bodies() if at > i][:2]
        again = {word.lower() for q in below for word in _LONG_WORD.findall(q)}
        return bool(words) and len(words & again) >= RETOLD * len(words) and not _SENTENCE_GAP.search(p)

    def _mark_subheadings(self) -> None:
        """Short lines that are no sentences, between sentences."""
        texts, kinds, prose = self.texts, self.kinds, self._prose
        questions = []
        for i in range(len(texts) - 1):
            if len(texts[i]) > MAX_SUBHEADING or not (prose[i + 1] or self._follows_loosely(i + 1)):
                continue
            if prose[i]:
                if texts[i][-1] == "?" and kinds[i] == "body":
                    questions.append(i)
            elif kinds[i] == "body" and self._stands_between(i) and self._is_heading(texts[i]):
                kinds[i] = "subheading"
        if len(questions) == 1 and self._is_question_heading(questions[0]):  # several are an interview
            kinds[questions[0]] = "subheading"

    def _follows_loosely(self, i: int) -> bool:
        return self.kinds[i] != "body" or self.texts[i][0] in _BULLETS

    def _stands_between(self, i: int) -> bool:
        """Tell whether prose follows a paragraph, and what stands before it is no part of a list."""
        after = i + 1
        while after < len(self.texts) and self.kinds[after] in ("caption", "reference"):
            after += 1
        if after == len(self.texts) or self.kinds[after] != "body":
            return False
        below = self.texts[after]
        is_question = below[-1] == "?" and not _SENTENCE_GAP.search(below)
        if not _BULLET.match(below) and (not self._prose[after] or is_question or below[0].islower()):
            return False
        above = self.texts[i - 1]
        return (
            i == 0
            or self.kinds[i - 1] != "body"
            or self._prose[i - 1]
            or bool(_BULLET.match(above) or _TIME.match(above))
        )

    def _is_question_heading(self, i: int) -> bool:
        p = self.texts[i]
        short = len(p.split()) <= MAX_QUESTION_WORDS and is_line(p, marks="?")
        return short and i > 0 and self._stands_between(i) and not _LABEL.match(p)

    def _is_heading(self, p: str) -> bool:
        if len(p.split()) > MAX_SUBHEADING_WORDS or _BROKEN_OFF.search(p) or not is_line(p):
            return False
        if label := _LABEL.match(p):  # of a speaker, if it comes again
            return len(label[1]) > 2 and self._labels[label[1]] == 1
        return True

    @cached_property
    def _labels(self) -> Counter[str]:
        return Counter(match[1] for p in self.texts if (match := _LABEL.match(p)))


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
    first = paragraph.lstrip("\"'“‘«(")[:1]
    if not first.isalnum() or first.islower() or not (_LONG_WORD.search(paragraph) or _CLOCK.match(paragraph)):
        return False
    if paragraph.count(",") >= MAX_COMMAS:
        return False
    return not (_ITEM.match(paragraph) or _COLUMNS.search(paragraph) or _CODE.search(paragraph))


def _same(paragraph: str, title: str) -> bool:
    return " ".join(paragraph.lstrip("# ").split()).casefold() == " ".join(title.split()).casefold()
