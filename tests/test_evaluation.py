"""Evaluation: files in, measures out, and whether a difference is one."""

import json
import random
from math import log2
from pathlib import Path
from statistics import NormalDist, fmean, stdev

import pytest
from command import Inside, fails
from hypothesis import given
from hypothesis import strategies as st

import search
from search import evaluation
from search.errors import QueryError, SearchError
from search.evaluation import Judged, Ranked

DAM = "The dam broke at night. Nobody slept in Odell. Engineers had warned of it in spring."
RAIN = "Rain fell for two days. The dam held. Engineers had\nwarned of it in spring."
FAIR = "The fair opens on Friday. There will be rain."
WARNING = "Engineers had warned of it in spring."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an index of three articles, `index`."""
    folder = tmp_path_factory.mktemp("evaluated")
    with search.open(folder / "index") as index:
        index.add(
            [
                search.Article(id="dam", title="Dam breaks", body=DAM),
                search.Article(id="two words", title="Rain", body=RAIN),
                search.Article(id="fair", title="Dam", body=FAIR),
                search.Article(
                    id="seeds/lake.txt", path="seeds/lake.txt", body="A lake dried up.\n\nREAD MORE: Why lakes dry up"
                ),
                search.Article(id="seeds/pond.txt", path="seeds/pond.txt", body="A pond froze over."),
            ]
        )
    (folder / "queries.tsv").write_text("1\tdam rain\n2\twho warned\n9\tnot judged\n")
    (folder / "qrels.txt").write_text("1 0 dam 1\n1 0 two words 2\n1 0 fair 0\n2 0 dam 1\n7 0 dam 1\n")
    (folder / "expected.json").write_text(json.dumps({"dam rain": ["dam"], "who warned": WARNING}))
    return folder


@pytest.fixture
def index(folder: Path) -> search.Index:
    return search.open(folder / "index")


def ranked(*articles: str) -> list[Ranked]:
    return [Ranked(article, 1.0) for article in articles]  # equal scores: the order given must stand


def test_measures_are_those_of_the_definitions() -> None:
    judged = Judged({"1": "", "2": ""}, {"1": {"a": 1, "z": 2, "never": 1, "b": 0}, "2": {"a": 1}}, {})
    values = evaluation.measure({"1": ranked("b", "a", "z"), "unjudged": ranked("a")}, judged)
    gained = 1 / log2(3) + 2 / log2(4)
    assert values["nDCG@10"]["1"] == pytest.approx(gained / (2 + 1 / log2(3) + 1 / log2(4)))
    assert values["AP"]["1"] == pytest.approx((1 / 2 + 2 / 3) / 3)
    assert values["RR"]["1"] == pytest.approx(1 / 2)
    assert values["R@100"]["1"] == pytest.approx(2 / 3)
    assert [values[name]["2"] for name in evaluation.MEASURES] == [0, 0, 0, 0]
    assert all(each.keys() == {"1", "2"} for each in values.values())


def test_the_order_of_equal_scores_stands() -> None:
    judged = Judged({"1": ""}, {"1": {"b": 1}}, {})
    for before, after, expected in (("a", "c", 0.5), ("c", "a", 0.5)):
        assert evaluation.measure({"1": ranked(before, "b", after)}, judged)["RR"]["1"] == expected


def test_a_passage_answers_that_covers_half_of_an_answer() -> None:
    assert evaluation.covers((10, 20), [(0, 5), (15, 25)])
    assert not evaluation.covers((10, 20), [(16, 25)])
    assert evaluation.covers((10, 20), [(12, 13)])
    assert not evaluation.covers((10, 20), [])


def test_passages_are_judged_by_the_first_of_the_first_hit() -> None:
    answers = {"1": {"a": [(0, 10)]}, "2": {"a": [(0, 10)]}, "3": {"b": [(0, 10)]}, "4": {"a": [(0, 10)]}}
    judged = Judged(dict.fromkeys("12345", ""), {query: {"a": 1} for query in "12345"}, answers)
    run = {
        "1": [Ranked("a", 1, passage=(0, 20))],
        "2": [Ranked("b", 2, passage=(0, 20)), Ranked("a", 1, passage=(0, 20))],
        "3": [Ranked("b", 2, passage=(30, 40))],
        "5": [Ranked("a", 1, passage=(0, 20))],
    }
    assert evaluation.measure(run, judged)[evaluation.PASSAGES] == {"1": 1, "2": 0, "3": 0, "4": 0}
    unseen = {query: [each._replace(passage=None) for each in hits] for query, hits in run.items()}
    assert evaluation.PASSAGES not in evaluation.measure(unseen, judged)


def test_an_index_is_searched(index: search.Index) -> None:
    counted: list[tuple[int, int]] = []
    run = evaluation.search(index, {"1": "slept", "2": "wombat"}, lambda *n: counted.append(n))
    (hit,) = run["1"]
    assert (hit.article, hit.title, run["2"], counted) == ("dam", "Dam breaks", [], [(1, 2), (2, 2)])
    assert hit.passage is not None
    assert "slept" in DAM[slice(*hit.passage)]


def test_what_is_expected_is_found(folder: Path, index: search.Index) -> None:
    judged = evaluation.read_expected(str(folder / "expected.json"), index)
    assert judged.texts == {"1": "dam rain", "2": "who warned"}
    assert judged.grades == {"1": {"dam": 1}, "2": {"dam": 1, "two words": 1}}
    assert judged.answers.keys() == {"2"}
    said = {
        article: [text[slice(*span)] for span in judged.answers["2"][article]]
        for article, text in (("dam", DAM), ("two words", RAIN))
    }
    assert said == {"dam": [WARNING], "two words": [WARNING.replace("had ", "had\n")]}


@pytest.mark.parametrize("path", ["seeds/lake.txt", "./seeds/lake.txt", "seeds/../seeds/lake.txt", "/lake.txt"])
def test_an_article_is_expected_by_its_path(index: search.Index, tmp_path: Path, path: str) -> None:
    (tmp_path / "e.json").write_text(json.dumps({"where is the lake?": path}))
    judged = evaluation.read_expected(str(tmp_path / "e.json"), index)
    assert (judged.grades, judged.answers, judged.notes) == ({"1": {"seeds/lake.txt": 1}}, {}, ())


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("Rain fell for two days.", ()),
        ("rain", ("'rain' is said by 1 articles (fair)",)),
        ("Why lakes dry up", ("'Why lakes dry up' is no sentence of a body",)),
        ("The tram stopped.", ("is said by 6 articles (t0, t1, t2, t3, t4, …)",)),
    ],
)
def test_an_expectation_that_may_not_be_meant_is_told_of(
    folder: Path, inside: Inside, tmp_path: Path, what: str, says: tuple[str, ...]
) -> None:
    with search.open(tmp_path / "index") as index:
        index.add(list(search.open(folder / "index")))
        index.add([search.Article(id=f"t{n}", body="The tram stopped.") for n in range(6)])
    (tmp_path / "e.json").write_text(json.dumps({"what is it?": what}))
    ran = inside("eval", "e.json", cwd=tmp_path)
    assert ran.err.count("\n") == len(says)
    for said in says:
        assert f"search: query 'what is it?': {said}" in ran.err or said in ran.err


def test_yaml_says_the_same(folder: Path, index: search.Index, tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text(f"dam rain: [dam]\nwho warned: {WARNING}\n")
    expected = evaluation.read_expected(str(folder / "expected.json"), index)
    assert evaluation.read_expected(str(tmp_path / "e.yaml"), index) == expected


def test_queries_without_judgments_are_left_out(folder: Path) -> None:
    judged = evaluation.read_judged(str(folder / "queries.tsv"), str(folder / "qrels.txt"))
    assert judged.texts == {"1": "dam rain", "2": "who warned"}
    assert judged.grades == {"1": {"dam": 1, "two words": 2, "fair": 0}, "2": {"dam": 1}}


def test_relevant_articles_that_are_not_there_are_told(index: search.Index) -> None:
    judged = Judged({}, {"1": {"dam": 1, "gone": 1, "irrelevant": 0}, "2": {"gone": 2}}, {})
    assert evaluation.unknown(judged, index) == ["gone"]
    with pytest.raises(QueryError, match=r"no relevant article.*'gone'.*find --ids"):
        evaluation.unknown(Judged({}, {"1": {"gone": 1}}, {}), index)


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=6)
articles = st.lists(names, min_size=1, max_size=3).map(" ".join)
runs = st.dictionaries(
    names,
    st.lists(
        st.tuples(articles, st.floats(-1e9, 1e9)).map(lambda pair: Ranked(*pair)),
        unique_by=lambda each: each.article,
        min_size=1,
        max_size=5,
    ).map(lambda hits: sorted(hits, key=lambda each: -each.score)),
    min_size=1,
    max_size=4,
)


@given(runs)
def test_a_run_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, run: evaluation.Run) -> None:
    path = str(tmp_path_factory.getbasetemp() / "run.txt")
    evaluation.write_run(path, run)
    assert evaluation.read_run(path) == run


def test_a_run_of_another_program_is_read_by_score_then_rank(tmp_path: Path) -> None:
    (tmp_path / "run").write_bytes(b"1 Q0 c 3 1.5 x\r\n1 Q0 b 2 1.5 x\r\n\r\n1\tQ0\ta\t4\t2e1\tx\r\n")
    assert [hit.article for hit in evaluation.read_run(str(tmp_path / "run"))["1"]] == ["a", "b", "c"]


@pytest.mark.parametrize("article", ["a\nb", "a\tb", " a", ""])
def test_what_would_break_the_lines_of_a_run_is_refused(tmp_path: Path, article: str) -> None:
    with pytest.raises(QueryError, match="without blanks"):
        evaluation.write_run(str(tmp_path / "run"), {"1": [Ranked(article, 1.0)]})
    assert not (tmp_path / "run").exists()


def test_a_difference_is_as_sure_as_the_normal_distribution_says() -> None:
    chance = random.Random(1)
    for shift in (0.0, 0.03, 0.1):
        values = {str(n): chance.gauss(shift, 0.2) for n in range(100)}
        found = evaluation.compare(values, dict.fromkeys(values, 0.0))
        mean, error = fmean(values.values()), stdev(values.values()) / 10
        assert found.mean == pytest.approx(mean)
        assert found.p == pytest.approx(2 * NormalDist().cdf(-abs(mean) / error), abs=0.02)
        assert found.low == pytest.approx(mean - 1.96 * error, abs=0.006)
        assert found.high == pytest.approx(mean + 1.96 * error, abs=0.006)
        assert found.better + found.worse == 100


def test_no_difference_is_none() -> None:
    assert evaluation.compare({"1": 0.5, "2": 0.1}, {"1": 0.5, "2": 0.1}) == (0, 0, 0, 1, 0, 0)
    with pytest.raises(ValueError, match="different queries"):
        evaluation.compare({"1": 0.5}, {"2": 0.5})


def test_an_index_under_other_settings_is_for_reading(folder: Path, index: search.Index) -> None:
    before = (folder / "index" / "commit.json").read_bytes()
    tried = index.under(weight_title=0.0)
    assert (tried.settings()["weight_title"], index.settings()["weight_title"]) == (0.0, 2.0)
    tried.refresh()
    assert tried.settings()["weight_title"] == 0.0
    assert tried.search("dam")[0].score < index.search("dam")[0].score
    with pytest.raises(QueryError, match="open it again"):
        tried.delete(["dam"])
    with pytest.raises(QueryError, match="open it again"):
        tried.set(k1=1.0)
    assert (folder / "index" / "commit.json").read_bytes() == before
    with pytest.raises(QueryError, match="k9"):
        index.under(k9=1.0)


BAD = [
    ("eval gone.tsv qrels.txt", {}, "gone.tsv: no such file", "check the path"),
    ("eval q.tsv gone.txt", {"q.tsv": "1\tx"}, "gone.txt: no such file", "check the path"),
    ("eval . qrels.txt", {}, "is a directory"),
    ("eval q.tsv qrels.txt", {"q.tsv": " \n\n"}, "q.tsv: is empty", "check"),
    ("eval q.tsv qrels.txt", {"q.tsv": "1\tdam\n2 rain\n"}, "q.tsv#2: is no query", "tab"),
    ("eval q.tsv qrels.txt", {"q.tsv": "1\tdam\n\n1\train\n"}, "q.tsv#3: is a second query 1", "give"),
    ("eval q.tsv qrels.txt", {"q.tsv": b"1\tcaf\xe9\n"}, "q.tsv: is not UTF-8", "convert"),
    ("eval q.tsv qrels.txt", {"q.tsv": "other\tdam\n"}, "qrels.txt: judges none of the queries in q.tsv", "give"),
    ("eval queries.tsv j", {"j": "1 0 dam 1\n1 dam 1\n"}, "j#2: is no judgment", "QUERY 0 ARTICLE GRADE"),
    ("eval queries.tsv j", {"j": "1 0 dam 0.5\n"}, "j#1: is no judgment", "whole number"),
    ("eval queries.tsv j", {"j": f"1 0 dam {10**9}\n"}, "j#1: is no judgment", "1,000,000"),
    ("eval queries.tsv j", {"j": f"1 0 dam -{10**20}\n"}, "j#1: is no judgment", "1,000,000"),
    ("eval queries.tsv j", {"j": "1 0 dam 1\n1 0 dam 0\n"}, "j#2: judges dam again", "keep one"),
    ("eval queries.tsv j", {"j": "1 0 unknown 1\n"}, "no relevant article", "'unknown'", "--ids"),
    ("eval queries.tsv qrels.txt --answers a", {"a": "1\tdam\t5\n"}, "a#1: is no answer", "tabs"),
    ("eval queries.tsv qrels.txt --answers a", {"a": "1\tdam\t5\t5\n"}, "a#1: goes from 5 to 5", "at least"),
    ("eval queries.tsv qrels.txt --run r", {"r": "1 Q0 dam 1 1.0\n"}, "r#1: is no line of a run", "Q0"),
    ("eval queries.tsv qrels.txt --run r", {"r": "1 Q0 a 1 2 x\n1 Q0 a 2 1 x"}, "r#2: ranks a a second time", "keep"),
    ("eval queries.tsv qrels.txt --run r", {"r": "1 Q0 a 1 nan x\n"}, "r#1: is no line of a run", "SCORE"),
    ("eval expected.json --answers gone", {}, "--answers goes with QRELS", "QUERIES"),
    ("eval queries.tsv qrels.txt --run r --set k1=2", {"r": "1 Q0 dam 1 1 x"}, "--run judges", "give one"),
    ("eval queries.tsv qrels.txt --set k9=1", {}, "k9", "use one of"),
    ("eval queries.tsv qrels.txt --against k1=x", {}, "k1=x", "k1=1.2"),
    ("eval queries.tsv qrels.txt --against k1=1 --against r", {"r": "x"}, "'r'", "k1=1.2"),
    ("eval queries.tsv qrels.txt --write no/run", {}, "no/run: No such file", "elsewhere"),
    ("eval queries.tsv qrels.txt --worst=-1", {}, "--worst", "--help"),
    ("eval queries.tsv qrels.txt --index none", {}, "none: no index here", "search index"),
    ("eval queries.tsv", {}, "queries.tsv: cannot be read", "QRELS"),
    ("eval e.json", {"e.json": "[1]"}, "e.json: has no queries", "write"),
    ("eval e.json", {"e.json": '{"a": []}'}, "e.json: query 'a' expects []", "give"),
    ("eval e.json", {"e.json": '{"a": ["dam", 5]}'}, "e.json: query 'a' expects", "give"),
    ("eval e.json", {"e.json": '{"a": "Dam broke. Night"}'}, "'Dam broke. Night' is no sentence", "WORDS --ids"),
    ("eval e.json", {"e.json": '{"a": ".txt"}'}, "'.txt' is no sentence", "2 articles have a path", "name one"),
    ("eval e.json", {"e.json": '{"a": "dam", "b": "dam", "a ": "fair"}'}, "e.json: asks 'a' twice", "list"),
    ("eval e.yaml", {"e.yaml": "a: dam\nb: dam\na: fair"}, "e.yaml: asks 'a' twice", "list"),
    ("eval queries.tsv qrels.txt --run r", {"r": "8 Q0 dam 1 1 x"}, "r: has other queries, such as '8'", "'1'", "give"),
    ("eval queries.tsv qrels.txt --against r", {"r": "8 Q0 dam 1 1 x"}, "r: has other queries", "give"),
    ("eval e.json", {"e.json": "[" * 100_000}, "e.json: cannot be read", "write"),
    ("eval e.yaml", {"e.yaml": "a: [b\nc"}, "e.yaml: cannot be read", "write"),
    ("eval e.yaml", {"e.yaml": "!!python/object/apply:os.getcwd []"}, "e.yaml: has no queries", "write"),
    ("eval e.yaml", {"e.yaml": "? [a]\n: b"}, "e.yaml: cannot be read", "write"),
]


def test_a_small_file_that_says_a_lot_is_refused_in_few_words(index: search.Index, tmp_path: Path) -> None:
    lines = ["x:", "  - &a0 [zz, zz, zz, zz, zz, zz, zz, zz, zz, zz]"]
    lines += [f"  - &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 40)]
    (tmp_path / "e.yaml").write_text("\n".join(lines))
    (tmp_path / "e.json").write_text(json.dumps({"dam " * 9_000: ["wombat " * 9_000]}))
    for name, why in (("e.yaml", "as texts"), ("e.json", "is neither")):
        with pytest.raises(search.ReadError, match=why) as raised:
            evaluation.read_expected(str(tmp_path / name), index)
        assert len(str(raised.value)) < 1_000


@pytest.mark.parametrize(("command", "files", "says"), [(c, f, s) for c, f, *s in BAD])
def test_bad_input_is_one_line(
    folder: Path,
    tmp_path: Path,
    inside: Inside,
    command: str,
    files: dict[str, str | bytes],
    says: list[str],
) -> None:
    (tmp_path / "index").symlink_to(folder / "index")
    for name in ("queries.tsv", "qrels.txt"):
        (tmp_path / name).symlink_to(folder / name)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    fails(inside(*command.split(), cwd=tmp_path), *says)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, index: search.Index, tmp_path: Path) -> None:
    for name in ("ir_measures", "yaml"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    (tmp_path / "e.yaml").write_text("a: b")
    with pytest.raises(SearchError, match=r"ir_measures is not installed.*search\[eval\]"):
        evaluation.measure({}, Judged({"1": ""}, {"1": {"a": 1}}, {}))
    with pytest.raises(SearchError, match=r"PyYAML is not installed.*search\[eval\]"):
        evaluation.read_expected(str(tmp_path / "e.yaml"), index)


def test_the_command_prints_means_and_the_worst(folder: Path, inside: Inside) -> None:
    ran = inside("eval", "queries.tsv", "qrels.txt", "--worst", "1", "--write", "run.txt", cwd=folder)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("2 queries\nnDCG@10  ")
    assert ran.out.count("relevant") == 1
    same = inside("eval", "queries.tsv", "qrels.txt", "--run", "run.txt", "--against", "run.txt", cwd=folder)
    assert same.out.splitlines()[2].split()[1:4] == [ran.out.split()[3]] * 2 + ["+0.0000"]


def test_the_command_as_json(folder: Path, inside: Inside) -> None:
    ran = inside("eval", "expected.json", "--against", "weight_title=0", "--json", cwd=folder)
    assert (ran.status, ran.err) == (0, "")
    assert ran.json.keys() == {"measures", "queries", "worst", "against", "differences"}
    values = [each["values"][evaluation.MEASURES[0]] for each in ran.json["queries"]]
    lowest = sorted((value, query) for query, value in zip("12", values, strict=True) if value < 1)
    assert [each["id"] for each in ran.json["worst"]] == [query for _, query in lowest]
    for each in ran.json["worst"]:
        for article in each["why"]:
            assert article["value"] == pytest.approx(sum(part["value"] for part in article["parts"]))
    assert ran.json["measures"].keys() == {*evaluation.MEASURES, evaluation.PASSAGES}
    first, second = ran.json["queries"]
    assert (first["id"], first["query"]) == ("1", "dam rain")
    assert (evaluation.PASSAGES in first["values"], second["values"][evaluation.PASSAGES]) == (False, 1)
    for name, difference in ran.json["differences"].items():
        assert difference["mean"] == pytest.approx(ran.json["measures"][name] - ran.json["against"][name])


def test_nothing_found_is_1(folder: Path, inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "q").write_text("1\twombat\n")
    assert inside("eval", str(tmp_path / "q"), "qrels.txt", cwd=folder).status == 1


def test_missing_articles_are_said(folder: Path, inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "j").write_text("1 0 dam 1\n1 0 gone 1\n")
    ran = inside("eval", "queries.tsv", str(tmp_path / "j"), cwd=folder)
    assert (ran.status, ran.err) == (0, "search: 1 relevant articles are not in the index, such as gone\n")


def test_queries_that_a_run_leaves_out_are_said(folder: Path, inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "r").write_text("2 Q0 dam 1 1 x\n")
    ran = inside("eval", "queries.tsv", "qrels.txt", "--run", str(tmp_path / "r"), cwd=folder)
    assert (ran.status, ran.err) == (
        0,
        f"search: {tmp_path / 'r'} has nothing for 1 of 2 queries, such as 1, which count as 0\n",
    )


def test_a_measure_of_some_queries_says_of_how_many(folder: Path, inside: Inside) -> None:
    means = {line.split("  ")[0]: line for line in inside("eval", "expected.json", cwd=folder).out.splitlines()}
    assert means[evaluation.PASSAGES].endswith("  1.0000   (1 queries)")
    assert "queries" not in means["RR"]


@pytest.mark.slow
def test_scifact_is_as_good_as_published(shared_data: Path, tmp_path: Path) -> None:
    """BM25 over title and body is published with .679; the files are read as they are."""
    collection = shared_data / "collections" / "scifact"
    with search.open(tmp_path / "index") as index:
        index.add(search.read([str(collection / "docs.jsonl.xz")]))
        judged = evaluation.read_judged(str(collection / "queries.tsv"), str(collection / "qrels.txt"))
        assert len(judged.texts) == 300
        values = evaluation.measure(evaluation.search(index, judged.texts), judged)
    assert fmean(values["nDCG@10"].values()) > 0.679


@pytest.mark.slow
def test_the_ranking_is_better_than_plain_bm25(shared_data: Path, tmp_path: Path) -> None:
    """On the collections that are quick to search; `bench/quality.md` has all."""
    ratios = []
    for name, plain in (("time", 0.6733), ("cranfield", 0.5174), ("cisi", 0.3857)):  # the better stems on each
        collection = shared_data / "collections" / name
        with search.open(tmp_path / name) as index:
            index.add(search.read([str(collection / "docs.jsonl.xz")]))
            judged = evaluation.read_judged(str(collection / "queries.tsv"), str(collection / "qrels.txt"))
            values = evaluation.measure(evaluation.search(index, judged.texts), judged)
        ratios.append(fmean(values["nDCG@10"].values()) / plain)
    assert min(ratios) >= 1.03
    assert fmean(ratios) >= 1.06


def ndcg(index: search.Index, judged: Judged, **options: str) -> float:
    run = {
        query: [Ranked(hit.id, hit.score) for hit in index.search(text, limit=10, **options)]  # type: ignore[arg-type]  # one option
        for query, text in judged.texts.items()
    }
    return fmean(evaluation.measure(run, judged)["nDCG@10"].values())


def test_nearness_pays_and_a_long_half_life_costs_nothing(shared_data: Path, tmp_path: Path) -> None:
    collection = shared_data / "collections" / "time"
    with search.open(tmp_path / "index") as index:
        index.add(search.read([str(collection / "docs.jsonl.xz")]))
        judged = evaluation.read_judged(str(collection / "queries.tsv"), str(collection / "qrels.txt"))
        plain = ndcg(index, judged)
        assert plain > 0.69
        with index.under(nearness=0) as without:
            assert ndcg(without, judged) < plain - 0.01
        assert abs(ndcg(index, judged, recency="3650d", now="1964-01-01") - plain) < 0.005


@pytest.mark.slow
def test_the_sentence_shown_is_the_one_that_answers(shared_data: Path, tmp_path: Path) -> None:
    collection = shared_data / "collections" / "wikiqa"
    files = [str(collection / name) for name in ("queries.tsv", "qrels.txt", "passages.tsv")]
    right, lengths = 0, []
    with search.open(tmp_path / "index") as index:
        index.add(search.read([str(collection / "docs.jsonl.xz")]))
        judged = evaluation.read_judged(*files)
        for query, text in judged.texts.items():
            answers = judged.answers[query]
            found = (hit for limit in (3, 100) for hit in index.search(text, limit=limit))  # mostly, a few are enough
            hit = next((hit for hit in found if hit.id in answers), None)
            if hit and hit.passages:
                passage = hit.passages[0]
                right += evaluation.covers((passage.start, passage.end), answers[hit.id])
                lengths.append(len(passage.text))
    assert right / len(judged.texts) >= 0.62
    assert fmean(lengths) <= 250
