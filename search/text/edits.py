"""How far one word is from another, in letters."""


def within(a: str, b: str, most: int) -> bool:
    """Return whether two words are within an edit distance; a swap of neighbours counts once.

    Source: Damerau 1964, restricted to swaps that nothing else touches (optimal string alignment).
    """
    if abs(len(a) - len(b)) > most:
        return False
    # What they share at both ends takes no edit.
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    if most == 1:
        return len(a) < 2 > len(b) or (len(a) == len(b) == 2 and a == b[::-1])
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if last and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most and (not before or min(before) > most):
            return False
    return row[-1] <= most
