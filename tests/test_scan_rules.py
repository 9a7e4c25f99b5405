"""Drawn lines in a picture: worn ones are taken on to where they must end, rings and seals are no lines."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.scan.rules import find_rules
from pipeline.tables.grid import find_grids

cv2 = pytest.importorskip("cv2", reason="needs the extra scan: pip install 'nianbao[scan]'")

COLUMNS, ROWS = (100, 300, 500, 700), (100, 160, 220, 280, 340)


def ruled() -> np.ndarray:
    """A mask of a grid of four rows and three columns at 200 dpi."""
    mask = np.zeros((450, 800), np.uint8)
    for x in COLUMNS:
        mask[100:342, x : x + 2] = 255
    for y in ROWS:
        mask[y : y + 2, 100:702] = 255
    return mask


def cells(mask: np.ndarray) -> int:
    return sum(len(grid.slots) for grid in find_grids(find_rules(mask, 200.0).edges))


def test_a_grid_has_its_cells() -> None:
    assert cells(ruled()) == 12


@pytest.mark.parametrize("lost", [(220, 300), (330, 470), (560, 650)])
def test_a_level_line_in_pieces_ends_where_lines_cross_it(lost: tuple[int, int]) -> None:
    mask = ruled()
    mask[220:222, lost[0] : lost[1]] = 0
    for x in COLUMNS:
        mask[220:222, x : x + 2] = 255
    assert cells(mask) == 12


def test_a_line_of_which_little_is_left_is_not_made_up() -> None:
    mask = ruled()
    mask[220:222, 170:640] = 0
    assert cells(mask) < 12


def test_a_ring_round_a_figure_parts_no_cell() -> None:
    mask = ruled()
    cv2.ellipse(mask, (400, 190), (110, 24), 0, 0, 360, 255, 2)
    assert cells(mask) == 12


def test_the_arc_of_a_seal_parts_no_cell() -> None:
    mask = ruled()
    cv2.circle(mask, (520, 400), 165, 255, 8)
    assert cells(mask) == 12


@pytest.mark.parametrize("pieces", [((0, 450),), ((0, 130), (150, 190), (215, 250), (270, 450))])
def test_a_fold_down_the_page_parts_no_cell(pieces: tuple[tuple[int, int], ...]) -> None:
    darker = ruled()
    for first, last in pieces:
        darker[first:last, 398:402] = np.maximum(darker[first:last, 398:402], 90)
    assert cells(darker) == 12


def test_a_line_as_dark_as_the_rules_that_runs_past_its_table_at_both_ends_is_a_fold() -> None:
    darker = ruled()
    darker[190:193, :] = 255
    assert cells(darker) == 12


def test_pale_rules_that_end_at_rules_part_cells() -> None:
    darker = ruled()
    darker[100:342, 400:402] = np.maximum(darker[100:342, 400:402], 90)
    assert cells(darker) == 16


def test_strokes_of_a_line_of_big_type_are_no_table() -> None:
    mask = np.zeros((200, 900), np.uint8)
    for top in (80, 108, 132):
        mask[top : top + 3, 100:800] = 255
    for left in range(100, 801, 35):
        mask[80:135, left : left + 3] = 255
    rules = find_rules(mask, 200.0)
    assert rules.edges == ()


def test_the_top_of_a_seal_between_two_rules_parts_no_cell() -> None:
    mask = ruled()
    for x in (330, 390, 450):
        mask[100:342, x : x + 2] = 255
    before = cells(mask)
    cv2.circle(mask, (360, 345), 165, 255, 8)
    assert cells(mask) == before


@pytest.mark.parametrize("beside", [-4, 0, 3])
def test_a_fold_along_a_rule_leaves_the_rule(beside: int) -> None:
    darker = ruled()
    fold = darker[219 + beside : 223 + beside]
    fold[:] = np.maximum(fold, 90)
    assert cells(darker) == 12


def test_level_lines_that_a_coarse_fax_sends_as_steps_and_dashes_are_whole() -> None:
    mask = np.zeros((450, 800), np.uint8)
    for x in COLUMNS:
        mask[96:342, x : x + 2] = 255
    for y in ROWS:
        for step, start in enumerate(range(100, 700, 120)):
            mask[y - step : y - step + 2, start + 20 : min(start + 104, 702)] = 255
    assert cells(mask) == 12


def test_a_stroke_of_a_pen_beside_print_in_a_cell_is_no_worn_line() -> None:
    mask = ruled()
    mask[190:192, 100:195] = 255
    for x in range(200, 290, 12):
        mask[180:203, x : x + 5] = 255
    assert cells(mask) == 12
