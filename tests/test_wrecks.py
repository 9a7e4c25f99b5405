"""Clean reports wrecked at random: whatever is then accepted is still right, and nothing takes long."""

import random
import re
import time
from pathlib import Path

import pytest

from corpora import read_corpus
from pipeline import extract, load_model
from pipeline.readers import open_source

CASES = Path(__file__).parent / "cases"
NAMES = (
    "tabs-lost-leading-cells",
    "provincial-subtotal-rows",
    "two-columns-run-together",
    "rows-run-together-on-their-lines",
)
LONGEST = 2.0  # seconds


def lose_line(lines, at, rng):
    del lines[at]


def merge_lines(lines, at, rng):
    lines[at : at + 2] = ["".join(lines[at : at + 2])]


def split_line(lines, at, rng):
    places = [i for i in range(1, len(lines[at])) if not lines[at][i - 1 : i + 1].isdigit()]
    if places:
        place = rng.choice(places)
        lines[at : at + 1] = [lines[at][:place], lines[at][place:]]


def lose_separators(lines, at, rng):
    lines[at] = re.sub(r"[\t|]", "", lines[at])


def lose_one_separator(lines, at, rng):
    gaps = list(re.finditer(r"(?<=\d)[\t| ]+(?=\d)", lines[at]))
    if gaps:
        gap = rng.choice(gaps)
        lines[at] = lines[at][: gap.start()] + lines[at][gap.end() :]


def lose_character(lines, at, rng):
    places = [i for i, character in enumerate(lines[at]) if "\u4e00" <= character <= "\u9fff"]
    if places:
        place = rng.choice(places)
        lines[at] = lines[at][:place] + lines[at][place + 1 :]


def swap_lines(lines, at, rng):
    other = at + rng.choice((-2, -1, 1, 2))
    if 0 <= other < len(lines):
        lines[at], lines[other] = lines[other], lines[at]


def cut_at_page(lines, at, rng):
    lines.insert(at, "\f")


WRECKS = (
    lose_line,
    merge_lines,
    split_line,
    swap_lines,
    lose_separators,
    lose_one_separator,
    lose_character,
    cut_at_page,
)


def wrecked(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    for wreck in rng.choices(WRECKS, k=rng.randint(1, 8)):
        printed = [at for at, line in enumerate(lines) if re.search(r"\d", line)]
        wreck(lines, rng.choice(printed), rng)
    return "\n".join(lines)


@pytest.fixture(scope="module")
def model():
    return load_model()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(30))
def test_what_is_accepted_of_a_wreck_is_right(name: str, seed: int, model) -> None:
    (document,) = read_corpus(CASES / name)
    source = open_source(document.source)
    text = wrecked(source.data.decode(), random.Random(f"{name}/{seed}"))
    began = time.process_time()
    record = extract(text.encode(), model, media_type=source.media_type)
    assert time.process_time() - began < LONGEST
    wrong = {
        field: (one.value, document.values[field])
        for field, one in record.fields.items()
        if one.accepted and one.state != "absent" and field in document.values and one.value != document.values[field]
    }
    assert wrong == {}
    assert not [
        field for field, one in record.fields.items() if one.accepted and one.value and field not in document.values
    ]


@pytest.mark.parametrize("parted", ["\n\t68", "\t\n68", "\t\n件\t68"])
def test_a_figure_that_fell_to_the_next_line_leaves_no_blank_that_is_believed(parted: str, model) -> None:
    (document,) = read_corpus(CASES / "tabs-lost-leading-cells")
    text = document.source.read_text(encoding="utf-8")
    assert "行政处罚\t68\n" in text
    record = extract(text.replace("行政处罚\t68\n", f"行政处罚{parted}\n").encode(), model, media_type="text/plain")
    field = record.fields["disclosure.penalty.decisions"]
    assert field.value == 68 or not field.accepted
