"""Help for a query that finds little: how else its words may be spelt, and which of its clauses leaves nothing.

A word that stands nowhere may be a mistake, and so may one that is much rarer than another it differs from by one edit;
a name, or a rare word, may be spelt in other ways. What is suggested is the query itself with such words replaced.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from search.engine.matching import Matcher
from search.engine.spelling import Speller
from search.model import ClauseCount, Spelt, Suggestion
from search.query import Query, tree
from search.query.analyse import analyse, has_own_terms, is_function_word
from search.query.clauses import APOSTROPHES, All, Clause, Times, Without
from search.text.analysis import Analyzer, Token, chunks
from search.text.edits import within

RARE = 5  # articles, up to which a word may be a name whatever its letters
COMMONER = 20  # times as many articles as the word has, for another to be what was meant
FAR_RARER = 100  # times, and another is a mistake itself
SHORTEST = 3  # letters; any other word is near a shorter one
MAX_WORDS = 16  # of a query, looked at
MAX_DOUBTED = 6  # of which other spellings are looked for; each takes up to 30 ms for 100,000 forms
MAX_OPTIONS = 3  # for each
MAX_SUGGESTIONS = 5
MAX_CLAUSES = 16  # counted


class Helper:
    """Helps with one query.

    Args:
        matcher: Of the query; what it has found is not looked for again.
        analyzer: Of the index.
        query: As typed.
        meant: What it means, in all spellings that were looked for; an article must fit the period, too.
        read: Reads any query as this one was.
        meaning: What a part of any query means, in all spellings that would be looked for.
        period: What else an article must fit, and how that is written; or None.
    """

    def __init__(
        self,
        matcher: Matcher,
        analyzer: Analyzer,
        query: str,
        meant: Clause,
        read: Callable[[str], Query],
        meaning: Callable[[str, tree.Node], Clause],
        period: tuple[Times, str] | None,
    ) -> None:
        self._matcher, self._analyzer = matcher, analyzer
        self._query, self._meant, self._read, self._period = query, meant, read, period
        self._meaning = meaning
        self._tree = read(query).tree
        self._speller = Speller(matcher.snapshot)
        self._doubted = 0  # words of clauses

    def _clause(self, query: str, node: tree.Node) -> Clause:
        clause = self._meaning(query, node)
        return All((clause, self._period[0])) if self._period else clause

    def _count(self, clause: Clause) -> int:
        return len(self._matcher.docs(clause))

    # Clauses

    def clauses(self) -> tuple[ClauseCount, ...]:
        """Return the clauses of the query with the articles that fit each alone.

        Behind one that none fits come its own, such as the words of a phrase.
        """
        nodes = dict.fromkeys(_inner(self._tree) or [self._tree])
        named = [(node, _label(node), self._meaning(self._query, node)) for node in nodes]
        clauses = [clause for _, _, clause in named] + ([self._period[0]] if self._period else [])
        every = len(clauses) > 1 and (self._period or not isinstance(tree.uncased(self._tree), tree.Or))

        def without(at: int) -> int | None:
            return self._count(All((*clauses[:at], *clauses[at + 1 :]))) if every else None

        found: list[ClauseCount] = []
        for at, (node, label, clause) in enumerate(named[:MAX_CLAUSES]):
            found.append(ClauseCount(label, self._count(clause), without(at)))
            if found[-1].articles:
                continue
            found[-1] = found[-1]._replace(near=self._near_word(node))
            for inner in _inner(node)[:MAX_CLAUSES] if len(named) > 1 else ():
                n = self._count(self._meaning(self._query, inner))
                found.append(ClauseCount(_label(inner), n, None, () if n else self._near_word(inner)))
        if self._period:
            found.append(ClauseCount(self._period[1], self._count(self._period[0]), without(len(clauses) - 1)))
        return tuple(found)

    def _near_word(self, node: tree.Node) -> tuple[Spelt, ...]:
        """Return what may be meant by a clause that is one word, which may stand in another field."""
        if not isinstance(node, tree.Word) or self._doubted == MAX_DOUBTED:
            return ()
        self._doubted += 1
        words = [word for text, _ in _texts(node) for word in self._words(text) if word == text]
        n = self._count(analyse(tree.Word(node.text), self._analyzer))
        return tuple(spelt for word in words for spelt in self._spelt(word, n))

    # Words

    def unknown(self) -> tuple[str, ...]:
        """Return the words that stand in no article, in whatever spelling was looked for."""
        return tuple(word.text for word in self._typed() if not self._count(self._meaning(word.text, word)))

    def _typed(self) -> list[tree.Word]:
        """Return the first words of the query as typed that may be spelt otherwise, in a field if it has its own."""
        words: dict[str, tree.Word] = {}
        for text, field in _texts(self._tree):
            for word in self._words(text):
                words.setdefault(word, tree.Word(word, field if has_own_terms(field) else None))
        return [*islice(words.values(), MAX_WORDS)]

    def suggestions(self) -> tuple[Suggestion, ...]:
        """Return the query with other words in place of those that may be wrong, the likeliest first.

        Each finds something; unless a word of the query stands nowhere, something that the query does not find.
        """
        unknown: dict[str, list[Spelt]] = {}
        options: dict[str, list[Spelt]] = {}
        for typed in self._typed():
            if len(options) == MAX_DOUBTED:
                break
            word, n = typed.text, self._count(analyse(typed, self._analyzer))
            if spelt := self._spelt(word, n):
                options[word] = spelt
                if not n:
                    unknown[word] = spelt
        best = {word: spelt[0].word for word, spelt in unknown.items()}
        tried = [best] if best else []
        for rank in range(MAX_OPTIONS):
            tried += [best | {word: spelt[rank].word} for word, spelt in options.items() if rank < len(spelt)]
        reading = self._read(self._query).reading
        suggested: dict[str, Suggestion] = {}
        for changes in tried:
            if len(suggested) == MAX_SUGGESTIONS:
                break
            text = _replaced(self._query, changes)
            read = self._read(text)
            # The words stand where they stood, and no sign of the language was taken for one.
            if text in suggested or read.reading != _replaced(reading, changes):
                continue
            clause = self._clause(text, read.tree)
            n = self._count(clause)
            if n if unknown else self._count(All((clause, Without(self._meant)))):
                suggested[text] = Suggestion(text, n, tuple(changes.items()))
        return tuple(suggested.values())

    def _words(self, text: str) -> Iterator[str]:
        """Yield the words of a text as typed that may be spelt otherwise."""
        for start, end in chunks(text):
            word = text[start:end]
            if not is_function_word(word, self._analyzer.language) and any(map(str.isalpha, word)):
                yield word

    def _spelt(self, word: str, n: int) -> list[Spelt]:
        """Return what may be meant by a word as typed, that stands in `n` articles, written in its place."""
        tokens = self._analyzer.chunk(word)
        if len(tokens) < 2:
            return [spelt for token in tokens for spelt in self._near(token, word, n)]
        found = []
        if tokens[1].step == 0:  # the joined form, at the place of the first
            for spelt in self._near(tokens[1], word, n):
                found.append(spelt._replace(word=_hyphenated(word, spelt.word)))
        mended, least = word, 0
        for token in reversed([token for token in tokens if token.step]):
            part = word[token.start : token.end]
            if not self._count(analyse(tree.Word(part), self._analyzer)) and (near := self._near(token, part, 0)):
                mended = mended[: token.start] + near[0].word + mended[token.end :]
                least = min(least or near[0].articles, near[0].articles)
        return found + [Spelt(mended, least)] * (mended != word)

    def _near(self, token: Token, word: str, n: int) -> list[Spelt]:
        """Return what may be meant by a token, in the case of the word as typed."""
        form = token.form
        if len(form) < SHORTEST or not form[:1].isalpha():
            return []
        near = self._speller.near(form, MAX_OPTIONS + 2)
        near = [spelt for spelt in near if spelt.articles * FAR_RARER >= near[0].articles]
        if n:
            near = [spelt for spelt in near if spelt.articles >= COMMONER * n and within(form, spelt.word, 1)]
        if word[:1].isupper() or 0 < n <= RARE:
            others = [spelt for spelt in self._speller.variants(form, MAX_OPTIONS) if spelt not in near]
            # A word of small letters that stands somewhere is as likely to be right: `killed` is no other `called`.
            near += [spelt for spelt in others if not n or word[:1].isupper() or within(form, spelt.word, 1)]
        ending = word[-2:] if word[-2:-1] in APOSTROPHES and word[-1:] in "sS" else ""
        return [
            spelt._replace(word=_in_case(spelt.word, word.removesuffix(ending)) + ending)
            for spelt in near
            if self._analyzer.term(spelt.word, spelt.word) != token.term
        ][:MAX_OPTIONS]


def _replaced(text: str, changes: Mapping[str, str]) -> str:
    """Return a text with words replaced wherever they stand."""
    found, at = "", 0
    for start, end in chunks(text):
        found += text[at:start] + changes.get(text[start:end], text[start:end])
        at = end
    return found + text[at:]


def _inner(node: tree.Node) -> list[tree.Node]:
    """Return the parts of a node that an article must fit (some of them, of OR)."""
    match node:
        case tree.And(parts) | tree.Or(parts):
            return list(parts)
        case tree.AndMaybe(must, _):
            return _inner(must) or [must]
        case tree.Near(left, right, apart=False):
            return [left, right]
        case tree.Near(left, _) | tree.Boost(left, _) | tree.AtLeast(left, _):
            return _inner(left) or [left]
        case tree.Cased(part, case):
            return [tree.Cased(inner, case) for inner in _inner(part)]
        case tree.Phrase(text, field, _, exact):
            return [tree.Word(text[start:end], field, exact) for start, end in chunks(text)]
        case _:
            return []


def _label(node: tree.Node) -> str:
    """Return a clause as it is written; a word stands in quotes."""
    return f'"{node.text}"' if isinstance(node, tree.Word) and node == tree.Word(node.text) else tree.write(node)


def _texts(node: tree.Node) -> Iterator[tuple[str, str | None]]:
    """Yield the words and phrases that a query looks for, in order, and in which field.

    None that must not be there, none of a path.
    """
    match node:
        case tree.Word(text, field) | tree.Phrase(text, field):
            if field not in ("path", "date"):
                yield text, field
        case tree.Not():
            return
        case tree.Cased(part):
            yield from _texts(part)
        case tree.Near(left, _, apart=True):
            yield from _texts(left)
        case _:
            for part in tree.parts(node):
                yield from _texts(part)


def _in_case(form: str, word: str) -> str:
    """Return a form in the case in which a word is written."""
    if word.isupper() and len(word) > 1:
        return form.upper()
    return form[:1].upper() + form[1:] if word[:1].isupper() else form


def _hyphenated(word: str, joined: str) -> str:
    """Return a joined form with the hyphens of a word, if they have the same length; else as it is."""
    letters = [char for char in word if char.isalnum()]
    if len(letters) != len(joined):
        return joined
    left = iter(joined)
    return "".join(_in_case(next(left), char) if char.isalnum() else char for char in word)
