"""More like this: an article or a text turned into a question, of the words that say what it is about.

Each word counts by how much of the text it takes. Measured, average precision with one article that answers a query as
the example and the others that answer it as what is to be found (time 118, cranfield 450 examples): 10 words .439 .306,
20 words .490 .326, 30 words .491 .334, 50 words .496 .332; 30 of equal weight .481 .323, by what they would add to the
score of the text .481 .329, 30 chosen and weighted by Bo1 (Amati 2003) .481 .323.
"""

import re
from collections.abc import Iterator
from typing import Unpack

from search.engine import record
from search.engine.keyterms import Said, key_terms, said
from search.engine.matching import Matcher
from search.errors import QueryError
from search.model import Article
from search.query import Query
from search.query.analyse import analyse
from search.query.clauses import Leaf
from search.query.cleaning import reads_capitals_as_words
from search.query.tree import INFIX, Boost, Node, Nothing, Word, either, write
from search.question import DateFilters, Question
from search.reading import find_zones
from search.stories.bodies import read_body
from search.stories.comparison import relate
from search.text.analysis import Analyzer
from search.text.stream import WRITTEN, pieces
from search.view import View

TERMS = 30
COMPARED = 50  # articles that may be copies of a text, or tell of the same event as an article
_PLAIN = re.compile(r"\w+(?:['.&-]\w+)*")  # what a query may say as it is


def similar(
    view: View, text: str | None, article_id: str | None, *, copies: bool, **filters: Unpack[DateFilters]
) -> Question:
    """Return the question for articles like one of the index, which is not among them, or like a text.

    Args:
        view: Of the index.
        text: As it would stand in an article; None if there is an id.
        article_id: Of an article; None if there is a text.
        copies: Whether other articles of its story may be found; of a text, articles that would be of one story with it
            and those of their stories, as far as they are among the first `COMPARED`.
        filters: As of `Question`.

    Raises:
        ArticleError: There is no article with this id.
        QueryError: Neither a text nor an id is given, or both.
    """
    if (text is None) is (article_id is None):
        raise QueryError("similar to what? Give a text or the id of an article, one of them")
    _, snapshot = view.opened()
    analyzer = view.analyzer()
    left_out: set[int] = set()
    if article_id is not None:
        doc = view.number(article_id)
        left_out.add(doc)
        article = record.decode(snapshot.record(doc))
        stories = view.stories
        if stories and not copies:
            left_out.update(stories.story(doc))
    else:
        article = Article(id="", body=text or "")
        try:
            article = Article(id="", body=article.body, zones=find_zones(article.body))
        except ValueError as error:
            raise QueryError(f"the text is no article: {error}") from error
    node = _question(
        _words(article, analyzer), Matcher(snapshot, analyzer), analyzer, least=1 if text is not None else 2
    )
    reading = write(node)
    reading = f"({reading})" if reads_capitals_as_words(reading) else reading
    notes = ("The text has no word by which to look for others.",) if isinstance(node, Nothing) else ()
    read = Query(node, "" if notes else reading, notes)
    asked = article_id if article_id is not None else article.body
    if not copies and article_id is None:
        left_out = _copies(article, Question(view, asked, read=read))
    return Question(view, asked, read=read, left_out=left_out, **filters)


def alike(view: View, article_id: str) -> Iterator[int]:
    """Yield the articles most like one of the index, best first, the best of each other story: of the first `COMPARED`.

    Raises:
        ArticleError: There is no article with this id.
    """
    asked = similar(view, None, article_id, copies=False)
    stories = asked.stories
    doc = view.number(article_id)
    seen = set(stories.story(doc) if stories else [doc])
    for other, _ in asked.best(COMPARED + len(seen)):
        if other not in seen:
            seen.update(stories.story(other) if stories else ())
            yield other


def _words(article: Article, analyzer: Analyzer) -> list[Said]:
    """Return the words of an article's title, deck and body."""
    found = pieces(article, article.zones or ())
    return [word for piece in found if piece.field in WRITTEN for word in said(piece.text, piece.field, analyzer)]


def _question(words: list[Said], matcher: Matcher, analyzer: Analyzer, *, least: int) -> Node:
    """Return the query of the key terms of some words; `least` is as of `key_terms`."""
    parts: list[Node] = []
    terms = key_terms([word for word in words if _PLAIN.fullmatch(word.word)], matcher, TERMS, least=least)
    most = max((term.share for term in terms), default=1.0)
    for term in terms:
        node = Word(term.word.lower() if term.word in INFIX else term.word)
        if isinstance(analyse(node, analyzer), Leaf):
            factor = max(round(term.share / most, 2), 0.01)
            parts.append(node if factor == 1 else Boost(node, factor))
    return either(parts) if parts else Nothing()


def _copies(article: Article, asked: Question) -> set[int]:
    """Return the articles that would be of one story with a text, and those of their stories."""
    snapshot, analyzer, stories = asked.snapshot, asked.analyzer, asked.stories
    own = read_body(article.body, article.zones or (), analyzer)
    found: set[int] = set()
    for doc, _ in asked.best(COMPARED):
        other = record.decode(snapshot.record(doc))
        if relate(own, read_body(other.body, other.zones or (), analyzer)).folds:
            found.update(stories.story(doc) if stories else [doc])
    return found
