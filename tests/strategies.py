"""Random articles and queries that meet: a small vocabulary with everything that makes words hard."""

import datetime

from hypothesis import strategies as st

from search.model import Article
from search.query import tree

WORDS = (
    *("ferry", "ferries", "Ferry", "strike", "strikes", "striking", "harbour", "harbours", "the", "said", "not"),
    *("air-strikes", "air", "airstrikes", "air strike", "US", "U.S.", "us", "U.N.", "café", "cafe", "CAFÉS", "naïve"),
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
FIELDS = (*[None] * 8, "title", "deck", "body", "source", "author", "path", "date", "low")
LINES = (
    *(
        "READ MORE: ferry strikes",
        "Ferry strikes harbour (AFP)",
        "Source: US agencies",
        "FERRIES STRIKE",
        "ODELL (AP) - ",
    ),
    *("Author: Mara Harbour", "TALKS IN US FAIL"),
)

sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(lambda words: " ".join(words) + ".")
paragraph = st.lists(sentence, min_size=1, max_size=3).map(" ".join) | st.sampled_from(LINES)
body = st.tuples(st.lists(paragraph, max_size=4), st.sampled_from(["\n\n", "\n", "\r\n\r\n", "\u2028", "  "])).map(
    lambda parts: parts[1].join(parts[0])
)


@st.composite
def articles(draw: st.DrawFn, article_id: str) -> Article:
    """An article with a given id."""
    return Article(
        id=article_id,
        body=draw(body),
        title=draw(st.none() | sentence.map(lambda text: text.rstrip("."))) or None,
        date=draw(st.sampled_from(DATES)),
        source=draw(st.sampled_from([None, None, "Ferry News", "US Wire"])),
        author=draw(st.sampled_from([None, None, "Mara Harbour"])),
        path=draw(st.sampled_from([None, "news/ferry.txt", "news/2021-08/x.txt"])),
    )


@st.composite
def corpora(draw: st.DrawFn, most: int = 7) -> list[Article]:
    """Some articles, no id twice."""
    ids = draw(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=most, unique=True))
    return [draw(articles(article_id)) for article_id in ids]


fields = st.sampled_from(FIELDS)
words = st.builds(tree.Word, st.sampled_from(QUERY_WORDS), fields, st.sampled_from([False, False, False, True]))
phrases = st.builds(
    tree.Phrase,
    st.lists(st.sampled_from(QUERY_WORDS), min_size=1, max_size=3).map(" ".join),
    fields,
    st.sampled_from([1, 1, 1, 2, 3]),
    st.sampled_from([False, False, True]),
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
leaves = st.one_of(
    words,
    words,
    words,
    phrases,
    phrases,
    prefixes,
    wildcards,
    fuzzies,
    st.builds(tree.DateRange, times, times),
    st.sampled_from([tree.Undated(), tree.Every(), tree.Nothing()]),
)
placed = st.recursive(
    st.one_of(words, phrases, prefixes, fuzzies),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: tree.either(parts)),
        st.builds(tree.Near, inner, inner, st.integers(1, 6), st.booleans()),
    ),
    max_leaves=4,
)
nears = st.builds(tree.Near, placed, placed, st.integers(1, 8), st.booleans())
trees: st.SearchStrategy[tree.Node] = st.recursive(
    leaves | nears,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: tree.And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: tree.Or(tuple(parts))),
        st.builds(tree.Not, inner),
        st.builds(tree.AndMaybe, inner, inner),
        st.builds(tree.Boost, inner, st.sampled_from([0.0, 0.5, 2.0])),
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
    }
)
