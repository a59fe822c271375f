"""Random articles and queries that meet: a small vocabulary with everything that makes words hard."""

import datetime

from hypothesis import strategies as st

from search.model import Article, Zone, ZoneKind
from search.query import tree

WORDS = (
    *("ferry", "ferries", "Ferry", "strike", "strikes", "striking", "harbour", "harbours", "the", "said", "not"),
    *(
        "air-strikes",
        "air",
        "airstrikes",
        "air strike",
        "strik-ing",
        "US",
        "U.S.",
        "us",
        "U.N.",
        "café",
        "cafe",
        "CAFÉS",
        "naïve",
    ),
    *(
        "2021-08-10",
        "August",
        "1,200",
        "10",
        "don’t",
        "Mayor's",
        "Mayor’s",
        "“quoted”",
        "AT&T",
        "東京",
        "😀",
        "e\u0301te\u0301",
    ),
    *(
        "happy",
        "happiness",
        "happily",
        "organisation",
        "organisations",
        "שלום",
        "x\u00a0y",
        "Kirby said",
        "a.m.",
        "\x00",
        "e\u0301",
    ),
)
QUERY_WORDS = (
    *(
        "ferry",
        "ferries",
        "strikes",
        "harbour",
        "the",
        "said",
        "air-strikes",
        "airstrike",
        "air",
        "US",
        "us",
        "U.S.",
        "un",
    ),
    *(
        "café",
        "naive",
        "2021-08-10",
        "august",
        "1200",
        "10",
        "don't",
        "mayor",
        "quoted",
        "at&t",
        "東京",
        "été",
        "happy",
    ),
    *("happiness", "organisations", "שלום", "nothing", "news", "a.m.", "y"),
)
DATES = (None, None, "2021", "2021-08", "2021-08-10", "2021-08-10T14:00:00", "2021-08-10T23:30:00-05:00", "1963-01-04")
FIELDS = (
    *[None] * 9,
    "hlead",
    "hlead",
    "quote",
    "by",
    "first3",
    "first9",
    "topic",
    "title",
    "deck",
    "body",
    "source",
    "author",
    "path",
    "date",
    "low",
)
LINES = (
    *(
        "READ MORE: ferry strikes",
        "Ferry strikes harbour (AFP)",
        "Source: US agencies",
        "FERRIES STRIKE",
        "ODELL (AP) - ",
        'Mara Harbour said: "Ferry strikes harbour."',
        '"US strikes, air-strikes," Mara Harbour said. "The ferry."',
    ),
    *("Author: Mara Harbour", "TALKS IN US FAIL"),
)

# Few words, often: so that phrases and neighbours of the queries come about, and nearly do.
CORE = ("ferry", "Strikes", "harbour", "US", "air-strikes")
CORE_QUERIES = ("ferry", "strike", "harbour", "US", "air-strikes")
written = st.sampled_from(CORE) | st.sampled_from(CORE) | st.sampled_from(WORDS)
sentence = st.lists(written, min_size=1, max_size=7).map(lambda words: " ".join(words) + ".")
long_sentence = st.lists(written, min_size=70, max_size=90).map(" ".join)
paragraph = st.one_of(
    st.lists(sentence, min_size=1, max_size=3).map(" ".join),
    st.lists(sentence, min_size=1, max_size=3).map(" ".join),
    st.sampled_from(LINES),
    st.integers(0, 9).flatmap(lambda n: sentence if n else long_sentence),
)
kinds: st.SearchStrategy[ZoneKind] = st.sampled_from(
    [*["body"] * 6, "title", "deck", "date", "dateline", "subheading", "caption", "reference", "source", "author"]
)
IDS = ("a", "b", "c", "d", "é", "10", "Z", "東", "😀", "j k")
paragraphs = st.integers(0, 9).flatmap(lambda n: st.lists(paragraph, min_size=1 if n else 0, max_size=4))
body = st.tuples(paragraphs, st.sampled_from(["\n\n", "\n", "\r\n\r\n", "\u2028", "  "])).map(
    lambda parts: parts[1].join(parts[0])
)


@st.composite
def articles(draw: st.DrawFn, article_id: str, *, zoned: bool = False) -> Article:
    """An article with a given id. `zoned`: one in four says itself what its zones are."""
    zones: list[Zone] = []
    title = draw(st.none() | sentence.map(lambda text: text.rstrip("."))) or None
    if not zoned or draw(st.integers(0, 3)):
        text = draw(body)
    else:
        text = ""
        titled: st.SearchStrategy[tuple[ZoneKind, str]] = st.tuples(st.just("title"), st.just(title or "us"))
        for kind, part in draw(st.lists(st.tuples(kinds, paragraph) | titled, max_size=5)):
            if stripped := part.strip():
                zones.append(Zone(kind, len(text), len(text) + len(stripped)))
                text += stripped + draw(st.sampled_from(["\n\n", "\n", " "]))
    return Article(
        id=article_id,
        body=text,
        title=title,
        date=draw(st.sampled_from(DATES)),
        source=draw(st.sampled_from([None, None, "Ferry News", "US Wire"])),
        author=draw(st.sampled_from([None, None, "Mara Harbour"])),
        path=draw(st.sampled_from([None, "news/ferry.txt", "news/2021-08/x.txt"])),
        meta=draw(st.sampled_from([{}, {}, {"topic": "ferries"}, {"topic": "US harbour", "Ort": "Ferry"}])),
        zones=tuple(zones) or None,
    )


@st.composite
def corpora(draw: st.DrawFn, most: int = 7, *, zoned: bool = False) -> list[Article]:
    """Some articles, no id twice."""
    ids = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=most, unique=True))
    return [draw(articles(article_id, zoned=zoned)) for article_id in ids]


fields = st.sampled_from(FIELDS)
asked = st.sampled_from(CORE_QUERIES) | st.sampled_from(QUERY_WORDS)
words = st.builds(tree.Word, asked, fields, st.sampled_from([False, False, False, True]))
phrases = st.builds(
    tree.Phrase,
    st.lists(asked, min_size=1, max_size=3).map(" ".join),
    fields,
    st.sampled_from([1, 1, 1, 2, 3]),
    st.sampled_from([False, False, True]),
)
core_phrases = st.builds(
    tree.Phrase,
    st.lists(st.sampled_from(CORE_QUERIES), min_size=2, max_size=3).map(" ".join),
    st.none(),  # Hypothesis makes up what is left out, and no article has a field of such a name
    st.integers(1, 4),
    st.just(False),
)
prefixes = st.builds(
    tree.Prefix, st.sampled_from(["f", "fer", "strik", "happin", "a", "u", "air-st", "caf", "organi"]), fields
)
wildcards = st.builds(
    tree.Wildcard, st.sampled_from(["f*y", "?trike*", "*s", "h?pp*", "c*f?", "*", "air*es", "1*0"]), fields
)
fuzzies = st.builds(
    tree.Fuzzy,
    st.sampled_from(["fery", "strkie", "harbuor", "cafe", "happi", "us"]),
    st.sampled_from([1, 2]),
    st.sampled_from([0, 1, 2]),
    fields,
)
times = st.sampled_from(
    [
        None,
        *(
            datetime.datetime(y, m, d, h)
            for y, m, d, h in [(1963, 1, 1, 0), (2021, 1, 1, 0), (2021, 8, 10, 0), (2021, 8, 10, 14), (2021, 8, 11, 0)]
        ),
    ]
)
filters = st.builds(tree.DateRange, times, times) | st.sampled_from(
    [tree.Undated(), tree.Every(), tree.Nothing(), tree.Length(9), tree.Length(None, 20), tree.Length(5, 9)]
)
factors = st.sampled_from([0.0, 0.5, 2.0])
leaves = st.one_of(
    words,
    words,
    words,
    phrases,
    core_phrases,
    prefixes,
    wildcards,
    fuzzies,
    filters,
    filters,
)
cases: st.SearchStrategy[tree.Case] = st.sampled_from(["caps", "allcaps", "nocaps"])
distances: st.SearchStrategy[int | tree.Unit] = st.one_of(st.integers(1, 6), st.sampled_from(["s", "p"]))
apart = st.sampled_from([False, False, True])
placed = st.recursive(
    st.one_of(words, words, phrases, phrases, prefixes, wildcards, fuzzies, filters),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: tree.either(parts)),
        st.lists(inner, min_size=2, max_size=2).map(lambda parts: tree.both(parts)),
        st.builds(tree.Not, inner),
        st.builds(tree.AndMaybe, inner, inner),
        st.builds(tree.Boost, inner, factors),
        st.builds(tree.Near, inner, inner, distances, st.booleans(), apart),
        st.builds(tree.AtLeast, inner, st.integers(1, 3)),
        st.builds(tree.Cased, inner, cases),
    ),
    max_leaves=4,
)
core_words = st.builds(
    tree.Word, st.sampled_from(CORE_QUERIES), st.sampled_from([None, None, None, "title", "body"]), st.just(False)
)
nears = st.builds(tree.Near, placed, placed, distances, st.booleans(), apart) | st.builds(
    tree.Near, core_words, core_words | core_phrases, distances, st.booleans(), apart
)
trees: st.SearchStrategy[tree.Node] = st.recursive(
    leaves | nears | placed,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: tree.And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: tree.Or(tuple(parts))),
        st.builds(tree.Not, inner),
        st.builds(tree.AndMaybe, inner, inner),
        st.builds(tree.Boost, inner, factors),
        st.builds(tree.AtLeast, inner, st.integers(1, 3)),
        st.builds(tree.Cased, inner, cases),
    ),
    max_leaves=8,
)
rankings = st.fixed_dictionaries(
    {
        "k1": st.sampled_from([1.2, 0.5, 3.0]),
        "b_title": st.sampled_from([0.75, 0.0, 1.0]),
        "b_deck": st.sampled_from([0.75, 0.3]),
        "b_body": st.sampled_from([0.75, 0.4, 1.0]),
        "weight_date": st.sampled_from([2.0, 0.5]),
        "weight_title": st.sampled_from([2.0, 1.0, 5.0]),
        "weight_deck": st.sampled_from([1.5, 1.0]),
        "weight_body": st.sampled_from([1.0, 0.7]),
        "weight_low": st.sampled_from([0.3, 0.0]),
        "nearness": st.sampled_from([0.3, 2.0, 0.0]),
    }
)
corpus_changes = st.tuples(
    corpora(zoned=True),
    st.lists(st.sampled_from(IDS).flatmap(lambda name: articles(name, zoned=True)), max_size=3),
    st.sets(st.sampled_from(IDS), max_size=3),
)
_typed = st.one_of(
    st.sampled_from(QUERY_WORDS),
    st.sampled_from(
        [
            *("-the", "+harbour", "AND", "OR", "NOT", "ANDMAYBE", "ANDNOT", "(", ")", '"', '"air strikes"', "w/3"),
            *("title:ferry", "caf*", "fery~", "date:2021-08", "happ?", "=ferry", '="ferry strikes"', "^2", "path:news"),
            *('"ferry harbour"~3', "pre/2", "date:none", "date:>2020", "-title:ferry", "*", "~", ":", "it's"),
        ]
    ),
)
queries = st.lists(_typed, min_size=1, max_size=7).map(" ".join) | trees.map(tree.write) | st.text(max_size=12)
