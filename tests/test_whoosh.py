"""Whoosh as a second opinion: the same tokens in a Whoosh index give the same articles, for what both can ask.

One Whoosh field holds our terms at our positions, another our surface forms, a third the local time of publication.

Deliberate differences, translated or left out:
- scores: Whoosh adds BM25 of each field, quantises lengths, and has another idf;
- `a -b` without an operator: there it is the union of `a` and all without `b`, here `a` without `b`;
- `title:x` and the other parts of an article are ranges of one stream here and fields there; one stream is compared;
- a word that Whoosh would split by an analyser of its own (`9/11`, `air-strikes`) is given to it as what it means: the
  phrase of its parts, or the joined form;
- `us` and `US` are alternatives here; Whoosh has a term for each and is asked for all of them;
- `Phrase` in Whoosh is terms only, so phrases of exact forms are asked in the field of forms;
- a phrase with slop: Whoosh measures from the end of all that matched so far, as here, but lets it run from one field
  of the stream into the next, so fields are set further apart there than any slop; only words of one token are asked;
- a swap of neighbours is one edit here and two in Whoosh, so it is asked for each spelling with a swap as well;
- undated articles are in no range of dates, as here, and Whoosh has no query for them: it is asked for all without.
"""

import datetime
import json
import os
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import first, last
from strategies import QUERY_WORDS, corpora, times

import search
from search.engine.matching import Matcher
from search.model import Article
from search.query import tree
from search.query.analyse import analyse
from search.reading import find_zones
from search.text.analysis import COUNTRY, EITHER, PRONOUN, Token, analyzer
from search.text.stream import BOUNDARY, Field, stream

with warnings.catch_warnings():  # written for older Pythons
    warnings.simplefilter("ignore")
    from whoosh import analysis, fields
    from whoosh import query as whoosh
    from whoosh.filedb.filestore import RamStorage

ENGLISH = analyzer("english")
FIRST, LAST = -(2**40), 2**40  # seconds: before and after all dates


class Given(analysis.Analyzer):  # type: ignore[misc]  # Whoosh is untyped
    """Yields tokens that were made before: pairs of text and position, as JSON."""

    def __call__(self, value: str, **_: Any) -> Iterator[Any]:
        token = analysis.Token(positions=True)
        for text, position in json.loads(value):
            token.text, token.pos, token.boost, token.stopped = text, position, 1.0, False
            yield token


def searcher(articles: list[Article]) -> Any:
    schema = fields.Schema(
        id=fields.ID(stored=True),
        terms=fields.TEXT(analyzer=Given()),
        forms=fields.TEXT(analyzer=Given()),
        local=fields.NUMERIC(bits=64),
        last=fields.NUMERIC(bits=64),
    )
    # It writes to a folder that all share, under this name.
    opened = RamStorage().create_index(schema, indexname=f"opinion{os.getpid()}")
    writer = opened.writer()
    for article in articles:
        found = stream(article, find_zones(article.body, title=article.title), ENGLISH)
        places = [
            place._replace(position=place.position + 9 * place.field)
            for place in found
            if place.field is not Field.NAMED and place.term != BOUNDARY
        ]
        document = {
            "id": article.id,
            "terms": json.dumps([(place.term, place.position) for place in places]),
            "forms": json.dumps([(place.form, place.position) for place in places]),
        }
        if article.iso_date:
            writer.add_document(**document, local=first(article.iso_date), last=last(article.iso_date))
        else:
            writer.add_document(**document)
    writer.commit()
    return opened.searcher()


def alternatives(token: Token, raw: str, *, exact: bool) -> tuple[str, list[str]]:
    """Return the Whoosh field in which a token of a query is looked for, and as what."""
    if token.term == COUNTRY:
        return "terms", [COUNTRY, EITHER]
    if token.term == PRONOUN and raw.lower() == "us":
        return "terms", [PRONOUN, COUNTRY, EITHER]
    return ("forms", [token.form]) if exact else ("terms", [token.term])


def phrase(tokens: list[Token], text: str, *, exact: bool, slop: int = 1) -> Any:
    """Return the Whoosh query for tokens side by side, or with some places between."""
    runs: list[tuple[str, list[str]]] = []
    for token in tokens:
        field, words = alternatives(token, text[token.start : token.end], exact=exact)
        runs = [(field, [*run, word]) for _, run in runs or [("", [])] for word in words]
    return whoosh.Or(
        [whoosh.Phrase(field, run, slop=slop) if len(run) > 1 else whoosh.Term(field, run[0]) for field, run in runs]
    )


def swapped(text: str, most: int) -> set[tuple[str, int]]:
    """Return the spellings with up to `most` swaps of neighbours, and how many."""
    found = {(text, 0)}
    for n in range(most):
        for each, edits in [item for item in found if item[1] == n]:
            found |= {(each[:i] + each[i + 1] + each[i] + each[i + 2 :], edits + 1) for i in range(len(each) - 1)}
    return found


def seconds(time: datetime.datetime | None, otherwise: int) -> int:
    return int((time - datetime.datetime(1970, 1, 1)).total_seconds()) if time else otherwise


def translated(node: tree.Node) -> Any:
    """Return the Whoosh query that asks the same."""
    match node:
        case tree.Word(text, _, exact):
            tokens = ENGLISH.words(text)
            asked = phrase([token for token in tokens if token.step], text, exact=exact)
            joined = [token for token in tokens if not token.step]
            if joined:
                field, words = alternatives(joined[0], "", exact=exact)
                return whoosh.Or([asked, *(whoosh.Term(field, word) for word in words)])
            return asked
        case tree.Phrase(text, _, slop, exact):
            tokens = [token for token in ENGLISH.words(text) if token.step]
            return phrase(tokens, text, exact=exact, slop=slop)
        case tree.Prefix(text, _):
            return whoosh.Prefix("forms", text)
        case tree.Wildcard(pattern, _):
            return whoosh.Wildcard("forms", pattern)
        case tree.Fuzzy(text, distance, prefix_length, _):
            return whoosh.Or(
                [
                    whoosh.FuzzyTerm("forms", each, maxdist=distance - edits, prefixlength=prefix_length)
                    for each, edits in swapped(text, distance)
                    if each.startswith(text[:prefix_length])
                ]
            )
        case tree.DateRange(start, end):
            begun = whoosh.NumericRange("local", seconds(start, FIRST), LAST)
            return whoosh.And([begun, whoosh.NumericRange("last", FIRST, seconds(end, LAST), endexcl=True)])
        case tree.Undated():
            return whoosh.Not(whoosh.NumericRange("local", FIRST, LAST))
        case tree.Every():
            return whoosh.Every()
        case tree.And(parts):
            return whoosh.And([translated(part) for part in parts])
        case tree.Or(parts):
            return whoosh.Or([translated(part) for part in parts])
        case tree.Not(part):
            return whoosh.Not(translated(part))
        case tree.AndMaybe(must, may):
            return whoosh.AndMaybe(translated(must), translated(may))
    raise AssertionError(node)


asked_words = st.sampled_from(QUERY_WORDS)
# A phrase has one joined form at most, and exact forms of the country are none.
plain = st.sampled_from(
    [w for w in QUERY_WORDS if all(t.step and t.term not in (COUNTRY, PRONOUN) for t in ENGLISH.words(w))]
)
single = st.sampled_from(
    [w for w in QUERY_WORDS if [t.term in (COUNTRY, PRONOUN) for t in ENGLISH.words(w)] == [False]]
)
leaves: st.SearchStrategy[tree.Node] = st.one_of(
    asked_words.map(tree.Word),
    plain.map(lambda word: tree.Word(word, exact=True)),
    st.lists(asked_words, min_size=1, max_size=3).map(" ".join).map(tree.Phrase),
    st.lists(plain, min_size=1, max_size=3).map(lambda words: tree.Phrase(" ".join(words), exact=True)),
    st.lists(single, min_size=2, max_size=3).map(lambda words: tree.Phrase(" ".join(words), slop=2)),
    st.sampled_from(["f", "a", "u", "fer", "strik", "happin", "organi", "cafe"]).map(tree.Prefix),
    st.sampled_from(["*", "f*y", "*r*", "?s", "*s", "?trike*", "h?pp*", "c*f?", "air*es", "1*0"]).map(tree.Wildcard),
    st.builds(
        tree.Fuzzy,
        st.sampled_from(["fery", "strkie", "harbor", "harbuor", "cafe", "cafes", "happi"]),
        st.integers(1, 2),
        st.integers(0, 2),
        st.none(),
    ),
    st.builds(tree.DateRange, times, times),
    st.sampled_from([tree.Undated(), tree.Every()]),
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


@given(corpora(), st.lists(nodes, min_size=3, max_size=10))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_whoosh_finds_the_same_articles(articles: list[Article], asked: list[tree.Node]) -> None:
    with searcher(articles) as theirs, tempfile.TemporaryDirectory() as folder, search.open(f"{folder}/index") as index:
        index.add(articles)
        _, snapshot = index._view.opened()
        for node in asked:
            ours = {snapshot.id(doc) for doc in Matcher(snapshot, ENGLISH).docs(analyse(node, ENGLISH)).tolist()}
            assert ours == {hit["id"] for hit in theirs.search(translated(node), limit=None)}, node
