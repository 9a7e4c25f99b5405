"""Figures within lines of prose: only those that the recogniser is sure of are left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.datamodel import Line, Location, Page, Word
from pipeline.lines import read_blocks
from pipeline.prose.facts import read_facts

np = pytest.importorskip("numpy")

from pipeline.scan.sentences import doubtful_figures, sure_figures  # noqa: E402

ALPHABET = ("", *"0123456789", *"办结申请公开政府信息件收到，,l")
UNREAD = "\ufffd"


def look(*steps: tuple[str, float] | tuple[str, float, str]) -> Any:
    """Output of the recogniser: at each step a character ("" for none), its probability, and what has the rest."""
    strip = np.zeros((len(steps), len(ALPHABET)), dtype=np.float32)
    for at, (sign, share, *other) in enumerate(steps):
        strip[at, ALPHABET.index(sign)] = share
        strip[at, ALPHABET.index(other[0]) if other else 0] += 1 - share
    return strip


def line(text: str, doubts: Sequence[tuple[int, float, str]] = ()) -> Any:
    """A look at a text with a step between its characters; `doubts` are (place, probability, what else it may be)."""
    steps: list[Any] = [(sign, 0.99) for sign in text]
    for place, share, other in doubts:
        steps[place] = (text[place], share, other)
    return look(*(step for sign in steps for step in (sign, ("", 1.0))))


def test_a_line_whose_figures_are_sure_is_not_looked_at_again():
    assert not doubtful_figures(line("办结136件，公开5件"), ALPHABET)
    assert not doubtful_figures(line("政府信息", [(0, 0.4, "公")]), ALPHABET)


def test_a_figure_of_which_one_look_is_not_sure_needs_the_other_to_see_the_same():
    one = line("办结136件，公开6件", [(9, 0.53, "5")])
    assert doubtful_figures(one, ALPHABET)
    assert sure_figures(one, line("办结136件，公开5件", [(9, 0.8, "6")]), ALPHABET) == f"办结136件，公开{UNREAD}件"
    assert sure_figures(one, line("办结136件，公开6件", [(9, 0.85, "5")]), ALPHABET) == "办结136件，公开6件"
    assert sure_figures(one, line("办结136件，公开6件", [(9, 0.7, "5")]), ALPHABET) == f"办结136件，公开{UNREAD}件"


def test_a_figure_goes_as_a_whole_where_one_of_its_digits_is_in_doubt_or_one_more_may_stand_there():
    unsure = line("收到1,305件", [(4, 0.6, "8")])
    assert sure_figures(unsure, line("收到1,805件"), ALPHABET) == f"收到{UNREAD}件"
    lost = look(("收", 0.99), ("1", 0.99), ("", 0.7, "3"), ("5", 0.99), ("件", 0.99))
    assert sure_figures(lost, lost, ALPHABET) == f"收{UNREAD}件"
    tail = look(("收", 0.99), ("1", 0.99), ("", 0.7, "1"), ("5", 0.99), ("件", 0.99))
    assert not doubtful_figures(tail, ALPHABET)


def test_a_digit_beside_a_letter_that_may_be_one_is_in_doubt():
    assert sure_figures(line("收到1l6件"), line("收到1l6件"), ALPHABET) == f"收到{UNREAD}l{UNREAD}件"


def test_looks_that_see_another_number_of_figures_vouch_for_none_in_doubt():
    one = line("收到16件，办结5件", [(2, 0.6, "7")])
    assert sure_figures(one, line("收到件，办结5件"), ALPHABET) == f"收到{UNREAD}件，办结5件"


def test_prose_states_no_figure_that_is_in_doubt():
    stated = "本年收到政府信息公开申请16件。"
    assert {name: one.value for name, one in read_facts([Line(stated, Location(1))], 2023).items()} == {
        "requests_received": 16
    }
    assert read_facts([Line(stated.replace("16", UNREAD), Location(1))], 2023) == {}


def test_a_doubtful_word_in_a_line_keeps_its_characters_and_loses_its_figure():
    words = (
        Word("本年收到申请", (50, 300, 110, 310)),
        Word("6", (112, 300, 117, 310), None, ("6", "5")),
        Word("件", (119, 300, 129, 310)),
    )
    (found,) = read_blocks([Page(1, 595, 842, words)], {})
    assert isinstance(found, Line)
    assert found.text.replace(" ", "") == f"本年收到申请{UNREAD}件"
