"""The generator of labelled reports: content, prose and layout drawn apart, each from the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpora.synthesis.agencies import Agency, draw_agency, split_of
from corpora.synthesis.ambiguity import ambiguous_fields
from corpora.synthesis.chapter_layouts import CHAPTERED
from corpora.synthesis.chapters import gold_chapters, vary_prose
from corpora.synthesis.content import draw_report
from corpora.synthesis.damage import damaged
from corpora.synthesis.excerpt import excerpt
from corpora.synthesis.layout import Layout
from corpora.synthesis.layouts import LAYOUTS
from corpora.synthesis.prose import Prose, write_prose
from corpora.synthesis.scans import SCANS
from corpora.synthesis.sheet import Printed, Sheet, put_together, restarted
from corpora.synthesis.statutory import print_tables
from corpora.synthesis.tables import PrintedTable, gold_values
from pipeline.datamodel import Number

_SINGLE_OTHER, _DISAGREE = 0.2, 0.08
# Sums that settle a reading must also be met where they are wrong, so that wrecked text has more of them.
_WRONG_SUM, _WRONG_SUM_IN_WRECKS = 0.04, 0.12


def generate(out: str | Path, seed: int, count: int = 1, layouts: Iterable[str] | None = None) -> list[Path]:
    """The folders of `count` documents of each layout, written below `out`; same seed, same bytes.

    Documents of one layout walk through its forms in turn. Each depends on the seed, its layout's name and its
    number alone, so that adding a layout changes no other document. Layouts whose tool is not installed are left out;
    scans and trials of chapters are made only where they are named.
    """
    made = []
    for name in layouts if layouts is not None else LAYOUTS:
        layout = next(known[name] for known in (LAYOUTS, SCANS, CHAPTERED) if name in known)
        for number in range(count):
            folder = Path(out) / f"{layout.name}-{seed}-{number:03d}"
            if write_document(
                folder, layout, f"{seed}/{layout.name}/{number}", layout.forms[number % len(layout.forms)]
            ):
                made.append(folder)
    return made


def write_document(
    folder: Path,
    layout: Layout,
    seed: str,
    form: str,
    *,
    agency: Agency | None = None,
    year: int | None = None,
    wrong_sum: bool | None = None,
) -> bool:
    """One document folder with its source and gold; False, and nothing written, where the renderer is missing.

    What is not given (agency, year, whether a sum is wrong) is drawn from the seed. Test layouts draw agencies of
    test places only and any other layout's document stands in the split of its agency's place, so that no place is
    in two splits.
    """
    rng = random.Random(seed)  # noqa: S311
    single = layout.style.single_other
    wanted = rng.random() < _SINGLE_OTHER if single is None else single
    chance = _WRONG_SUM_IN_WRECKS if layout.irregular else _WRONG_SUM
    spoilt = rng.random() < chance if wrong_sum is None else wrong_sum
    kept = layout.split if layout.split != "train" else None
    agency = agency or draw_agency(rng, layout.level, kept)
    report = draw_report(rng, form=form, agency=agency, year=year, single_other=wanted, wrong_sum=spoilt)
    tables = print_tables(rng, report, layout.style)
    tables = excerpt(rng, tables) if layout.excerpt else tables
    tables = damaged(rng, tables, layout.damage) if layout.damage else tables
    prose = write_prose(rng, report, disagree=rng.random() < _DISAGREE)
    prose = _without_text(prose) if layout.bare else prose
    name, title = report.agency.name, _title_of(prose)
    if layout.chapters:
        prose, name, title = vary_prose(rng, prose, report, layout.chapters, run_on=layout.run_on)
    sheet = put_together(prose.paragraphs, tables)
    sheet = restarted(sheet) if layout.restart else sheet
    printed = layout.render(sheet, rng)
    if printed is None:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"source.{layout.extension}").write_bytes(printed.data)
    gold = {"form": form, "year": report.year, "agency": name, "values": gold_values(tables)}
    facts = {fact: {"value": value, "text": text} for fact, (value, text) in sorted(prose.facts.items())}
    meta = {"layout": layout.name, "format": layout.extension, "form": form, "agency": name, "seed": seed}
    _write(folder / "gold.json", {**gold, "notes": [*report.notes, *prose.notes]})
    _write(folder / "facts.json", {"facts": facts})
    _write(folder / "rows.json", _rows(sheet, printed))
    chapters = gold_chapters(sheet.blocks, run_on=layout.run_on)
    _write(folder / "chapters.json", {"title": title, "chapters": chapters})
    kind = {"family": layout.family, "irregular": layout.irregular}
    _write(folder / "meta.json", {**meta, "split": kept or split_of(name), **kind})
    if layout.joined:
        _write(folder / "ambiguous.json", ambiguous_fields(tables))
    return True


def _title_of(prose: Prose) -> str:
    title = next(paragraph.text for paragraph in prose.paragraphs if paragraph.kind == "title")
    return "".join(title.split())


def _without_text(prose: Prose) -> Prose:
    """Title, headings and tables of the prose, which state no facts."""
    kept = tuple(paragraph for paragraph in prose.paragraphs if paragraph.kind != "body")
    return replace(prose, paragraphs=kept, facts={})


def _rows(sheet: Sheet, printed: Printed) -> list[dict[str, Any]]:
    """The printed rows in document order with their labels and figures: those of a site's own tables, heads that a
    page repeats, and all rows of the form."""
    found = [_row("none", label, figures) for label, figures in printed.before]
    for number, table in enumerate(sheet.tables):
        heads = [(place, row) for place, row in enumerate(table.rows) if row.name == "head"][: table.head_rows]
        for place, row in enumerate(table.rows):
            if (number, place) in printed.repeats:
                found += [_row(head.name, head.label, _figures(table, at)) for at, head in heads]
            found.append(_row(row.name, row.label, _figures(table, place)))
    return found + [_row("none", label, figures) for label, figures in printed.after]


def _row(name: str, label: str, figures: Sequence[Number | None]) -> dict[str, Any]:
    return {"row": name, "label": label, "values": list(figures)}


def _figures(table: PrintedTable, place: int) -> list[Number | None]:
    return [cell.value for cell in table.at_row(place) if cell.kind == "figure"]


def _write(file: Path, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    file.write_text(text + "\n", encoding="utf-8")
