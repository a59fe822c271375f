"""Spellings: what counts as one, that copies teach them, and that words are found in all of them."""

import contextlib
import json
import lzma
import random
import re
from collections import defaultdict
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from newsroom import newsroom

import search
from search import Article
from search.engine import builder
from search.engine.sections import Sections, SectionWriter
from search.engine.storage import Folder
from search.engine.variants import FOLLOWED, Entry, Spellings, SpellingsFile, Variants
from search.engine.versions import VERSIONS
from search.errors import ArticleError
from search.query.variants import AS_TYPED
from search.stories.spelling import is_respelled, spelling
from search.text.analysis import fold

SPELLED = """
taliban/taleban saripul/sarepul organisations/organizations recognise/recognize muhammad/mohammed hassan/hasan
labour/labor programme/program centre/center travelled/traveled gaddafi/qadhafi christopher/christofer
enquiries/inquiries hoffmann/hoffman catalogue/catalog
""".split()
NOT_SPELLED = """
six/6 percent/pct tonnes/tons israel/israeli german/germany policeman/policemen crisis/crises partially/partly
begin/began advice/advise complements/compliments council/counsel loses/losses order/uorder taliban/taliban
officially/official counter/country policy/police precedent/president firms/forms falling/feeling state/status
""".split()


@pytest.mark.parametrize("pair", SPELLED)
def test_spellings_of_a_word(pair: str) -> None:
    a, b = pair.split("/")
    assert spelling(a) == spelling(b)
    assert is_respelled(a, b)
    assert is_respelled(b, a)


@pytest.mark.parametrize("pair", NOT_SPELLED)
def test_what_is_no_spelling(pair: str) -> None:
    a, b = pair.split("/")
    assert not is_respelled(a, b)
    assert not is_respelled(b, a)


# On disk

words = st.sampled_from(["aa", "ab", "b", "é", "zz"])
entries = st.tuples(words, words)
found_rows = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), entries, entries), max_size=9)
Row = tuple[Entry, Entry, int, int]


def told(spelled: Spellings) -> set[Row]:
    """Return the rows by their words."""
    names = [tuple(entry.decode().split(" ")) for entry in spelled.entries]
    rows = [(names[one], names[other], a, b) for one, other, a, b in spelled.rows.tolist()]
    assert len(set(rows)) == len(rows)
    assert list(spelled.entries) == sorted({*spelled.entries})
    return set(rows)


def both_ways(found: list[tuple[int, int, Entry, Entry]]) -> set[Row]:
    return {(one, other, a, b) for a, b, one, other in found} | {(other, one, b, a) for a, b, one, other in found}


@given(found_rows, found_rows, st.integers(1, 4))
def test_spellings_are_joined_and_parted(
    first: list[tuple[int, int, Entry, Entry]], second: list[tuple[int, int, Entry, Entry]], text: int
) -> None:
    one, other = Spellings.of(first), Spellings.of(second)
    assert told(one) == both_ways(first)
    joined = one.joined(other)
    assert told(joined) == both_ways(first) | both_ways(second)
    kept = joined.kept(~(joined.rows[:, 2:] == text).any(axis=1))
    assert told(kept) == {row for row in told(joined) if text not in row[2:]}


def opened(path: Path, *parts: Spellings) -> list[tuple[int, SpellingsFile]]:
    """Write and open files of spellings."""
    folder = Folder(path)
    folder.make()
    found = []
    for number, part in enumerate(parts):
        sink = folder.create(f"{number}.x")
        writer = SectionWriter(sink)
        part.write(writer)
        found.append((number, SpellingsFile(Sections(folder, f"{number}.x", writer.finish({})))))
    return found


def test_spellings_are_read_as_they_were_written(tmp_path: Path) -> None:
    chance = random.Random(1)
    names = [(f"term{n}", f"term{n}s") for n in range(30)]
    pairs = [chance.sample(names, 2) for _ in range(200)]
    found = [(chance.randint(1, 9), chance.randint(1, 9), one, other) for one, other in pairs]
    spelled = Spellings.of(found)
    [(_, file)] = opened(tmp_path, spelled)
    assert len(file) == len(spelled)
    assert told(file.all()) == told(spelled)
    for term in [*(name for name, _ in names), "term", "term3s", "", "zzz"]:
        expected = sorted((other, a, b) for one, other, a, b in told(spelled) if one[0] == term)
        assert sorted(file.of(term)) == expected


def rare(term: str, texts: object) -> int:
    """Return that a term stands in no other article."""
    return 0


def test_other_spellings_are_followed_from_one_to_the_next_but_not_for_ever(tmp_path: Path) -> None:
    chain = [(f"t{n}", f"t{n}") for n in range(2 * FOLLOWED)]
    files = opened(tmp_path, *(Spellings.of([(n, n + 1, a, b)]) for n, (a, b) in enumerate(pairwise(chain))))
    assert [term for term, _ in Variants(files, lambda *_: True, rare).others("t0")] == [
        f"t{n}" for n in range(1, FOLLOWED)
    ]
    assert [term for term, _ in Variants(files, lambda a, b, _: b != 3 != a, rare).others("t0")] == ["t1", "t2"]
    assert Variants(files, lambda *_: False, rare).others("t0") == ()


# In the index

WIRE = (
    "The Talisman ferry left the north quay of Sar-i-Dam at six in the morning, the organisation of harbours said. "
    "Forty men and two lorries were aboard, and nobody was hurt when the prow struck the wall of the lock. "
    "The harbours of the coast recognise the licences of each other since the spring of the year before."
)
RESPELLED = WIRE.replace("Talisman", "Talesman").replace("Sar-i-Dam", "Sar-e-Dam")
COPY = RESPELLED.replace("organisation", "organization").replace("wall of the lock", "gate of the lock")


def forms(index: search.Index) -> list[tuple[str, ...]]:
    return sorted(variant.forms for variant in index.variants())


LEARNED = [("Sar-e-Dam", "Sar-i-Dam"), ("Talesman", "Talisman"), ("organisation", "organization")]


@pytest.fixture
def index(tmp_path: Path) -> search.Index:
    index = search.open(tmp_path / "index")
    index.add([Article(id="wire", body=WIRE), Article(id="copy", body=COPY), Article(id="rain", body="Rain fell.")])
    return index


def test_copies_teach_spellings_and_nothing_else(index: search.Index) -> None:
    assert forms(index) == LEARNED
    for variant in index.variants():
        assert variant.count == 1
        for form, side in zip(variant.forms, variant.evidence[0], strict=True):
            text = index.get(side.id).text
            assert text[side.start : side.end] == side.text
            assert [text[a:b] for a, b in side.highlights] == [form]
    assert [variant.forms for variant in index.variants("organizations")] == [LEARNED[2]]
    assert index.variants("ferry") == []
    assert len(index.variants(limit=2)) == 2


def test_a_copy_that_differs_in_spelling_alone_teaches_it(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    for name, body in (("wire", WIRE), ("copy", RESPELLED), ("same", WIRE)):
        index.add([Article(id=name, body=body)])
    assert index.stories()[0].size == 3
    assert forms(index) == LEARNED[:2]
    index.delete(["copy"])
    assert forms(index) == []
    assert index.search("talisman").notes == ()
    assert index.check() == []


@pytest.mark.parametrize("order", [["wire", "copy", "other"], ["other", "copy", "wire"]])
def test_spellings_are_learned_article_by_article_and_forgotten(tmp_path: Path, order: list[str]) -> None:
    index = search.open(tmp_path / "index")
    bodies = {"wire": WIRE, "copy": COPY, "other": "Snow fell on the pass all day and all night."}
    for name in order:
        index.add([Article(id=name, body=bodies[name])])
    assert forms(index) == LEARNED
    index.compact()
    assert forms(index) == LEARNED
    assert index.check() == []
    index.delete(["copy"])
    assert forms(index) == []
    index.add([Article(id="copy", body=COPY.replace("Talesman", "Talisman"))])
    assert forms(index) == [LEARNED[0], LEARNED[2]]
    index.compact()
    assert forms(index) == [LEARNED[0], LEARNED[2]]
    assert index.check() == []


def ids(results: search.Results) -> set[str]:
    return {hit.id for hit in results}


def test_words_are_found_in_every_spelling_and_notes_say_so(index: search.Index) -> None:
    queries = {
        "talisman": "Talesman",
        "talesman": "Talisman",
        '"talisman ferry"': "Talesman ferry",
        "organisations": "organization",
        "Sar-i-Dam": "Sar-e-Dam",
        "talisman w/5 quay": "Talesman",
        "caps(talisman)": "Talesman",
    }
    for query, shown in queries.items():
        results = index.search(query, group=False, passages=3)
        assert ids(results) == {"wire", "copy"}, query
        [note] = results.notes
        assert "is also looked for as" in note
        marked = {
            passage.text[a - passage.start : b - passage.start]
            for hit in results
            for passage in hit.passages
            for a, b in passage.highlights
        }
        assert shown in marked, query
        exact = index.search(query, group=False, variants=False)
        assert (len(exact), exact.notes) == (1, ())
        assert index.search(results.reading, group=False).notes == results.notes
    assert ids(index.search("=talisman", group=False)) == {"wire"}
    assert ids(index.search('="talisman ferry"', group=False)) == {"wire"}
    assert index.search("ferry").notes == ()
    assert not index.search("quote:talisman")  # nobody says it
    assert index.why_not("talisman", "copy") == []
    assert index.why_not("talisman", "copy", variants=False)


def test_all_spellings_of_a_word_count_as_one_word(index: search.Index) -> None:
    [one, other] = index.search("talisman", group=False)
    for hit in (one, other):
        assert hit.explain().value == pytest.approx(hit.score)
    wide, typed = one.explain().parts[0].parts
    [alike] = other.explain().parts[0].parts
    assert wide.value == pytest.approx(alike.value, rel=0.05)
    # As rare as both spellings together, not as either.
    assert wide.value < index.search("talisman", variants=False)[0].score
    assert typed.label == "as it was typed"
    assert typed.value == pytest.approx(AS_TYPED * index.search("talisman", variants=False)[0].score)


def test_a_spelling_that_is_looked_for_is_not_suggested(index: search.Index) -> None:
    [suggested] = index.search("Talesman", variants=False).suggestions
    assert suggested.query == "Talisman"
    assert index.search("Talesman").suggestions == ()


def test_clauses_are_counted_in_all_spellings_that_are_looked_for(index: search.Index) -> None:
    first, second = LEARNED[2]
    for word in (first, second):
        (counted, nothing) = index.search(f"{word} AND teleporter").clauses
        assert (counted.clause, counted.articles, nothing.articles) == (f'"{word}"', index.search(word).total, 0)
        assert counted.articles == 2
    typed = index.search(f"{first} AND teleporter", variants=False).clauses[0]
    assert typed.articles == 1


def test_a_spelling_goes_with_the_copy_that_taught_it(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(
        [Article(id="wire", body=WIRE), Article(id="copy", body=RESPELLED), Article(id="rain", body="Rain fell.")]
    )
    assert forms(index)
    index.delete(["copy"])
    assert index.check() == []
    index.compact()
    assert (index.check(), forms(index)) == ([], [])


def test_what_was_typed_comes_first(index: search.Index) -> None:
    for query in ("talisman", "Talisman ferry", '"Talisman ferry"', "talisman^2 ferry", "talisman AND ferry"):
        for letters, first in (("alisman", "wire"), ("alesman", "copy")):
            asked = query.replace("alisman", letters)
            assert index.search(asked, group=False)[0].id == first, asked
            for hit in index.search(asked, group=False):
                assert hit.explain().value == pytest.approx(hit.score), asked
    for query in ("talesman w/9 ferry", "atleast1(talesman)"):  # all spellings are equal there
        [one, other] = index.search(query, group=False)
        assert one.score == pytest.approx(other.score, rel=0.05)


def test_words_that_hold_others_together_are_found_as_they_are(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    body = f"{WIRE} The guild would not say why the ferry was late."
    index.add([Article(id="a", body=body), Article(id="b", body=body.replace("would", "wuold"))])
    assert forms(index) == [("would", "wuold")]
    assert index.search("would").notes == ()
    assert index.search("wuold").notes


def test_copies_teach_the_same_in_whatever_order_and_in_one_batch_or_more(tmp_path: Path) -> None:
    copies = [Article(id=str(n), body=RESPELLED if n == 2 else WIRE) for n in range(6)]
    more = WIRE.replace("wall of the lock", "gate of the sluice")
    copies += [Article(id="more", body=more.replace("organisation", "organization"))]
    found = []
    for number, articles in enumerate(([copies], [[copy] for copy in copies], [[copy] for copy in reversed(copies)])):
        index = search.open(tmp_path / str(number))
        for some in articles:
            index.add(some)
        found.append(forms(index))
        assert len(index.search("talisman", group=False)) == len(copies)
    assert found == [LEARNED] * 3


@pytest.mark.parametrize("newest", ["copy", "other"])
def test_one_pair_of_copies_does_not_make_one_word_of_two_that_other_articles_have(tmp_path: Path, newest: str) -> None:
    index = search.open(tmp_path / "index")
    bodies = {"wire": WIRE.replace("Talisman", "quiver"), "copy": WIRE.replace("Talisman", "quaver")}
    others = [f"Archer {n} has a quiver." if n % 2 else f"Line {n} ends in a quaver." for n in range(10)]
    copies = [Article(id=name, body=body) for name, body in bodies.items()]
    more = [Article(id=f"o{n}", body=body) for n, body in enumerate(others)]
    for articles in (more, copies) if newest == "copy" else (copies, more):
        index.add(articles)
    assert forms(index) == []
    assert ids(index.search("quiver", group=False, limit=99)) == {"wire", "o1", "o3", "o5", "o7", "o9"}
    index.delete(["o5"])
    assert forms(index) == [("quaver", "quiver")]
    assert len(index.search("quiver", group=False, limit=99)) == 11
    index.add([Article(id="o5", body="A quiver is a quiver.")])
    assert forms(index) == []
    late = WIRE.replace("harbours", "havens").replace("Talisman", "quaver")
    index.add([Article(id="late", body=late)])
    assert forms(index) == []
    index.add([Article(id="last", body=WIRE.replace("harbours", "ports").replace("Talisman", "quiver"))])
    assert forms(index) == [("quaver", "quiver")]  # two texts have either


def test_quotations_teach_nothing(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    said = "we shall not recognise the loss of the Talisman ferry before the summer of next year"
    index.add(
        [
            Article(id="a", body=f'{"Snow fell on the high pass again. " * 2}The mayor said: "{said}."'),
            Article(id="b", body=f'Nobody came to the old mill loft. "{said.replace("Talisman", "Talesman")}."'),
        ]
    )
    assert index.variants() == []


def test_the_five_teach_four_spellings(tmp_path: Path, shared_data: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(search.read([shared_data / "seeds"]))
    assert {variant.forms for variant in index.variants()} == {
        ("Taleban", "Taliban"),
        ("Sar-e-Pul", "Sar-i-Pul"),
        ("organisations", "organizations"),
        ("recognise", "recognize"),
    }
    results = index.search("taliban", group=False)
    assert any("003" in hit.id for hit in results)
    assert "taleban" in results.notes[0]
    for query, options in (("taliban", {"variants": False}), ("=taliban", {})):
        assert not any("003" in hit.id for hit in index.search(query, group=False, **options))  # type: ignore[arg-type]  # one keyword


# Copies whose making is known


def _true_spellings(made: list[object]) -> set[frozenset[str]]:
    """Return every two forms of a word that a newsroom printed."""
    printed: dict[str, set[str]] = defaultdict(set)
    for one in made:
        for word in one.words:  # type: ignore[attr-defined]  # of `newsroom.Made`
            form = re.sub(r"\W+\Z|\A\W+", "", fold(word.printed))
            if len(word.keys) == 1:
                printed[word.keys[0]].add(form.removesuffix("'s"))
    return {frozenset(pair) for every in printed.values() for pair in combinations(every, 2)}


def test_what_is_said_is_found_in_every_spelling_and_what_is_only_written_is_not(tmp_path: Path) -> None:
    said = (
        "Fighters took Odell at six in the morning after a long battle, and the army left by the northern road. "
        '"The Taliban are here," Kirby said to everybody who had stayed. Nobody spoke of the Taliban before.'
    )
    written = 'The Taliban went away. "Not much was left," Kirby said.'
    with search.open(tmp_path) as index:
        texts = {"a": said, "b": said.replace("Taliban", "Taleban"), "c": written}
        index.add([search.Article(id=name, body=text) for name, text in texts.items()])
        for query in ("quote:taliban", "quote:taleban", "quote:taliban by:kirby"):
            assert {hit.id for hit in index.search(query, group=False)} == {"a", "b"}
        assert {hit.id for hit in index.search("taleban", group=False)} == {"a", "b", "c"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_spellings_of_generated_copies_are_right(tmp_path: Path, shared_data: Path, seed: int) -> None:
    with lzma.open(shared_data / "corpora" / "reuters21578.jsonl.xz", "rt", encoding="utf-8") as lines:
        made = newsroom([json.loads(line) for line in lines], seed=seed, distractors=1000)
    index = search.open(tmp_path / "index")
    index.add(one.article for one in made)
    true = _true_spellings(list(made))
    stories = index._view.stories
    assert stories
    assert stories.variants
    learned = {frozenset((one[1], other[1])) for one, other in stories.variants.all()}
    assert len(learned) > 300
    wrong = sorted(map(sorted, learned - true))
    assert len(wrong) <= 0.02 * len(learned), wrong


# However articles came, the same spellings are learned as from all at once


@pytest.mark.parametrize("n", [1, 99])
def test_what_was_put_and_dropped_in_one_transaction_does_not_hide_a_spelling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    monkeypatch.setattr(builder, "RUN_ARTICLES", n)  # 1: what is dropped stands in a segment already
    index = search.open(tmp_path / "index")
    index.add([Article(id="wire", body=WIRE)])
    copy = Article(id="copy", body=COPY)
    draft = Article(id="draft", body=RESPELLED.replace("organisation", "organization"))  # as the copy spells
    index.add([draft, copy, Article(id="draft", body="Rain fell.")])
    assert forms(index) == LEARNED
    index.delete(["copy"])
    with index.writer() as writer:
        writer.add(draft)
        writer.add(copy)
        writer.delete("draft")
    assert forms(index) == LEARNED
    assert ids(index.search("talisman", group=False)) == {"wire", "copy"}


def test_a_spelling_goes_with_the_last_article_that_shows_it(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    bodies = {"wire": WIRE, "same": RESPELLED, "copy": COPY}
    index.add([Article(id=name, body=body) for name, body in bodies.items()])
    assert forms(index) == LEARNED
    index.delete(["wire"])
    assert forms(index) == LEARNED[2:]
    index.add([Article(id="same", body=WIRE)])  # put right
    assert forms(index) == LEARNED
    index.add([Article(id="same", body=RESPELLED), Article(id="wire", body=WIRE)])
    index.delete(["wire"])
    for _ in range(2):
        assert forms(index) == LEARNED[2:]
        results = index.search("talisman", group=False)
        assert (ids(results), results.notes) == (set(), ())
        assert index.check() == []
        index.compact()


def test_of_many_articles_of_a_text_the_same_are_compared_however_they_lie(tmp_path: Path) -> None:
    bodies = [RESPELLED if 4 * VERSIONS <= n < 5 * VERSIONS else WIRE for n in range(6 * VERSIONS)]
    articles = [Article(id=f"{n:03}", body=body) for n, body in enumerate(bodies)]
    index, whole = search.open(tmp_path / "index"), search.open(tmp_path / "whole")
    whole.add(articles)
    for at in range(VERSIONS):
        index.add(articles[at::VERSIONS])
    assert (index.check(), forms(index)) == ([], forms(whole))
    few = [each.id for each in articles[5 * VERSIONS - 1 :]]  # one of the others is among the last now
    for each in (index, whole):
        each.delete(few[1:])
        assert (each.check(), forms(each)) == ([], LEARNED[:2])
    index.delete(few[:1])
    index.add(articles[-2 * VERSIONS :])
    assert (index.check(), forms(index)) == ([], [])


WORDS = ["Talisman", "Sar-i-Dam", "organisation", "recognise"], ["Talesman", "Sar-e-Dam", "organization", "recognize"]
PLACES = "harbours prow lock quay spring coast".split()


def respelled(chance: random.Random, n_texts: int) -> str:
    """Return one of some texts that are copies of each other, or a cut of one, in one spelling or another."""
    body = " ".join(WIRE.split()[: 40 if chance.random() < 0.2 else None])
    for place in chance.sample(PLACES[: n_texts - 1], chance.randint(0, min(1, n_texts - 1))):
        body = body.replace(place, f"{place} or two")
    for pair in zip(*WORDS, strict=True):
        body = body.replace(pair[0], pair[chance.random() < 0.2])
    return body.upper() if chance.random() < 0.2 else body


def history(index: search.Index, chance: random.Random, patch: pytest.MonkeyPatch) -> None:
    """Add, replace and delete articles, in one transaction again and again, and merge some."""
    ids = [str(n) for n in range(chance.choice([3, 6, 60]))]
    n_texts, n_dates = chance.choice([1, 2, 6]), chance.choice([1, 4])
    for _ in range(chance.randint(3, 9)):
        patch.setattr(builder, "RUN_ARTICLES", chance.choice([1, 3, 99]))  # of a segment
        with index.writer() as writer:
            writer.compact = chance.random() < 0.2
            for _ in range(chance.choice([1, 2, 3, len(ids)])):
                name = chance.choice(ids)
                if chance.random() < 0.4:
                    with contextlib.suppress(ArticleError):
                        writer.delete(name)
                else:
                    body = respelled(chance, n_texts) if chance.random() < 0.8 else "Snow fell on the pass all night."
                    date = chance.choice(["2021-08-01", "2021-08-02", None, "2021-09-20"][:n_dates])
                    writer.add(Article(id=name, body=body, date=date, title=chance.choice(PLACES)))


def learned(index: search.Index) -> list[object]:
    """Return what an index tells of spellings."""
    assert index.check() == []
    queries = [word for words in WORDS for word in words]
    found = [index.search(query, group=False, limit=99) for query in queries]
    told = [(variant.forms, variant.count) for variant in index.variants()]
    return [sorted(told), [(sorted(ids(results)), results.notes) for results in found], index.stories()]


@pytest.mark.parametrize("seed", range(24))
def test_spellings_are_those_of_the_articles_there_are_however_they_came(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = search.open(tmp_path / "index")
    index.add([Article(id="rain", body="Rain fell.")])
    history(index, random.Random(seed), monkeypatch)
    whole = search.open(tmp_path / "whole")
    whole.add(list(index))
    expected = learned(whole)
    assert learned(index) == expected
    index.compact()
    assert learned(index) == expected
    assert index.stats().parts.get("relations") == whole.stats().parts.get("relations")
