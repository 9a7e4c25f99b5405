"""Every wrong field with what the record says of it and what stands in the source at its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.cell_pictures import CellPicture, picture_cells
from evaluation.report_parts import Entry, Part, Section, counted, number, share
from pipeline.forms import load_forms

_KINDS = {
    "silent": "silent: accepted and wrong",
    "extra": "extra: accepted, and the document has no such cell",
    "flagged": "flagged: not right and not accepted",
}
_GRAVEST = ("silent", "extra", "flagged")


def wrong_fields(evaluation: Entry, pictures: int) -> Section:
    """Cards with pictures for at most `pictures` wrong fields (silent ones first, then the layouts in turn), and a
    table of those without."""
    wrong = sorted(evaluation["wrong"], key=_order)
    if not wrong:
        return Section("wrong", "Wrong fields", (Part(text="None: every field is right."),))
    placed = [place for place, one in enumerate(wrong) if _has_place(one)]
    chosen = _choose(wrong, placed, pictures)
    forms = {one["id"]: one["form"] for one in evaluation["documents"]}
    shown = picture_cells([(wrong[place]["source"], wrong[place]["location"]) for place in chosen])
    cards = [_card(wrong[place], picture, forms) for place, picture in zip(chosen, shown, strict=True)]
    parts = [
        Part(text=_how_many(wrong)),
        Part(text=_how_many_pictures(len(wrong), len(placed), len(chosen)), cards=cards),
    ]
    rest = sorted(set(range(len(wrong))) - set(chosen))
    if rest:
        parts.append(_table([wrong[place] for place in rest]))
    return Section("wrong", "Wrong fields", parts)


def _order(one: Entry) -> tuple[int, str, str]:
    """The gravest first, then by layout and document; fields of a document stay in the order of the form."""
    return _rank(one), str(one["layout"]), str(one["document"])


def _rank(one: Entry) -> int:
    kind = one.get("kind") or ("silent" if one["accepted"] else "flagged")
    return _GRAVEST.index(kind) if kind in _GRAVEST else len(_GRAVEST)


def _has_place(one: Entry) -> bool:
    location = one.get("location")
    return isinstance(location, Mapping) and bool(location.get("box") or location.get("span"))


def _choose(wrong: Sequence[Entry], placed: Sequence[int], most: int) -> list[int]:
    """At most `most` of the placed ones, in their order: all accepted ones first, then of each layout the first, the
    second and so on, so that a layout with thousands does not hide the others."""
    turns: defaultdict[tuple[int, str], int] = defaultdict(int)
    ranked = []
    for place in placed:
        group = _rank(wrong[place]), str(wrong[place]["layout"])
        ranked.append((bool(not wrong[place]["accepted"]), turns[group], place))
        turns[group] += 1
    return sorted(place for _, _, place in sorted(ranked)[:most])


def _how_many(wrong: Sequence[Entry]) -> str:
    counts = {kind: sum(_rank(one) == rank for one in wrong) for rank, kind in enumerate(_GRAVEST)}
    silent, extra, flagged = (counts[kind] for kind in _GRAVEST)
    return (
        f"{counted(len(wrong), 'field')}: {silent:,} silent (accepted and wrong), {extra:,} extra (accepted figures "
        f"that the document does not have), {flagged:,} flagged (not right, and left for somebody to look at)."
    )


def _how_many_pictures(wrong: int, placed: int, shown: int) -> str:
    text = f"What stands in the source is shown for {shown:,} of them, with the place framed or marked."
    if placed > shown:
        text += f" {placed - shown:,} more are left out of the pictures to keep this file small, and listed below."
    if wrong > placed:
        text += f" Of {wrong - placed:,} the record names no place in the source; they are listed below."
    return text


def _card(one: Entry, picture: CellPicture, forms: Mapping[str, str]) -> dict[str, Any]:
    kind = _GRAVEST[_rank(one)] if _rank(one) < len(_GRAVEST) else str(one.get("kind"))
    location = one["location"] or {}
    return {
        "field": one["field"],
        "label": _label(forms.get(one["document"], ""), one["field"]),
        "document": one["document"],
        "layout": one["layout"],
        "kind": _KINDS.get(kind, kind),
        "page": location.get("page") if location.get("box") else None,
        "gold": "no such cell" if kind == "extra" else number(one["gold"]),
        "value": number(one["value"], one["state"]),
        "confidence": share(one["confidence"]),
        "accepted": one["accepted"],
        "raw": one["raw"],
        "candidates": ", ".join(number(each) for each in one["candidates"]),
        "because": ", ".join(map(str, one["because"])),
        "picture": picture,
    }


def _label(form: str, field: str) -> str:
    """What the form prints at the left of the field."""
    for row in load_forms()[form].rows if form in load_forms() else ():
        if field in row.fields:
            return " › ".join(row.labels)
    return ""


def _table(wrong: Sequence[Entry]) -> Part:
    rows = [
        (
            one["document"],
            one["field"],
            _GRAVEST[_rank(one)] if _rank(one) < len(_GRAVEST) else str(one.get("kind")),
            one["raw"],
            ", ".join([*(number(each) for each in one["candidates"]), *map(str, one["because"])]),
            "no such cell" if one.get("kind") == "extra" else number(one["gold"]),
            number(one["value"], one["state"]),
            share(one["confidence"]),
        )
        for one in wrong
    ]
    heads = ("document", "field", "kind", "cell text", "candidates, because", "in the document", "read", "confidence")
    return Part("Wrong fields without a picture", "", heads, rows, 5)
