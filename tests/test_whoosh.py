"""Whoosh as a second opinion: the same tokens in a Whoosh index give the same articles, for what both can ask.

Deliberate differences, not asked here:
- scores: Whoosh adds BM25 of each field, quantises lengths, and has another idf;
- `a -b` without an operator: there it is the union of `a` and all without `b`, here `a` without `b`;
- a fuzzy word: Whoosh counts a swap of neighbours as one edit only in some versions; here always. Only distances in
  which no swap can matter are compared;
- `title:x` and the other parts of an article are ranges of one stream here and fields there; one stream is compared.
"""

import json
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import QUERY_WORDS, corpora

import search
from search.engine.matching import Matcher
from search.model import Article
from search.query import tree
from search.query.analyse import analyse
from search.reading import find_zones
from search.text.analysis import COUNTRY, PRONOUN, analyzer
from search.text.stream import BOUNDARY, Field, stream

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from whoosh import analysis, fields
    from whoosh import query as whoosh
    from whoosh.filedb.filestore import RamStorage

ENGLISH = analyzer("english")


class Given(analysis.Analyzer):  # type: ignore[misc]
    """Yields tokens that were made before: pairs of text and position, as JSON."""

    def __call__(self, value: str, **_: Any) -> Iterator[Any]:
        token = analysis.Token(positions=True)
        for text, position in json.loads(value):
            token.text, token.pos, token.boost, token.stopped = text, position, 1.0, False
            yield token


def whoosh_searcher(articles: list[Article]) -> Any:
    schema = fields.Schema(
        id=fields.ID(stored=True), terms=fields.TEXT(analyzer=Given()), forms=fields.TEXT(analyzer=Given())
    )
    opened = RamStorage().create_index(schema)
    writer = opened.writer()
    for article in articles:
        # Further apart than any slop, as Whoosh knows no fields in a stream.
        places = [
            p._replace(position=p.position + 9 * p.field)
            for p in stream(article, find_zones(article.body, title=article.title), ENGLISH)
            if p.field is not Field.NAMED and p.term != BOUNDARY
        ]
        writer.add_document(
            id=article.id,
            terms=json.dumps([(place.term, place.position) for place in places]),
            forms=json.dumps([(place.form, place.position) for place in places]),
        )
    writer.commit()
    return opened.searcher()


def translated(node: tree.Node) -> Any:
    """Return the Whoosh query that asks the same."""
    match node:
        case tree.Word(text, _, exact):
            [token] = [token for token in ENGLISH.words(text) if token.step]
            return whoosh.Term("forms", token.form) if exact else whoosh.Term("terms", token.term)
        case tree.Phrase(text, _, slop, _):
            terms = [token.term for token in ENGLISH.words(text) if token.step]
            return whoosh.Phrase("terms", terms, slop=slop) if len(terms) > 1 else whoosh.Term("terms", terms[0])
        case tree.Prefix(text, _):
            return whoosh.Prefix("forms", text)
        case tree.Wildcard(pattern, _):
            return whoosh.Wildcard("forms", pattern)
        case tree.Fuzzy(text, distance, prefix_length, _):
            return whoosh.FuzzyTerm("forms", text, maxdist=distance, prefixlength=prefix_length)
        case tree.And(parts):
            return whoosh.And([translated(part) for part in parts])
        case tree.Or(parts):
            return whoosh.Or([translated(part) for part in parts])
        case tree.Not(part):
            return whoosh.Not(translated(part))
        case tree.AndMaybe(must, may):
            return whoosh.AndMaybe(translated(must), translated(may))
    raise AssertionError(node)


def _is_plain(word: str) -> bool:
    tokens = ENGLISH.words(word)
    return len(tokens) == 1 and tokens[0].term not in (COUNTRY, PRONOUN)


plain = st.sampled_from([word for word in QUERY_WORDS if _is_plain(word)])
phrase = st.lists(plain, min_size=2, max_size=3).map(" ".join)
leaves: st.SearchStrategy[tree.Node] = st.one_of(
    st.builds(tree.Word, plain, st.none(), st.booleans()),
    st.builds(tree.Phrase, phrase, st.none(), st.sampled_from([1, 2]), st.just(False)),
    st.sampled_from(["f", "fer", "strik", "happin", "organi"]).map(tree.Prefix),
    st.sampled_from(["f*y", "?trike*", "h?pp*", "*s"]).map(tree.Wildcard),
    st.sampled_from(["fery", "harbor", "cafes"]).map(lambda word: tree.Fuzzy(word, distance=1, prefix_length=1)),
)
nodes = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: tree.And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: tree.Or(tuple(parts))),
        st.builds(tree.Not, inner),
        st.builds(tree.AndMaybe, inner, inner),
    ),
    max_leaves=5,
)


@given(corpora(), st.lists(nodes, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whoosh_finds_the_same_articles(articles: list[Article], asked: list[tree.Node]) -> None:
    searcher = whoosh_searcher(articles)
    with tempfile.TemporaryDirectory() as folder, search.open(f"{folder}/index") as index:
        index.add(articles)
        _, snapshot = index._view.opened()
        for node in asked:
            docs = Matcher(snapshot, ENGLISH).docs(analyse(node, ENGLISH)).tolist()
            ours = {snapshot.id(doc) for doc in docs}
            theirs = {hit["id"] for hit in searcher.search(translated(node), limit=None)}
            assert ours == theirs, node
