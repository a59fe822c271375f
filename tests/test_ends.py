"""Where items end: all ways of asking say the same, however large items are."""

import tempfile
from itertools import accumulate

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.engine.ends import Ends
from search.engine.sections import Sections, writing
from search.engine.storage import Folder

sizes_of = st.lists(st.integers(0, 3) | st.integers(0, 400) | st.sampled_from([1023, 1024, 65535, 65536, 1 << 33]))


@given(sizes_of | st.integers(0, 300).map(lambda n: [n % 7] * n), st.integers(0, 140))
def test_ends_are_read_as_they_were_written(sizes: list[int], n_more: int) -> None:
    sizes = sizes + [1] * n_more
    expected = list(accumulate(sizes))
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(place)
        with writing(folder, "1.ends") as writer:
            Ends.write(writer, "ends", np.array(sizes, np.int64))
            size = writer.finish({})
        file = Sections(folder, "1.ends", size)
        ends = Ends(file, "ends", len(sizes))
        assert len(ends) == len(sizes)
        assert ends.all().tolist() == expected
        assert [ends[number] for number in range(len(sizes))] == expected
        bounds = [(end - n, end) for end, n in zip(expected, sizes, strict=True)]
        assert [ends.bounds(number) for number in range(len(sizes))] == bounds
        for number, (end, n) in enumerate(zip(expected, sizes, strict=True)):
            if n:
                assert ends.find(end - n) == ends.find(end - 1) == number
