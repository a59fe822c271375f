"""Which articles of other stories tell of the same event; looked at when somebody asks."""

from collections.abc import Iterable, Sequence

from search.engine.matching import Matcher
from search.engine.snapshot import Snapshot
from search.model import Article
from search.query.analyse import is_function_word
from search.query.clauses import Terms
from search.reports import Evidence, EvidenceKind
from search.stories.event import Mark, Told, same_event, same_matter, tell
from search.stories.spelling import key
from search.text.analysis import Analyzer, Token
from search.text.moments import day_of

_SHOWN = 8  # names, numbers or words
_KINDS: tuple[EvidenceKind, ...] = ("day", "name", "number", "word")


def summary(evidence: Iterable[Evidence]) -> str:
    """Return the first of each kind of what says that two articles tell of the same event, as text."""
    of: dict[EvidenceKind, list[str]] = {kind: [] for kind in _KINDS}
    for each in evidence:
        of[each.kind].append(each.a if each.a == each.b else f"{each.a}/{each.b}")
    parts = []
    for kind, words in of.items():
        more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
        if words:
            parts.append(f"{kind}{'s' if len(words) > 1 else ''} {', '.join(words[:_SHOWN])}{more}")
    return "; ".join(parts)


class Accounts:
    """What articles tell, and which tell of the same event.

    Args:
        snapshot: Of the index.
        analyzer: Of the index.
    """

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer) -> None:
        self._snapshot = snapshot
        self._analyzer = analyzer
        self._matcher = Matcher(snapshot, analyzer)
        self._frequency: dict[str, int] = {}

    def told(self, article: Article, sentences: Iterable[Sequence[Token]]) -> Told:
        """Return what an article tells, given the words of its sentences; its date may be inferred."""
        title = article.title or ""
        words = [token for token in self._analyzer.tokens(title) if token.step]
        return tell(
            article.text,
            sentences,
            {key(token.form): Mark(token.term, title[token.start : token.end], 0) for token in words},
            day_of(article.iso_date),
            lambda form: is_function_word(form, self._analyzer.language),
        )

    def evidence(self, a: Told, b: Told, *, is_quoted: bool) -> tuple[Evidence, ...]:
        """Return what says that two articles tell of the same event; nothing if they do not. See `same_event`."""
        return tuple(same_event(a, b, self._articles, self._snapshot.n_docs, is_quoted=is_quoted))

    def same_matter(self, a: Told, b: Told) -> bool:
        """Return whether sentences of two articles are about the same. See `same_matter` of `stories.event`."""
        return same_matter(a, b, self._articles, self._snapshot.n_docs)

    def _articles(self, term: str) -> int:
        if term not in self._frequency:
            self._frequency[term] = self._matcher.df(Terms((term,)))
        return self._frequency[term]
