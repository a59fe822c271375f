"""An index as Whoosh sees one: every term of every field, and what Whoosh's searcher makes of it."""

import datetime
import os
import random
import re
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import whoosh_suite
from conftest import TOLD
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import corpora
from test_differential import zones_of

import search
from search.bridge.schema import EXACT, RANGES
from search.engine.fieldwise import GAP
from search.model import Article
from search.question import Question
from search.text.analysis import COUNTRY, PRONOUN, analyzer, chunks
from search.text.stream import BOUNDARY, Field, stream

with warnings.catch_warnings():  # written for older Pythons
    warnings.simplefilter("ignore")
    from whoosh import analysis, fields, qparser, query, scoring, sorting
    from whoosh.index import create_in
    from whoosh.reading import ReaderClosed, TermNotFound
    from whoosh.searching import Searcher

ENGLISH = analyzer("english")

Positions = dict[str, list[int]]  # by article
Fields = dict[str, dict[str, Positions]]  # by name and term
Lengths = dict[str, dict[str, int]]  # by name and article
PARTS = ("date", *(name for name, field in RANGES.items() if field is not None))


def fields_of(field: Field, term: str) -> list[str]:
    """Return the names of the fields that a token belongs to."""
    if field is Field.NAMED:
        return [term.partition(":")[0]]
    names = [name for name, each in RANGES.items() if each in (None, field)]
    return [*names, "date"] if field is Field.DATE else names


def expected(articles: list[Article]) -> tuple[Fields, Lengths]:
    """Return where each term of each field stands, and how long each field is in each article."""
    fields: Fields = {}
    lengths: Lengths = {}
    for article in articles:
        places = stream(article, zones_of(article), ENGLISH)
        begins: dict[str, int] = {"text": 0}
        for term, form, position, field, *_ in places:
            if term == BOUNDARY:
                continue
            for name in fields_of(field, term):
                begin = begins.setdefault(name, position)
                lengths.setdefault(name, {})[article.id] = position - begin + 1
                for own, word in ((name, term), (EXACT + name, form)):
                    found = fields.setdefault(own, {}).setdefault(word.rpartition(":")[2], {})
                    found.setdefault(article.id, []).append(position - begin + (name == "text") * GAP * field)
        lengths.setdefault("text", {})[article.id] = sum(lengths.get(name, {}).get(article.id, 0) for name in PARTS)
    return fields, lengths


def opened(folder: str, commits: list[list[Article]], gone: set[str]) -> search.Index:
    """Return an index of several commits, some of whose articles are deleted."""
    index = search.open(f"{folder}/index")
    for commit in commits:
        index.add(commit)
    index.delete(sorted(gone))
    return index


@given(corpora(zoned=True), st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_term_stands_where_it_stands(articles: list[Article], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(articles)))
    gone = data.draw(st.sets(st.sampled_from([article.id for article in articles]), max_size=2))
    living = [article for article in articles if article.id not in gone]
    fields, lengths = expected(living)
    with tempfile.TemporaryDirectory() as folder, opened(folder, [articles[:cut], articles[cut:]], gone) as index:
        reader = index.whoosh_reader()
        ids = {docnum: reader.stored_fields(docnum)["id"] for docnum in reader.all_doc_ids()}
        docnums = {name: docnum for docnum, name in ids.items()}
        assert set(docnums) == {article.id for article in living}
        assert (reader.doc_count(), len(list(reader.all_stored_fields()))) == (len(living), len(living))
        for name in {*fields, *RANGES} - {"date", "exact_date"}:
            terms = list(reader.lexicon(name))
            assert terms == sorted(term.encode() for term in fields.get(name, {})), name
            for term in terms:
                places = {}
                matcher = reader.postings(name, term)
                while matcher.is_active():
                    places[ids[matcher.id()]] = matcher.value_as("positions")
                    assert matcher.weight() == len(matcher.value_as("positions")) == matcher.value_as("frequency")
                    matcher.next()
                assert places == fields[name][term.decode()], (name, term)
                info = reader.term_info(name, term)
                own = lengths[name.removeprefix(EXACT)]
                assert (info.weight(), info.doc_frequency()) == (sum(map(len, places.values())), len(places))
                assert info.max_weight() == max(map(len, places.values()))
                assert (info.min_length(), info.max_length()) == (
                    min(own[each] for each in places),
                    max(own[each] for each in places),
                )
                assert (info.min_id(), info.max_id()) == (
                    min(docnums[each] for each in places),
                    max(docnums[each] for each in places),
                )
            if not name.startswith(EXACT):
                own = {each: length for each, length in lengths.get(name, {}).items() if length}
                assert {ids[d]: n for d in ids if (n := reader.doc_field_length(d, name))} == own
                assert reader.field_length(name) == sum(own.values())
                extremes = (min(own.values(), default=0), max(own.values(), default=0))
                assert (reader.min_field_length(name), reader.max_field_length(name)) == extremes
                for article_id in own:
                    vector = reader.vector_as("positions", docnums[article_id], name)
                    terms_of = {term: at[article_id] for term, at in fields[name].items() if article_id in at}
                    assert list(vector) == sorted(terms_of.items())
        everything = list(reader.all_terms())
        assert everything == sorted(everything)
        indexed = {(name, term.encode()) for name, terms in fields.items() for term in terms}
        others = {(name, term) for name, term in everything if name not in ("id", "date")}
        assert others == {(name, term) for name, term in indexed if name not in ("date", "exact_date")}
        assert {text.decode() for name, text in everything if name == "id"} == set(docnums)


def articles() -> list[Article]:
    return [
        Article(id="ferry", title="Ferry strike ends", body="The ferry sails again, said Mara Quill. Ferries sail."),
        Article(id="gates", title="Flood gates", body="Flood gates opened late.", date="2021-08-10", source="Wire"),
        Article(id="flood", body="The floods took a ferry, and the strike-breakers.", date="2021-08", source="Ledger"),
        Article(id="late", body="A late flood warning.", date="2022-01-01T10:30", source="Wire", meta={"desk": "N"}),
    ]


@pytest.fixture
def searcher(tmp_path: Path) -> Iterator[Any]:
    with search.open(tmp_path / "index") as index:
        index.add(articles()[:2])
        index.add(articles()[2:])
        with Searcher(index.whoosh_reader()) as searcher:
            yield searcher


def found(searcher: Any, asked: Any, **options: Any) -> list[str]:
    if isinstance(asked, str):
        asked = qparser.QueryParser("text", searcher.schema, group=qparser.OrGroup).parse(asked)
    return [hit["id"] for hit in searcher.search(asked, limit=None, **options)]


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("ferries", {"ferry", "flood"}),
        ("title:ferries", {"ferry"}),
        ("exact_text:ferries", {"ferry"}),
        ("exact_text:ferries OR exact_title:ferry", {"ferry"}),
        ("flood AND ferry", {"flood"}),
        ("flood ANDNOT ferry", {"gates", "late"}),
        ('"late flood"', {"late"}),
        ('"flood opened"~2', {"gates"}),
        ("strike-breakers", {"flood"}),
        ("strikebreakers", {"flood"}),
        ("exact_text:flo*", {"gates", "flood", "late"}),
        ("exact_text:F*S", {"ferry", "flood"}),
        ("source:wire", {"gates", "late"}),
        ("desk:n", {"late"}),
        ("nosuch:n", set()),
        ("date:2021", {"gates", "flood"}),
        ("date:[20210802 TO 20220101]", {"gates", "late"}),
        ("august", {"gates", "flood"}),
        ("id:late", {"late"}),
        ("*:*", {"ferry", "gates", "flood", "late"}),
    ],
)
def test_its_parser_reads_words_as_we_do(searcher: Any, asked: str, ids: set[str]) -> None:
    assert set(found(searcher, asked)) == ids


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        (query.Prefix("exact_body", "flood"), {"gates", "flood", "late"}),
        (query.Regex("exact_text", "fl.+d$"), {"gates", "late"}),
        (query.FuzzyTerm("exact_text", "folod"), {"gates", "late"}),
        (query.TermRange("exact_title", "e", "g"), {"ferry", "gates"}),
        (query.Variations("exact_text", "sail"), {"ferry"}),
        (query.DateRange("date", datetime.datetime(2021, 8, 1), datetime.datetime(2021, 8, 9)), {"flood"}),
        (query.Every("date"), {"gates", "flood", "late"}),
        (query.Not(query.Every("date")), {"ferry"}),
        (query.DisjunctionMax([query.Term("title", "ferri"), query.Term("body", "warn")]), {"ferry", "late"}),
        (query.AndMaybe(query.Term("text", "late"), query.Term("text", "ferri")), {"gates", "late"}),
        (query.ConstantScoreQuery(query.Term("text", "ferri")), {"ferry", "flood"}),
        (query.SpanFirst(query.Term("body", "flood"), limit=0), {"gates"}),
        (query.SpanNear(query.Term("body", "flood"), query.Term("body", "ferri"), slop=3), {"flood"}),
        (query.SpanNot(query.Term("body", "late"), query.Term("body", "ferri")), {"gates", "late"}),
        (query.Sequence([query.Term("body", "flood"), query.Term("body", "gate")]), {"gates"}),
    ],
)
def test_every_kind_of_query_runs(searcher: Any, asked: Any, ids: set[str]) -> None:
    assert set(found(searcher, asked)) == ids


@pytest.mark.parametrize("model", [scoring.BM25F, scoring.TF_IDF, scoring.Frequency, scoring.PL2, scoring.DebugModel])
def test_scores_are_those_of_an_index_of_whooshs_own(tmp_path: Path, model: Any) -> None:
    texts = ["flood gates", "flood flood warning late", "a ferry", "the flood of gates and gates and gates"] * 50
    with search.open(tmp_path / "index") as index:
        index.add(Article(id=f"{n:03}", body=text) for n, text in enumerate(texts))
        schema = fields.Schema(id=fields.ID(stored=True), body=fields.TEXT(analyzer=Given()))
        (tmp_path / "theirs").mkdir()
        theirs = create_in(tmp_path / "theirs", schema)
        with theirs.writer() as writer:
            for n, text in enumerate(texts):
                writer.add_document(id=f"{n:03}", body=text)
        ours = Searcher(index.whoosh_reader(), weighting=model())
        for words in (["flood"], ["gates"], ["flood", "gates"], ["late", "ferry", "flood"]):
            scores = []
            for searcher in (ours, theirs.searcher(weighting=model())):
                stems = [term for word in words for term in searcher.schema["body"].process_text(word)]
                asked = query.Or([query.Term("body", stem) for stem in stems])
                for limit in (10, None):
                    hits = searcher.search(asked, limit=limit)
                    scores.append([(hit["id"], pytest.approx(hit.score)) for hit in hits])
            assert scores[0] == scores[2]
            assert scores[1] == scores[3]


class Given(analysis.Analyzer):  # type: ignore[misc]  # Whoosh is untyped
    """Our chain, made anew for an index of Whoosh's own."""

    def __call__(self, value: str, **options: Any) -> Iterator[Any]:
        token = analysis.Token(positions=True)
        position = -1
        for term, _, _, _, step in ENGLISH.tokens(value):
            position += step
            token.text, token.pos, token.boost, token.stopped = term, position, 1.0, False
            yield token


def test_it_sorts_groups_and_pages(searcher: Any) -> None:
    every = query.Every()
    assert found(searcher, every, sortedby="date") == ["flood", "gates", "late", "ferry"]
    newest = sorting.FieldFacet("date", reverse=True)
    assert found(searcher, every, sortedby=newest) == ["late", "gates", "flood", "ferry"]
    assert found(searcher, every, sortedby=sorting.FieldFacet("source", reverse=True))[:2] == ["gates", "late"]
    assert found(searcher, every, sortedby=[sorting.FieldFacet("source"), newest])[-2:] == ["late", "gates"]
    assert searcher.search(every, groupedby="source", maptype=sorting.Count).groups() == {"": 1, "Wire": 2, "Ledger": 1}
    groups = searcher.search(every, groupedby="date").groups()
    assert {moment and moment.isoformat(): len(docs) for moment, docs in groups.items()} == {
        "2021-08-10T00:00:00": 1,
        "2021-08-01T00:00:00": 1,
        "2022-01-01T10:30:00": 1,
        None: 1,
    }
    assert len(searcher.search(every, collapse="source", collapse_limit=1)) == 3
    assert [page.pagenum for page in (searcher.search_page(every, n, pagelen=3) for n in (1, 2))] == [1, 2]


def test_it_suggests_finds_alike_and_highlights(searcher: Any) -> None:
    assert searcher.suggest("text", "feries") == ["ferries"]
    assert searcher.suggest("title", "fery") == ["ferry"]
    parser = qparser.QueryParser("exact_text", searcher.schema)
    assert searcher.correct_query(parser.parse("floid gates"), "floid gates").string == "flood gates"
    results = searcher.search(query.Term("id", "gates"))
    assert "flood" in [word for word, _ in results.key_terms("text")]
    assert {other["id"] for other in results[0].more_like_this("text")} <= {"flood", "late"}
    marked = searcher.search(query.Term("text", "ferri"), terms=True)[0]
    assert marked.highlights("text").count('<b class="match') == 2
    assert marked.matched_terms() == [("text", b"ferri")]


def test_what_is_not_there(searcher: Any) -> None:
    reader = searcher.reader()
    assert ("text", "nosuch") not in reader
    assert ("nosuch", "flood") not in reader
    assert ("text", b"\xff\xfe") not in reader
    assert (reader.frequency("text", "nosuch"), reader.doc_frequency("text", "nosuch")) == (0, 0)
    for ask in (reader.postings, reader.term_info, reader.first_id):
        with pytest.raises(TermNotFound):
            ask("text", "nosuch")
    with pytest.raises(TermNotFound):
        reader.postings("nosuch", "flood")
    with pytest.raises(KeyError):
        reader.vector(searcher.document_number(id="late"), "author")
    reader.close()
    for closed in (reader.doc_count, reader.doc_count_all, lambda: reader.postings("text", "flood")):
        with pytest.raises(ReaderClosed):
            closed()


def test_a_reader_keeps_the_commit_it_was_made_of(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    with pytest.raises(search.IndexMissingError):
        index.whoosh_reader()
    index.add(articles())
    before = index.whoosh_reader()
    index.delete(["ferry"])
    after = index.whoosh_reader()
    assert (before.doc_count(), before.has_deletions(), after.doc_count(), after.has_deletions()) == (4, False, 3, True)
    assert after.generation() == before.generation() + 1
    assert found(Searcher(before), "sails") == ["ferry"]
    assert found(Searcher(after), "sails") == []


# The same questions to both


def questions(texts: list[str], n: int) -> Iterator[tuple[str, Any]]:
    """Yield questions of every kind about some texts, in our language, and in Whoosh's, as text or as a query."""
    chance = random.Random(n)

    def some(text: str) -> list[str]:
        words = [text[start:end] for start, end in chunks(text)]
        return [word for word in words if re.fullmatch(r"[\w'.&,-]+", word)]

    def term(word: str) -> Any:
        return query.Term("text", ENGLISH.words(word)[0].term)

    for at in range(n):
        words: list[str] = []
        while len(words) < 12:
            words = some(chance.choice(texts))
        start = chance.randrange(len(words) - 4)
        a, b, c, d = words[start : start + 4]
        letters = [word.lower() for word in words if word.isascii() and word.isalpha() and len(word) > 4]
        long = chance.choice(letters or ["price"])
        day = f"1987-{chance.choice(['03', '04', '06', '10'])}-{chance.randint(1, 28):02}"
        match at % 16:
            case 0:
                yield a, a
            case 1:
                yield f"{a} {b} {c}", f"{a} {b} {c}"
            case 2:
                yield f"{a} AND {d}", f"{a} AND {d}"
            case 3:
                yield f"({a}) AND NOT {d}", f"{a} AND NOT {d}"  # in capitals without a sign, NOT is a word here
            case 4:
                yield f'"{a} {b}"', f'"{a} {b}"'
            case 5:
                yield f'"{a} {b} {c}"', f'"{a} {b} {c}"'
            case 6:
                yield f'"{a} {d}"~4', f'"{a} {d}"~4'
            case 7:
                yield f"={long}", f"exact_text:{long}"
            case 8:
                yield f"{long[:4]}*", f"exact_text:{long[:4]}*"
            case 9:
                yield f"{long[0]}?{long[2:4]}*{long[-1]}", f"exact_text:{long[0]}?{long[2:4]}*{long[-1]}"
            case 10:
                yield f"{long}~", query.FuzzyTerm("exact_text", long)
            case 11:
                yield f"title:{long}", f"title:{long}"
            case 12:
                yield f"{a} AND date:[1987-02-01 TO {day}]", f"{a} AND date:[1987-02-01 TO {day}]"
            case 13:
                yield f"date:{day}", f"date:{day}"
            case 14:
                left, right = letters[0] if letters else "oil", long
                yield f"{left} w/5 {right}", query.SpanNear(term(left), term(right), slop=5, ordered=False)
            case 15:
                yield f"({a} OR {b}) AND title:{long}^2", f"({a} OR {b}) AND title:{long}^2"


def reason(asked: str) -> str | None:
    """Return why our language may find other articles than Whoosh's parser does in our fields."""
    tokens = [token for word in re.split(r'[\s"()]+', asked) for token in ENGLISH.words(word)]
    if any(not token.step for token in tokens):
        return "a hyphenated word is its joined form, too"
    if any(token.term in (COUNTRY, PRONOUN) for token in tokens):
        return "US and U.S. are one country, also in a line of capitals"
    return None


def ends_of_low(index: search.Index, asked: str, mine: set[int], other: set[int]) -> bool:
    """Return whether all that Whoosh finds besides has both words among captions and trailers, which end here."""
    found = re.fullmatch(r"(\S+) w/5 (\S+)", asked)
    if not found or not mine < other:
        return False
    question = Question(index._view, f"low:{found[1]} AND low:{found[2]}", variants=False)
    return other - mine <= set(question.docs().tolist())


@pytest.mark.slow
def test_both_find_the_same_in_reuters(
    shared_data: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Asks 200 questions; the environment variable `QUESTIONS` asks for another number."""
    n = int(os.environ.get("QUESTIONS", "200"))
    differences: dict[str, list[str]] = {}
    with search.open(tmp_path / "index") as index:
        index.add(search.read([shared_data / "corpora" / "reuters21578.jsonl.xz"]), jobs=2)
        texts = [article.body for article in sorted(index, key=lambda article: article.id)[::20]]
        searcher = Searcher(index.whoosh_reader())
        parser = qparser.QueryParser("text", searcher.schema, group=qparser.OrGroup)
        n_found = 0
        for ours, theirs in questions(texts, n):
            meant = parser.parse(theirs) if isinstance(theirs, str) else theirs
            mine = Question(index._view, ours, variants=False).docs().tolist()
            other = sorted(searcher.docs_for_query(meant))
            n_found += bool(mine)
            if mine != other:
                why = reason(ours) or "not known"
                if ends_of_low(index, ours, set(mine), set(other)):
                    why = "w/5 crosses no end of a caption or trailer; there all of them are one field"
                differences.setdefault(why, []).append(f"{ours}: {len(mine)} here, {len(other)} there as {meant!r}")
    told = [f"{n} questions, {n_found} found something, {sum(map(len, differences.values()))} differ"]
    told += ["\n  ".join([f"{why}: {len(some)}", *some]) for why, some in differences.items()]
    record_property(TOLD, "\n".join(told))
    assert n_found > 0.8 * n
    assert not differences.get("not known"), told


@pytest.mark.slow
def test_whooshs_own_tests_run_on_our_index(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    try:
        archive = whoosh_suite.fetch(tmp_path)
    except subprocess.CalledProcessError as error:
        if os.environ.get("CI"):
            raise AssertionError(error.stderr) from error
        pytest.skip("needs the archive of Whoosh, which pip cannot fetch now")
    outcome = whoosh_suite.run(archive, tmp_path)
    record_property(TOLD, whoosh_suite.told(outcome))
    assert outcome.failed == []
    assert outcome.unknown == []
    assert len(outcome.ran) >= 240
