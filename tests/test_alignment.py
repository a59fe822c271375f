"""Which sentences of two articles are versions of each other, and which words differ."""

from hypothesis import given
from hypothesis import strategies as st

from search.stories.alignment import align, differences

SENTENCES = st.lists(st.lists(st.integers(0, 6), max_size=9), max_size=9)


def keys(*sentences: str) -> list[list[int]]:
    """Return sentences of letters, each a word."""
    return [[ord(letter) for letter in sentence] for sentence in sentences]


def told(a: list[list[int]], b: list[list[int]]) -> list[tuple[int, int, bool]]:
    return [(pair.a, pair.b, pair.moved) for pair in align(a, b)]


def test_equal_articles_are_aligned_sentence_by_sentence() -> None:
    article = keys("abcdef", "ghij", "klmnopq", "abcdef", "r")
    assert told(article, article) == [(n, n, False) for n in range(5)]
    assert {pair.likeness for pair in align(article, article)} == {1.0}


def test_a_changed_sentence_is_found_and_one_of_ones_own_is_not() -> None:
    assert told(keys("abcdefgh", "ijklmn"), keys("opqrst", "abcxefgh")) == [(0, 1, False)]


def test_of_two_versions_the_more_similar_one_is_taken() -> None:
    assert told(keys("abcdefgh"), keys("abcdwxyz", "abcdefgz")) == [(0, 1, False)]


def test_what_changes_places_with_more_words_is_moved() -> None:
    assert told(keys("abcd", "efghijkl"), keys("efghijkl", "abcd")) == [(0, 1, True), (1, 0, False)]
    assert told(keys("abcd", "efghijkl", "mnopq"), keys("efghijkl", "abcd", "mnopq")) == [
        (0, 1, True),
        (1, 0, False),
        (2, 2, False),
    ]


def test_a_sentence_that_was_split_in_two_is_aligned_as_one() -> None:
    for one, two in ((keys("abcdefghij"), keys("abcdef", "ghij")), (keys("abcdef", "ghij"), keys("abcdefghij"))):
        [pair] = align(one, two)
        assert (pair.a_end - pair.a, pair.b_end - pair.b) == (len(one), len(two))
        assert pair.likeness == 1.0


def test_what_lies_within_a_sentence_that_is_taken_is_no_ones_own() -> None:
    assert told(keys("abcdefghijklmn"), keys("abcdef", "abcdefghijklmn")) == [(0, 0, False), (0, 1, False)]


@given(st.lists(st.integers(0, 3), max_size=12), st.lists(st.integers(0, 3), max_size=12))
def test_changes_make_one_of_the_other(a: list[int], b: list[int]) -> None:
    changes, same = differences(a, b)
    made, at = list[int](), 0
    for i, i_end, j, j_end in changes:
        made += [*a[at:i], *b[j:j_end]]
        at = i_end
    assert made + a[at:] == b
    assert all(a[i] == b[j] for i, j in same)
    assert len(same) + sum(i_end - i for i, i_end, _, _ in changes) == len(a)


@given(SENTENCES, SENTENCES)
def test_any_articles_are_aligned_and_nothing_is_in_two_pairs_that_differs(
    a: list[list[int]], b: list[list[int]]
) -> None:
    pairs = align(a, b)
    assert pairs == sorted(pairs)
    for pair in pairs:
        assert 0 <= pair.a < pair.a_end <= len(a)
        assert 0 <= pair.b < pair.b_end <= len(b)
        assert 0 < pair.likeness <= 1
    in_place = [(pair.b, pair.b_end) for pair in pairs if not pair.moved]
    for side in ([(pair.a, pair.a_end) for pair in pairs], [(pair.b, pair.b_end) for pair in pairs]):
        # What is in several pairs is one sentence, each time.
        assert all(
            x == y or x[1] <= y[0] or y[1] <= x[0] or (x[1] - x[0] == 1 or y[1] - y[0] == 1) for x in side for y in side
        )
    assert len(in_place) >= min(1, len(pairs))


@given(SENTENCES)
def test_no_sentence_with_words_is_lost_between_equal_articles(a: list[list[int]]) -> None:
    found = {number for pair in align(a, a) for number in range(pair.a, pair.a_end)}
    assert found == {number for number, sentence in enumerate(a) if sentence}
