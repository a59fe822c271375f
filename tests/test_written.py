"""How words stand in a text: looking for them finds what analysing the text again does, or says that it cannot."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.engine import record
from search.engine.written import _Wanted
from search.model import Article, Zone
from search.query.analyse import analyse
from search.query.clauses import Leaf, Slot, Written
from search.query.tree import Case, Cased, Fuzzy, Node, Prefix, Word
from search.text.analysis import Analyzer
from search.text.stream import BOUNDARY, stream

WORDS = (
    'oil Oil OIL oils Oils oil-rich non-oil OIL-RICH oilrich oil\'s OIL’S oil/oil-rich soil (oil) "Oil" oil. Oil.A '
    "oil, "
    "oil,gas o.i.l. Öil oi\u00adl oil日本 日本oil ﬁoil İoil oil_x _oil oil- -Oil oil' 'oil oil&gas oil+ oil# 1oil oil… "
    "US us U.S. u.s. U.S.-led US's us. BUS Us (US) US/oil UU.S. u.s.a. \u00a0oil oil\u2028Oil"
).split(" ")
NODES: list[Node] = [
    Word("oil"),
    Word("oil", exact=True),
    Word("us"),
    Word("US"),
    Prefix("oi"),
    Prefix("u"),
    Fuzzy("oil"),
]
GLUE = (" ", " ", " ", "\n", "\n\n", "\t", "", "-")
ZONES = ("title", "deck", "date", "dateline", "body", "body", "subheading", "caption", "reference", "source", "author")
_texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GLUE)), min_size=1, max_size=9).map(
    lambda parts: "".join(word + glue for word, glue in parts).strip()
)


def _both(article: Article, node: Node, case: Case, language: str = "english") -> tuple[list[bool] | None, list[bool]]:
    """Return what looking finds, and what analysing again does, of all words that fill a slot."""
    analyzer = Analyzer(language)
    leaf = analyse(Cased(node, case), analyzer)
    assert isinstance(leaf, Leaf)
    slot = leaf.runs[0].slots[0]
    assert isinstance(slot, Written)
    inner: Slot = slot.slot
    places = [p for p in stream(article, article.zones or (), analyzer) if p.term != BOUNDARY and not p.term.count(":")]
    terms = getattr(inner, "terms", None)
    filled = [p for p in places if (p.term in terms if terms else inner.fits(p.form))]  # type: ignore[union-attr]  # no Terms
    # The index knows the forms of all articles, those of the terms among them.
    wanted = _Wanted(analyzer, slot, {p.form for p in filled} | ({"oil"} if terms == ("oil",) else set()))
    stored = record.encode(article, article.zones or ())
    positions = sorted({p.position for p in filled})
    return wanted.fits(stored, len(positions)), wanted.fits_again(stored, positions)


@given(
    st.lists(st.tuples(st.sampled_from(ZONES), _texts), min_size=1, max_size=4),
    st.sampled_from(NODES),
    st.sampled_from(("caps", "allcaps", "nocaps")),
    _texts | st.none(),
    st.sampled_from(("english", "german")),
)
@settings(deadline=None, max_examples=500)
def test_what_is_found_is_what_stands_there(
    parts: list[tuple[str, str]], node: Node, case: Case, title: str | None, language: str
) -> None:
    zones, text = [], ""
    for kind, words in parts:
        zones.append(Zone(kind, len(text), len(text) + len(words)))  # type: ignore[arg-type]  # one of them
        text += words + "\n"
    article = Article(id="oil", body=text, title=title, source="Oil Wire", path="oil/oil.txt", zones=tuple(zones))
    found, again = _both(article, node, case, language)
    assert found is None or found == again


@pytest.mark.parametrize(
    "text", ["Oil rose, and oil-rich states sold OIL.", "US oil: “Oil’s end”, said the U.S. to us."]
)
@pytest.mark.parametrize("node", NODES[:5])
def test_usual_texts_are_not_analysed_again(text: str, node: Node) -> None:
    for zones in (
        [Zone("body", 0, len(text))],
        [Zone("caption", 0, text.index(" ")), Zone("body", text.index(" ") + 1, len(text))],
    ):
        article = Article(id="a", body=text, zones=tuple(zones))
        found, again = _both(article, node, "caps")
        assert (found or []) == again  # where nothing stands, nothing is looked for
