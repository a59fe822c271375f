"""Relations and stories against what counting finds; and whatever the order in which articles come and go."""

import math
import random
from collections import Counter
from dataclasses import replace
from itertools import combinations, permutations
from unittest import mock

import numpy as np
import pytest
from archive import Archive, stories_of
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import covered, runs
from numpy.typing import NDArray

from search.model import Zone
from search.reading.zones import find_zones
from search.stories import boilerplate, upkeep
from search.stories.bodies import Body, PlacedBody, join, quotations, read_body, run_hashes
from search.stories.boilerplate import KINDS, MAX_HOLDERS, PER_OUTLET, UNKNOWN, VERSIONS, common, own
from search.stories.comparison import Overlap, passages, relate
from search.stories.membership import ALWAYS, Days, Edge, components
from search.stories.pairs import FAR_SHARE, candidates, together
from search.stories.relation import Relation
from search.stories.sketching import QUOTED_WINDOW, SHINGLE, WINDOW, sketches
from search.stories.spelling import FIGURE, key, spelling
from search.stories.upkeep import Entries
from search.text.analysis import analyzer

ENGLISH = analyzer("english")
CERTAIN = SHINGLE + WINDOW - 1  # words in common that are found for certain


def read(text: str) -> PlacedBody:
    return read_body(text, find_zones(text), ENGLISH)


def words(numbers: str | list[int], *, quoted: range = range(0), figures: range = range(0)) -> Body:
    """Return a body of words that are numbers, or letters; those in a range are quoted; some numbers are figures."""
    found = [ord(n) if isinstance(n, str) else n for n in numbers]
    keys = np.array(found, np.uint64) * np.uint64(2 * 0x4F1BBCDCBFA53E0B)
    keys |= np.isin(found, list(figures)).astype(np.uint64)
    return Body(keys, np.isin(np.arange(len(keys)), list(quoted)), keys.astype(np.uint16))


# Spelling


@pytest.mark.parametrize(
    "same",
    [
        *("Taliban Taleban", "organisations organizations", "recognise recognize", "labour labor", "Kadhafi Gaddafi"),
        *("centre center", "defence defense", "programme program", "travelled traveled", "aluminium aluminum"),
        *("Muhammad Mohammed", "Hezbollah Hizbullah", "Tehran Teheran", "Koran Quran", "five 5", "sixth 6th"),
        *("pct percent", "bln billion", "e i", "grey gray", "catalogue catalog"),
    ],
)
def test_spellings_of_one_word_are_one(same: str) -> None:
    assert len({spelling(word.lower()) for word in same.split()}) == 1


@pytest.mark.parametrize(
    "different",
    ["Iran Iraq", "five six", "said says", "their there three", "fighters militants", "east west", "rise rose"],
)
def test_words_that_matter_stay_apart(different: str) -> None:
    found = [spelling(word.lower()) for word in different.split()]
    assert len(set(found)) == len(found)


@given(st.text(max_size=12))
def test_every_word_has_a_spelling(word: str) -> None:
    assert bool(spelling(word)) is bool(word)


# Bodies


def test_only_body_deck_and_subheadings_are_compared() -> None:
    text = "Headline Here\nA deck.\nBY HAND\nThe ferry sank.\nREAD MORE: more"
    zones = [
        Zone("title", 0, 13),
        Zone("deck", 14, 21),
        Zone("subheading", 22, 29),
        Zone("body", 30, 45),
        Zone("reference", 46, 61),
    ]
    body = read_body(text, tuple(zones), ENGLISH)
    found = [text[a:b] for a, b in zip(body.starts.tolist(), body.ends.tolist(), strict=True)]
    assert found == ["A", "deck", "BY", "HAND", "The", "ferry", "sank"]


def test_joined_forms_are_left_out() -> None:
    assert len(read("The air-strikes went on, it was said by those who saw them.")) == 13


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('He said "not much" and left.', ["not much"]),
        ("She said “not much” and “never”.", ["not much", "never"]),
        ("„Kaum“, sagte er, « jamais », dit-elle", ["Kaum", " jamais "]),
        ("They said ‘don’t go’ twice", ["don’t go"]),
        ('He said "this goes on\n\nand "this" is another', ["this goes on", "this"]),
        ('"', []),
        ("It's the dogs' dinner", []),
    ],
)
def test_quotations_end_with_their_paragraph(text: str, quoted: list[str]) -> None:
    assert [text[start:end] for start, end in quotations(text)] == quoted


def test_words_between_marks_are_quoted() -> None:
    body = read('The mayor said on Tuesday: "We never doubted it," and left the room by the back door.')
    assert body.quoted.tolist() == [False] * 5 + [True] * 4 + [False] * 8


# Sketches


def plain_sketch(body: Body) -> set[int]:
    """Return the places of fingerprints, by the definition of winnowing."""
    hashes = (run_hashes(body.keys, SHINGLE) >> np.uint64(32)).tolist()
    quoted = [bool(body.quoted[i : i + SHINGLE].all()) for i in range(len(hashes))]
    found = set()
    for window, allowed in ((WINDOW, [True] * len(hashes)), (QUOTED_WINDOW, quoted)):
        begin = 0
        while begin < len(hashes):
            end = begin
            while end < len(hashes) and allowed[end]:
                end += 1
            for first in range(begin, max(begin + 1, end - window + 1)) if end > begin else ():
                places = range(first, min(first + window, end))
                found.add(min(places, key=lambda place: (hashes[place], -place)))
            begin = end + 1
    return found


bodies_of_few_words = st.builds(
    lambda numbers, start, length: words(numbers, quoted=range(start, start + length)),
    st.lists(st.integers(1, 6), max_size=70),
    st.integers(0, 70),
    st.integers(0, 40),
)


@given(st.lists(bodies_of_few_words, max_size=5))
def test_a_sketch_is_what_winnowing_says_and_each_article_s_own(bodies: list[Body]) -> None:
    found = sketches(join(bodies))
    begin = word = 0
    for body, end in zip(bodies, found.ends.tolist(), strict=True):
        assert set((found.places[begin:end] - word).tolist()) == plain_sketch(body)
        assert (found.fingerprints[begin:end] == sketches(join([body])).fingerprints).all()
        begin, word = end, word + len(body)


@given(
    st.integers(CERTAIN, 60), st.lists(st.integers(100, 999), max_size=50), st.lists(st.integers(1000, 9999)), st.data()
)
def test_a_long_run_is_always_found(length: int, before: list[int], behind: list[int], data: st.DataObject) -> None:
    run = data.draw(st.lists(st.integers(1, 50), min_size=length, max_size=length))
    a, b = words([*before, *run]), words([*run, *behind])
    found = sketches(join([a, b]))
    assert set(found.fingerprints[: found.ends[0]]) & set(found.fingerprints[found.ends[0] :])


# Relations


@given(st.lists(st.integers(1, 4), max_size=40), st.lists(st.integers(1, 4), max_size=40))
def test_shares_are_what_counting_finds(a: list[int], b: list[int]) -> None:
    found = relate(words(a), words(b))
    in_a = covered([str(n) for n in a], runs([str(n) for n in b]))
    in_b = covered([str(n) for n in b], runs([str(n) for n in a]))
    share_a, share_b = (math.floor(1e4 * sum(into) / max(1, len(into))) / 1e4 for into in (in_a, in_b))
    assert (found.shared_a, found.shared_b) == (share_a, share_b)
    shared = share_a if len(a) < len(b) else share_b if len(b) < len(a) else max(share_a, share_b)
    assert found.shared == shared
    is_much = shared >= 0.2 and min(sum(in_a), sum(in_b)) >= 15
    assert found.kind == ("copy" if shared >= 0.8 else "partial" if is_much else "none")


@given(st.lists(bodies_of_few_words, max_size=5))
def test_runs_of_many_articles_are_those_of_each_by_itself(some: list[Body]) -> None:
    for one, whole in zip(some, join(some).each(), strict=True):
        for name in ("keys", "quoted", "forms", "runs", "run_forms"):
            assert getattr(whole, name).tolist() == getattr(one, name).tolist()


@given(bodies_of_few_words, bodies_of_few_words)
def test_relations_are_the_same_the_other_way_round(a: Body, b: Body) -> None:
    there, back = relate(a, b), relate(b, a)
    assert (there.kind, there.shared, there.shared_a, there.shared_b) == (
        *(back.kind, back.shared, back.shared_b, back.shared_a),
    )


@pytest.mark.parametrize(
    ("quoted_in_a", "quoted_in_b", "own", "kind"),
    [
        (range(16), range(16), 20, "quote"),  # of 36 words 16 are shared, all quoted
        (range(16), range(0), 20, "quote"),  # one of them is enough
        (range(0), range(0), 20, "partial"),
        (range(0), range(0), 100, "none"),
        (range(16), range(0), 100, "quote"),
        (range(7), range(0), 100, "none"),  # too short
        (range(16), range(0), 2, "copy"),  # nothing else is there
    ],
)
def test_what_is_only_quoted_is_a_quote(quoted_in_a: range, quoted_in_b: range, own: int, kind: str) -> None:
    shared = list(range(16))
    a = words([*shared, *range(100, 100 + own)], quoted=quoted_in_a)
    b = words([*shared, *range(200, 200 + own)], quoted=quoted_in_b)
    assert relate(a, b).kind == kind


@pytest.mark.parametrize(("n_shared", "kind"), [(14, "none"), (15, "partial")])
def test_what_shares_few_words_is_not_part_of_another(n_shared: int, kind: str) -> None:
    shared = list(range(n_shared))
    assert relate(words([*shared, *range(100, 108)]), words([*shared, *range(200, 208)])).kind == kind


FIGURES = range(1000, 2000)


def filled_in(first: int, figures: list[int]) -> Body:
    """Return forty words, some of them those of whoever fills in a form, and a figure behind each six of the form."""
    lines = [[*range(6 * n, 6 * n + 6), figure] for n, figure in enumerate(figures)]
    return words([*range(first, first + 20), *(number for line in lines for number in line)], figures=FIGURES)


@pytest.mark.parametrize(
    ("others", "kind"),
    [
        ([1000, 1001, 1002, 1003], "partial"),  # the same
        ([1000, 1001, 1002, 1903], "partial"),  # the last has nothing shared behind it
        ([1000, 1901, 1002, 1003], "partial"),  # a toll that has risen
        ([1000, 1901, 1902, 1003], "none"),  # two stand there that did not, and one that did
        ([1900, 1901, 1902, 1903], "none"),
    ],
)
def test_a_form_filled_in_anew_is_no_copy_of_a_part(others: list[int], kind: str) -> None:
    a, b = filled_in(300, [1000, 1001, 1002, 1003]), filled_in(400, others)
    assert relate(a, b).kind == relate(b, a).kind == kind


def test_figures_are_known_by_their_keys() -> None:
    figures = "7 1,200 seven first 3.5m".split()
    assert all(key(each) & FIGURE for each in figures)
    assert not any(key(each) & FIGURE for each in "dam thirteen Sar-i-Pul us".split())


def test_without_words_nothing_is_related() -> None:
    assert relate(words(""), words("")).kind == relate(words("abcd"), words("abcd")).kind == "none"


REPORT = """The harbour board of Quillonburg will organise three night crossings again, it said on Monday.

Marta Hesseldine, who rows out to the ferries every morning, called the decision overdue.

A second hearing in the Tarragul district was put off until the colour of the new signals is agreed."""
REWRITTEN = """In the Tarregul district a hearing was put off until the color of the new signals is agreed.

The harbor board of Quillonburg will organize 3 night crossings again, sources close to it said."""


def test_passages_prove_what_is_shared_in_whatever_order_and_spelling() -> None:
    a, b = read(REPORT), read(REWRITTEN)
    found = [(REPORT[slice(*p.a)], REWRITTEN[slice(*p.b)]) for p in passages(a, b)]
    assert found == [
        (
            "The harbour board of Quillonburg will organise three night crossings again",
            "The harbor board of Quillonburg will organize 3 night crossings again",
        ),
        (
            "was put off until the colour of the new signals is agreed",
            "was put off until the color of the new signals is agreed",
        ),
    ]


@given(st.lists(st.integers(1, 4), max_size=40), st.lists(st.integers(1, 4), max_size=40))
def test_passages_hold_each_shared_word_once_and_the_same_words(a: list[int], b: list[int]) -> None:
    placed = []
    for numbers in (a, b):
        body, at = words(numbers), np.arange(len(numbers))
        placed.append(PlacedBody(body.keys, body.quoted, body.forms, at, at + 1))
    seen: list[int] = []
    for passage in passages(*placed):
        assert a[slice(*passage.a)] == b[slice(*passage.b)]
        seen += range(*passage.a)
    inside = covered([str(n) for n in a], runs([str(n) for n in b]))
    assert seen == [at for at, yes in enumerate(inside) if yes]


@given(st.permutations(range(1, 30)), st.sets(st.integers(1, 29)), st.integers(0, 12), st.integers(12, 29))
def test_texts_are_spelled_alike_if_the_words_they_share_are(
    other: list[int], changed: set[int], begin: int, end: int
) -> None:
    a = words(list(range(1, 30)))
    rest = [n for n in other if not begin < n <= end]
    b = words([*rest[:begin], *range(begin + 1, end + 1), *rest[begin:]])
    b = replace(b, forms=b.forms + np.isin(b.keys, a.keys[[n - 1 for n in sorted(changed)]]).astype(np.uint16))
    shared = covered([str(n) for n in a.keys.tolist()], runs([str(n) for n in b.keys.tolist()]))
    alike = not any(yes and n in changed for n, yes in enumerate(shared, 1))
    assert Overlap(a, b).is_spelled_alike is Overlap(b, a).is_spelled_alike is alike


def test_a_joined_form_is_a_part_of_how_its_first_word_is_spelled() -> None:
    one, other = read("New air-strikes hit the old town."), read("New air strikes hit the old town.")
    assert (one.keys == other.keys).all()
    assert (one.forms != other.forms).tolist() == [False, True, *[False] * 5]


# Pairs and boilerplate


entries = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 6), st.booleans()), max_size=30)


appeared = st.one_of(st.just(ALWAYS), st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted).map(tuple))


@given(
    entries,
    st.lists(st.booleans(), min_size=7, max_size=7),
    st.lists(appeared, min_size=7, max_size=7),
    st.integers(1, 30),
)
def test_candidates_are_what_counting_finds(
    held: list[tuple[int, int, bool]], fresh: list[bool], days: list[Days], size: int
) -> None:
    f, t, q = zip(*held, strict=True) if held else ((), (), ())
    arrays = np.array(f, np.uint32), np.array(t, np.int64), np.array(q, np.bool_)
    found = candidates(*arrays, np.full(7, size), np.array(days), np.array(fresh))
    expected = []
    for a, b in combinations(range(7), 2):
        both = {f for f, t, _ in held if t == a} & {f for f, t, _ in held if t == b}
        quotes = any(q for f, t, q in held if f in both and t in (a, b))
        near = min(days[b][1], days[a][1] + 3) >= max(days[b][0], days[a][0] - 3)
        enough = quotes or len(both) >= 0.08 * size if near else len(both) >= FAR_SHARE * size
        if both and enough and (fresh[a] or fresh[b]):
            expected.append((a, b))
    assert list(map(tuple, found.tolist())) == expected


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] < pair[1]), unique=True))
def test_pairs_that_texts_hold_together_stand_together(pairs: list[tuple[int, int]]) -> None:
    found = [tuple(pair) for pair in together(np.array(pairs, np.int64).reshape(-1, 2)).tolist()]
    assert sorted(found) == sorted(pairs)
    group = {text: {text} for pair in pairs for text in pair}
    for a, b in pairs:
        both = group[a] | group[b]
        group |= dict.fromkeys(both, both)
    in_order = [min(group[a]) for a, _ in found]
    assert in_order == sorted(in_order)


@pytest.mark.parametrize(
    ("n_kinds", "n_texts", "outlets", "is_common"),
    [
        (KINDS + PER_OUTLET, VERSIONS, [0], False),
        (KINDS + PER_OUTLET + 1, VERSIONS, [0], True),
        (1, VERSIONS + 1, [0], True),
        (1, VERSIONS + 1, [0, 1], False),
        (1, VERSIONS + 1, [-1], False),
        (KINDS + PER_OUTLET * 3, 40, [0, 1, 2], False),
        (KINDS + PER_OUTLET * 3 + 1, 40, [0, 1, 2], True),
        (KINDS + UNKNOWN, 40, [-1], False),
        (KINDS + UNKNOWN + 1, 40, [-1], True),
        (KINDS + UNKNOWN + PER_OUTLET, 40, [-1, 4], False),
        (3, MAX_HOLDERS, list(range(100)), False),
        (3, MAX_HOLDERS + 1, list(range(100)), True),
    ],
)
def test_common_is_what_more_kinds_of_articles_hold_than_outlets_copy(
    n_kinds: int, n_texts: int, outlets: list[int], is_common: bool
) -> None:
    of = np.resize(np.array(outlets), n_texts)
    leasts = np.resize(np.arange(n_kinds), n_texts)
    fingerprints = np.array([7] * n_texts * 2 + [9], np.uint32)  # each text in two articles
    texts = np.append(np.repeat(np.arange(n_texts), 2), 0) << 55  # any number is one
    found = common(fingerprints, texts, np.append(np.repeat(of, 2), 0), np.append(np.repeat(leasts, 2), 0))
    assert found.tolist() == [is_common] * n_texts * 2 + [False]


def test_boilerplate_goes_whole_and_takes_few_words_along() -> None:
    chance = random.Random(1)
    foot = [chance.randrange(1, 10**6) for _ in range(300)]
    heads = [[chance.randrange(10**6, 10**9) for _ in range(60)] for _ in range(20)]
    bodies = join([words([*head, *foot]) for head in heads])
    sketched = sketches(bodies)
    often = np.bincount(np.unique(sketched.fingerprints, return_inverse=True)[1])
    inverse = np.unique(sketched.fingerprints, return_inverse=True)[1]
    left = own(bodies, sketched, often[inverse] > PER_OUTLET)
    assert len(left) == 20
    for number, head in enumerate(heads):
        assert set(left.body(number).keys) <= set(words(head).keys)
        assert len(left.body(number)) >= 60 - CERTAIN


# Membership


def edge(a: str, b: str, shared: float = 1.0, other: float | None = None, *, quote: bool = False) -> Edge:
    other = shared if other is None else other
    larger = max(shared, other)
    return Edge(
        ord(a), ord(b), Relation("quote" if quote else "copy" if larger >= 0.8 else "partial", shared, other, larger)
    )


def turned(edge: Edge) -> Edge:
    relation = edge.relation
    return Edge(edge.b, edge.a, Relation(relation.kind, relation.shared_b, relation.shared_a, relation.shared))


DIGEST = [edge("a", "d", 1, 0.4), edge("b", "d", 1, 0.4)]  # d is made of a and b


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([], []),
        ([edge("a", "b")], ["ab"]),
        ([edge("a", "b", 0.5)], ["ab"]),
        ([edge("a", "b", 0.49)], []),
        ([edge("a", "b", 0.9, quote=True)], []),
        ([edge("a", "b", 0.6, 1), edge("b", "c", 0.76, 0.33), edge("a", "c", 0.62, 0.44)], ["abc"]),
        ([edge("a", "b", 0.6), edge("b", "c", 0.6)], ["abc"]),  # both parts of b cannot stand side by side
        (DIGEST, []),
        ([*DIGEST, edge("a", "x"), edge("b", "y")], ["ax", "by"]),
        ([*DIGEST, edge("a", "b", 0.6)], ["abd"]),  # d is not needed
        ([*DIGEST, edge("a", "e", 1, 0.4), edge("b", "e", 1, 0.4), edge("d", "e")], ["de"]),  # two copies of a digest
        # c has a paragraph of x, its copies a and b have not
        ([edge("a", "b"), edge("a", "c", 1, 0.9), edge("b", "c", 1, 0.9), edge("c", "x", 0.1, 0.7)], ["abc"]),
        ([edge(name, "z", 1, 0.1) for name in "abcdefgh"] + [edge("a", "b")], ["ab"]),  # one contains all
    ],
)
def test_stories_are_what_is_joined_but_not_by_a_digest_alone(edges: list[Edge], expected: list[str]) -> None:
    orders = permutations(edges) if len(edges) < 6 else [edges, edges[::-1]]
    for order in orders:
        for some in (order, map(turned, order)):
            assert sorted("".join(sorted(map(chr, story))) for story in stories_of(some)) == expected


def plain_stories(edges: list[Edge]) -> set[frozenset[int]]:
    """Return stories by taking each text out and looking."""
    folding = [
        e for e in edges if e.relation.kind == "copy" or (e.relation.kind == "partial" and e.relation.shared >= 0.5)
    ]
    nodes = {n for e in folding for n in (e.a, e.b)}
    mutual = [(e.a, e.b) for e in folding if min(e.relation.shared_a, e.relation.shared_b) >= 0.8]
    same = {n: min(group) for group in parts(nodes, mutual) for n in group}
    size = Counter(same.values())
    between = Counter(tuple(sorted((same[e.a], same[e.b]))) for e in folding)
    links = {(a, b) for (a, b), n in between.items() if a != b and 2 * n > size[a] * size[b]}
    folding = [e for e in folding if tuple(sorted((same[e.a], same[e.b]))) in links or same[e.a] == same[e.b]]
    digests = set()
    for x in set(same.values()):
        shares = []
        for part in parts(set(same.values()) - {x}, [link for link in links if x not in link]):
            with_part = [e.relation.shared_a for e in folding if same[e.a] == x and same[e.b] in part]
            with_part += [e.relation.shared_b for e in folding if same[e.b] == x and same[e.a] in part]
            if with_part:
                shares.append(max(with_part))
        if len(shares) > 1 and sum(sorted(shares)[-2:]) <= 1:
            digests.add(x)
    joining = [(e.a, e.b) for e in folding if same[e.a] == same[e.b] or not {same[e.a], same[e.b]} & digests]
    return {frozenset(part) for part in parts(nodes, joining) if len(part) > 1}


def parts(nodes: set[int], links: list[tuple[int, int]] | set[tuple[int, int]]) -> list[set[int]]:
    found = [{node} for node in nodes]
    for a, b in links:
        mine = [part for part in found if a in part or b in part]
        found = [part for part in found if part not in mine] + [set().union(*mine)]
    return found


shares = st.sampled_from([0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0])
graphs = st.dictionaries(
    st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]), st.tuples(shares, shares)
)


@settings(max_examples=400)
@given(graphs, st.randoms())
def test_stories_are_what_taking_each_text_out_shows(
    graph: dict[tuple[int, int], tuple[float, float]], chance: random.Random
) -> None:
    found = [
        Edge(a, b, Relation("copy" if max(x, y) >= 0.8 else "partial", x, y, max(x, y)))
        for (a, b), (x, y) in graph.items()
    ]
    expected = plain_stories(found)
    chance.shuffle(found)
    assert stories_of(found) == expected


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))))
def test_nodes_are_joined_to_the_least_they_reach(pairs: list[tuple[int, int]]) -> None:
    a, b = np.array(pairs, np.int64).reshape(-1, 2).T
    found = components(a, b, 31).tolist()
    for part in parts(set(range(31)), [pair for pair in pairs if pair[0] != pair[1]]):
        assert {found[node] for node in part} == {min(part)}


def test_a_chain_of_ten_thousand_is_walked() -> None:
    (story,) = stories_of([Edge(n, n + 1, Relation("partial", 0.6, 0.6, 0.6)) for n in range(10_000)])
    assert len(story) == 10_001


# Articles that come and go


PASSAGES = [list(range(100 * n, 100 * n + 30)) for n in range(6)]


@st.composite
def made_articles(draw: st.DrawFn) -> tuple[Body, str | None]:
    numbers = [number for part in draw(st.lists(st.integers(0, 5), max_size=3)) for number in PASSAGES[part]]
    own = draw(st.integers(0, 12))
    numbers += range(10_000 + 50 * own, 10_000 + 51 * own)
    quoted = range(draw(st.sampled_from([0, 0, 30])))
    return words(numbers, quoted=quoted), draw(st.sampled_from(["Gazette", "Gazette", "Herald", None]))


@settings(max_examples=100, deadline=None)
@given(st.lists(made_articles(), min_size=1, max_size=30), st.integers(1, 60), st.integers(1, 4))
def test_little_room_makes_no_other_relations(made: list[tuple[Body, str | None]], n_entries: int, first: int) -> None:
    whole, some = Archive(), Archive()
    articles = [(str(n), body, outlet) for n, (body, outlet) in enumerate(made)]
    whole.change(articles)
    with mock.patch.multiple(upkeep, ENTRIES_AT_A_TIME=n_entries, FIRST_TEXTS=first, FIRST_PRINTS=first):
        some.change(articles)
    assert some.edges == whole.edges


def test_as_many_texts_are_looked_at_together_as_there_is_room_for() -> None:
    n_held = []

    class Measured(Archive):
        def entries(self, fingerprints: NDArray[np.uint32]) -> Entries:
            found = super().entries(fingerprints)
            n_held.append(len(found.texts))
            return found

    shared = list(range(40))
    articles = [(str(n), words([*range(1000 * n, 1000 * n + 30 + n % 7), *shared]), f"Paper {n}") for n in range(100)]
    with mock.patch.multiple(upkeep, ENTRIES_AT_A_TIME=500, FIRST_TEXTS=64, FIRST_PRINTS=4):
        Measured().change(articles)
    _, _, *looked_up = n_held  # before and after, whose fingerprints have become common
    assert max(looked_up) <= 2 * 500
    assert len(looked_up) > 4


def test_a_batch_looks_up_each_fingerprint_once() -> None:
    asked: list[int] = []

    class Measured(Archive):
        def entries(self, fingerprints: NDArray[np.uint32]) -> Entries:
            asked.extend(fingerprints.tolist())
            return super().entries(fingerprints)

    articles = [(str(n), words(list(range(10 * n, 10 * n + 60))), f"Paper {n % 3}") for n in range(300)]
    archive = Measured()
    with mock.patch.object(upkeep, "AT_A_TIME", 16):
        archive.change(articles)
    assert len(archive.edges) > 10 * 16
    assert max(Counter(asked).values()) == 2 + 1  # before the change and after it; who holds it


@settings(max_examples=100, deadline=None)
@given(st.lists(made_articles(), min_size=1, max_size=14), st.randoms(), st.data())
def test_the_order_in_which_articles_come_and_go_does_not_matter(
    made: list[tuple[Body, str | None]], chance: random.Random, data: st.DataObject
) -> None:
    articles = [(f"{n:02}", body, outlet) for n, (body, outlet) in enumerate(made)]
    gone = data.draw(st.sets(st.sampled_from([name for name, _, _ in articles])))
    batch, grown = Archive(), Archive()
    with pytest.MonkeyPatch.context() as patch:  # so that few articles make boilerplate
        for name, few in (("KINDS", 1), ("PER_OUTLET", 1), ("UNKNOWN", 1), ("VERSIONS", 3), ("MAX_HOLDERS", 4)):
            patch.setattr(boilerplate, name, few)
        batch.change([article for article in articles if article[0] not in gone])
        chance.shuffle(articles)
        while articles:
            n = chance.randint(1, 4)
            grown.change(articles[:n])
            del articles[:n]
        for name in gone:
            grown.change(removed=[name])
    assert grown.related() == batch.related()
    assert grown.stories() == batch.stories()


def test_ten_thousand_articles_of_one_text_are_one_story() -> None:
    archive = Archive()
    archive.change((str(n), words(list(range(80))), None) for n in range(10_000))
    assert archive.n_affected == 1
    assert [len(story) for story in archive.stories()] == [10_000]


def test_articles_without_words_are_no_story() -> None:
    archive = Archive()
    archive.change((str(n), words("abcd"[: n % 5]), None) for n in range(20))
    assert archive.stories() == set()


def test_a_newer_article_joins_two_stories_and_its_end_parts_them() -> None:
    archive = Archive()
    text = list(range(200))
    first = words(text[:120])
    last = words(text[80:])
    archive.change([("a", first, "A"), ("a2", first, "B"), ("b", last, "A"), ("b2", last, "B")])
    assert archive.stories() == {frozenset({"a", "a2"}), frozenset({"b", "b2"})}
    archive.change([("all", words(text), "C")])
    assert archive.stories() == {frozenset({"a", "a2", "b", "b2", "all"})}
    archive.change(removed=["all"])
    assert archive.stories() == {frozenset({"a", "a2"}), frozenset({"b", "b2"})}


def test_one_article_with_all_others_in_it_joins_none_of_them() -> None:
    archive = Archive()
    texts = [list(range(1000 * n, 1000 * n + 60)) for n in range(300)]
    archive.change((str(n), words(text), f"Paper {n % 2}") for n, text in enumerate([*texts, texts[0][:50]]))
    archive.change([("all", words([number for text in texts for number in text]), "Digest")])
    assert len(archive.related()) == 2 * (300 + 1 + 1)
    assert archive.stories() == {frozenset({"0", "300"})}


def test_three_hundred_words_under_every_article_of_an_outlet_join_none_of_them() -> None:
    archive = Archive()
    foot = list(range(10**6, 10**6 + 300))
    archive.change((str(n), words([*range(100 * n, 100 * n + 60), *foot]), "Gazette") for n in range(1000))
    archive.change([("copy", words(list(range(100 * 7, 100 * 7 + 60))), "Herald")])
    assert archive.stories() == {frozenset({"7", "copy"})}


def test_a_form_filled_in_ten_thousand_times_is_no_story_and_is_not_compared() -> None:
    archive = Archive()
    archive.change((str(n), words([10**6 + n, *range(30), n]), None) for n in range(10_000))
    assert archive.related() == {}
