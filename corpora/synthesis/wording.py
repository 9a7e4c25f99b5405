"""Wording: a label as some office typed it, from the wordings of pipeline.forms, other punctuation, and slips."""

from __future__ import annotations

import random
import re

from pipeline.datamodel import Form, FormRow

_NUMBERED = re.compile(r"^(\d)\.")
_CHAPTER = re.compile(r"^（([一二三四五六七八九])）")
_TYPED_FOR = {
    "申": "申",
    "项": "顷",
    "账": "帐",
    "制": "置",
    "件": "作",
    "它": "他",
    "做": "作",
    "复": "覆",
    "度": "渡",
    "未": "末",
}
_GROUPS = {
    "三、本年度办理结果": ("三、本年度办理结果", "三、本年度办理结果", "三、本年度办理情况", "三、本年办理结果"),
    "（六）其他处理": ("（六）其他处理", "（六）其它处理"),
}


def vary_label(rng: random.Random, form: Form, row: FormRow, chance: float, slips: float) -> str:
    """The row's own label: the form's wording, or with the chance one that offices use instead of it."""
    label = row.labels[-1]
    if rng.random() < chance:
        wordings = [text for text in form.row_wordings.get(row.name, ()) if _same_kind(text, label)]
        label = rng.choice([label, *wordings])
    return slip(rng, vary_marks(rng, label, chance), slips)


def vary_head(rng: random.Random, form: Form, column: str, head: str, chance: float) -> str:
    """A column's head: the form's wording, or with the chance another one."""
    if rng.random() >= chance:
        return head
    return rng.choice([head, *form.column_wordings.get(column, ())])


def vary_group(rng: random.Random, group: str, chance: float) -> str:
    """The label of a group of rows, with the chance in another wording or other marks."""
    if rng.random() < chance:
        group = rng.choice(_GROUPS.get(group, (group,)))
    return vary_marks(rng, group, chance)


def vary_marks(rng: random.Random, label: str, chance: float) -> str:
    """The label with other brackets, stops, quotation marks or spaces where the chance says so."""
    if rng.random() < chance:
        label = _NUMBERED.sub(lambda m: m[1] + rng.choice(("．", "、", ". ", ".", " ．")), label)
        label = _CHAPTER.sub(lambda m: rng.choice(("({})", "（{}） ", "({}) ", "（{}）")).format(m[1]), label)
    if rng.random() < chance / 2:
        label = label.translate(str.maketrans("“”", '""'))
    if rng.random() < chance / 2:
        label = label.translate(str.maketrans("（），", "(),"))
    if rng.random() < chance / 3 and len(label) > 4:
        place = rng.randrange(3, len(label))
        label = label[:place] + " " + label[place:]
    return label


def slip(rng: random.Random, label: str, chance: float) -> str:
    """The label with one typing slip: a character lost, doubled, or mistaken for one that looks like it."""
    if len(label) < 7 or rng.random() >= chance:
        return label
    place = rng.randrange(3, len(label) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return label[:place] + label[place + 1 :]
    if kind == 1:
        return label[:place] + label[place] + label[place:]
    return "".join(_TYPED_FOR.get(character, character) for character in label)


def _same_kind(text: str, label: str) -> bool:
    """（六）其他处理 as a row of its own and its third row 3.其他 are one name but not one label."""
    return ("处理" in text) == ("处理" in label) or not label.endswith(("其他", "其他处理"))
