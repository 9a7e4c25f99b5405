"""Which figures run-together cells leave open: a solver of its own, that knows nothing of how reports are read.

Every run of figures between two labels is cut in every way into the cells of its row; the sums of rows and the sums
and balances of columns decide between the cuts. A field is open where two solutions of the whole table differ in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from corpora.synthesis.cuts import Cut, Run, TooMany, cuts
from corpora.synthesis.tables import PrintedCell, PrintedTable

_CUTS, _STATES = 3_000, 40_000
_BALANCE = ("requests.received", "requests.carried_in", "requests.carried_out")
_METHOD = (
    "Every run of figures between two labels was cut in every way into the cells of its row (no leading zeros, every "
    "cell printed, a blank always parts cells, decimals only in amounts, a sign only in 本年增/减); cuts kept where "
    "six applicant columns = total, received + carried_in = concluded + carried_out per column, outcome rows = "
    "concluded per column, four results = total. A field is listed where two solutions of the whole table differ in "
    "it, where the only solution is not what the report says, or where there are more solutions than the search "
    "looks at. Where no solution meets every sum, the sums of its own row are all that is asked of a row."
)
Vector = tuple[int, ...]


def ambiguous_fields(tables: Iterable[PrintedTable]) -> dict[str, object]:
    """The content of ambiguous.json for tables whose cells print what stands after them: nothing, a blank, a tab."""
    return {"ambiguous_fields": [name for table in tables for name in _open(table)], "method": _METHOD}


def _open(table: PrintedTable) -> list[str]:
    """The table's open fields in printed order."""
    rows = {
        place: cells
        for place in range(len(table.rows))
        if (cells := [cell for cell in table.at_row(place) if cell.kind == "figure"])
    }
    if any(_unseen(cells) for cells in rows.values()):
        return [cell.field for cells in rows.values() for cell in cells if cell.field]
    kept = {place: _readings(cells) for place, cells in rows.items()}
    if table.name == "requests":
        kept = _consistent({place: table.rows[place].name for place in rows}, kept) or kept
    return [
        cell.field
        for place, cells in rows.items()
        for column, cell in enumerate(cells)
        if cell.field and {cut[column] for cut in kept[place]} != {cell.value}
    ]


def _unseen(cells: Sequence[PrintedCell]) -> bool:
    """Whether the row has an empty cell that nothing parts from its neighbour: then nobody can count its cells."""
    return any(not cell.text for cell in cells)


def _readings(cells: Sequence[PrintedCell]) -> list[Cut]:
    """The cuts of a row that its own sums allow, all cuts where its sums allow none, nothing where they are many."""
    if all(cell.text[-1:].isspace() for cell in cells[:-1]):
        return [tuple(cell.value for cell in cells)]
    kinds = tuple(_kind(cell.field or "") for cell in cells)
    run = Run("".join(cell.text for cell in cells), kinds, {7: (7,), 15: (5, 5, 5)}.get(len(cells), ()))
    try:
        return cuts(run, _CUTS) or cuts(run, _CUTS, sums=False)
    except TooMany:
        return []


def _kind(field: str) -> str:
    name = field.rpartition(".")[2]
    return {"amount": "amount", "items_change": "change"}.get(name, "count")


def _consistent(names: Mapping[int, str], kept: Mapping[int, list[Cut]]) -> dict[int, list[Cut]] | None:
    """The cuts of table three that some solution of the whole table holds; None where there is no solution, or where
    the search would be too long."""
    of = {names[place]: [_vector(cut) for cut in found] for place, found in kept.items()}
    outcomes = [name for name in of if name not in (*_BALANCE, "requests.concluded", "none")]
    if not all(of.values()) or not {*_BALANCE, "requests.concluded"} <= set(of):
        return None
    balanced = _balanced(of)
    wanted = {whole for *_, whole in balanced} & set(of["requests.concluded"])
    found = _adding_up([of[name] for name in outcomes], wanted)
    if not found:
        return None
    *parts, whole = found
    held = dict(zip(outcomes, parts, strict=True)) | {"requests.concluded": whole}
    for place, name in enumerate(_BALANCE):
        held[name] = {way[place] for way in balanced if way[-1] in whole}
    return {
        place: [cut for cut in found if names[place] == "none" or _vector(cut) in held[names[place]]]
        for place, found in kept.items()
    }


def _vector(cut: Cut) -> Vector:
    return tuple(int(value or 0) for value in cut)


def _balanced(of: Mapping[str, list[Vector]]) -> list[tuple[Vector, Vector, Vector, Vector]]:
    """Every choice of received, carried in and carried out, with the concluded that they make."""
    if any(len(of[name]) > 100 for name in _BALANCE):
        return []
    ways = product(*(of[name] for name in _BALANCE))
    return [(new, old, out, tuple(a + b - c for a, b, c in zip(new, old, out, strict=True))) for new, old, out in ways]


def _adding_up(rows: Sequence[Sequence[Vector]], wanted: set[Vector]) -> list[set[Vector]]:
    """For each row the vectors that take part in a sum that is wanted, and last the sums so reached; nothing where
    there are none, or too many sums on the way to them."""
    if not wanted:
        return []
    most = tuple(map(max, zip(*wanted, strict=True)))
    sums = [{(0,) * len(most)}]
    for row in rows:
        new = {_plus(sum_, vector) for sum_ in sums[-1] for vector in set(row)} if len(sums[-1]) <= _STATES else set()
        sums.append({sum_ for sum_ in new if all(a <= b for a, b in zip(sum_, most, strict=True))})
    reached = sums[-1] & wanted
    parts, after = [reached], reached
    for row, before in zip(reversed(rows), reversed(sums[:-1]), strict=True):
        ways = [(sum_, vector) for sum_ in before for vector in set(row) if _plus(sum_, vector) in after]
        parts.append({vector for _, vector in ways})
        after = {sum_ for sum_, _ in ways}
    return list(reversed(parts)) if reached else []


def _plus(one: Vector, other: Vector) -> Vector:
    return tuple(a + b for a, b in zip(one, other, strict=True))
