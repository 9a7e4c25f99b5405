"""Content: one report's figures, drawn so that every identity of its form holds."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from corpora.synthesis.agencies import Agency, draw_agency
from pipeline.datamodel import Form, FormRow, Identity, Number
from pipeline.forms import load_forms

# Median of requests received and spread (log scale) by the size of the agency; the share that receives none.
_REQUESTS = {"township": (2, 0.9, 0.55), "bureau": (14, 1.1, 0.2), "county": (120, 0.9, 0.02), "city": (1500, 0.8, 0.0)}
_SCALE = {"township": 0.01, "bureau": 0.1, "county": 1.0, "city": 8.0}
_APPLICANTS = (90, 7, 0.3, 0.8, 1.5, 1)
# Shares of the outcomes in the order of the form's rows, by the last part of the row's name.
_OUTCOMES = {
    "granted": 45, "partially_granted": 9, "state_secret": 0.3, "prohibited_by_law": 0.8, "security_and_stability": 0.6,
    "third_party_rights": 1, "internal_affairs": 1.5, "deliberative_process": 1, "enforcement_files": 1.5,
    "administrative_query": 1, "not_held": 24, "needs_creation": 2, "still_unclear": 0.7, "petition": 2.5,
    "repeated": 1.5,
    "publication": 0.1, "excessive": 0.5, "reconfirmation": 0.2, "not_corrected": 2, "fee_unpaid": 0.2, "other": 3,
}  # fmt: skip
_DECISIONS = {"licensing": 9000, "penalty": 2500, "coercion": 120, "other_services": 700}
_SINGLE_ABSENT = ("requests.other.not_corrected", "requests.other.fee_unpaid")


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: a figure for every field it prints, and notes on what is wrong in it on purpose."""

    form: str
    agency: Agency
    year: int
    values: Mapping[str, Number]
    notes: tuple[str, ...] = ()


def draw_report(
    rng: random.Random,
    *,
    form: str | None = None,
    agency: Agency | None = None,
    year: int | None = None,
    single_other: bool = False,
    wrong_sum: bool = False,
) -> Report:
    """A report with all identities holding, but for one printed total where `wrong_sum` asks for it.

    `single_other` gives the undivided row （六）其他处理 of the 2021 form.
    """
    of = load_forms()[form or rng.choice(list(load_forms()))]
    agency = agency or draw_agency(rng)
    drawn_year = rng.randint(max(of.first_year, 2014), min(of.last_year, 2025))
    drawn = _draw_statistics(rng, of, agency.level) if of.name == "pre2019" else _draw_tables(rng, of, agency.level)
    if single_other and of.name == "2021":
        drawn = _merge_other(drawn, of)
    report = Report(of.name, agency, year or drawn_year, {name: drawn[name] for name in of.fields if name in drawn})
    return _spoil_a_sum(rng, report, of) if wrong_sum else report


def broken_identities(report: Report) -> tuple[str, ...]:
    """The ids of the identities that the report's figures do not meet; a field that is not printed counts 0."""
    return tuple(check.id for check in load_forms()[report.form].identities if not _holds(check, report.values))


def _holds(check: Identity, values: Mapping[str, Number]) -> bool:
    left, right = (sum(values.get(name, 0) for name in side) for side in (check.left, check.right))
    return math.isclose(left, right, abs_tol=1e-9)


def _draw_tables(rng: random.Random, form: Form, level: str) -> dict[str, Number]:
    values: dict[str, Number] = {}
    for row in form.rows:
        if row.table == "disclosure":
            values |= zip(row.fields, _disclosure(rng, row, level), strict=True)
    values |= _requests(rng, form, level)
    return values | _disputes(rng, level)


def _disclosure(rng: random.Random, row: FormRow, level: str) -> list[Number]:
    """The figures of one row of the second chapter: none of a kind that such an agency does not have."""
    scale, kind = _SCALE[level], row.name.rpartition(".")[2]
    if kind == "regulations" and (level != "city" or rng.random() < 0.4):
        return [0 for _ in row.fields]
    if kind in ("regulations", "normative_documents"):
        issued = _count(rng, 15 * scale**0.6) if kind == "normative_documents" else rng.randint(0, 9)
        return [issued, rng.choice((0, issued, _count(rng, 8 * scale))), issued + _count(rng, 60 * scale**0.7)]
    if kind == "procurement":
        return [_count(rng, 25 * scale), _amount(rng, 4_000_000 * scale)]
    if kind == "fees" and row.columns == ("amount",):
        return [_amount(rng, 2500 * scale)]
    return [_by_column(rng, column, scale, kind) for column in row.columns]


def _by_column(rng: random.Random, column: str, scale: float, kind: str) -> Number:
    if column == "items_last_year":
        return _count(rng, 180 * scale**0.4)
    if column == "items_change":
        return rng.choice((0, 0, 0, rng.randint(1, 30), -rng.randint(1, 40)))
    return _count(rng, _DECISIONS.get(kind, 100) * scale**1.2)


def _requests(rng: random.Random, form: Form, level: str) -> dict[str, Number]:
    rows = [row for row in form.rows if row.table == "requests"]
    outcomes = [
        row.name for row in rows if row.name.rpartition(".")[2] in _OUTCOMES and row.name != "requests.received"
    ]
    columns = rows[0].columns[:-1]
    received = _spread(rng, _received(rng, level), _APPLICANTS)
    carried_in = [min(part, _count(rng, part * 0.03)) for part in received]
    values: dict[str, Number] = {f"{row.name}.{column}": 0 for row in rows for column in row.columns}
    # Each report has its own habits, so the shares wander.
    shares = [_OUTCOMES[name.rpartition(".")[2]] * rng.lognormvariate(0, 0.9) for name in outcomes]
    for column, new, old in zip(columns, received, carried_in, strict=True):
        carried_out = min(new + old, _count(rng, new * 0.04))
        concluded = new + old - carried_out
        values |= {f"requests.received.{column}": new, f"requests.carried_in.{column}": old}
        values |= {f"requests.concluded.{column}": concluded, f"requests.carried_out.{column}": carried_out}
        values |= zip((f"{name}.{column}" for name in outcomes), _spread(rng, concluded, shares), strict=True)
    for row in rows:
        values[f"{row.name}.total"] = sum(values[f"{row.name}.{column}"] for column in columns)
    return values


def _received(rng: random.Random, level: str) -> int:
    median, spread, none = _REQUESTS[level]
    return 0 if rng.random() < none else max(1, round(rng.lognormvariate(math.log(median), spread)))


def _disputes(rng: random.Random, level: str) -> dict[str, Number]:
    scale = _SCALE[level]
    kinds = {
        "review": (12, (60, 20, 12, 8)),
        "litigation.direct": (4, (60, 8, 22, 10)),
        "litigation.after_review": (4, (60, 8, 22, 10)),
    }
    values: dict[str, Number] = {}
    for kind, (mean, shares) in kinds.items():
        total = 0 if rng.random() < 0.25 else _count(rng, mean * scale)
        results = _spread(rng, total, shares)
        values |= zip(
            (f"{kind}.{name}" for name in ("upheld", "corrected", "other", "pending", "total")),
            [*results, total],
            strict=True,
        )
    return values


def _draw_statistics(rng: random.Random, form: Form, level: str) -> dict[str, Number]:
    """Every figure by itself first, then every total from its parts, the inner totals before the outer ones."""
    values = {row.fields[0]: _statistic(rng, row, level) for row in form.rows}
    # One item may appear in several channels, so there are as many items as in the fullest channel, or more.
    channels = [value for name, value in values.items() if name.startswith("disclosure.channel.")]
    values["disclosure.items"] = max(channels) + _count(rng, max(channels) / 9)
    totals = {check.right[0]: check.left for check in form.identities}

    def settle(name: str) -> Number:
        if name in totals:
            values[name] = sum(settle(part) for part in totals[name])
        return values[name]

    for name in totals:
        settle(name)
    return values


def _statistic(rng: random.Random, row: FormRow, level: str) -> Number:
    scale, name = _SCALE[level], row.name
    if row.kinds[0] == "amount":
        return _amount(rng, 60 * scale) if name == "resources.budget" else rng.choice((0, 0, 0, _amount(rng, 1)))
    if name.startswith("disclosure."):
        return _count(rng, (9000 if name.endswith((".items", ".website")) else 900) * scale)
    if name.startswith(("requests.received", "requests.concluded", "requests.answered")):
        return _count(rng, 12 * scale * rng.choice((0, 0.2, 1, 1, 4)))
    if name.startswith("training.participants"):
        return _count(rng, 600 * scale)
    return _count(rng, 15 * scale * rng.choice((0, 0.3, 1)))


def _merge_other(values: Mapping[str, Number], form: Form) -> dict[str, Number]:
    """The three rows of （六）其他处理 as the one row that many agencies print."""
    merged = dict(values)
    for column in form.rows[-2].columns:
        merged[f"requests.other.other.{column}"] += sum(merged.pop(f"{name}.{column}") for name in _SINGLE_ABSENT)
    return merged


def _spoil_a_sum(rng: random.Random, report: Report, form: Form) -> Report:
    """One total printed wrong, as reports do; chosen among totals above 0 where there are any."""
    totals = [check.right[0] for check in form.identities if len(check.right) == 1]
    wanted = [name for name in totals if report.values.get(name, 0) > 0] or [n for n in totals if n in report.values]
    name = rng.choice(wanted)
    true = report.values[name]
    false = max(0, true + rng.choice((-2, -1, 1, 2, 10)))
    false = false if false != true else true + 1
    spoilt = replace(report, values={**report.values, name: false})
    return replace(spoilt, notes=(*report.notes, f"{name} is printed as {false}; its parts give {true}"))


def _count(rng: random.Random, mean: float) -> int:
    """A whole number around the mean with a long tail, often 0 where the mean is small."""
    return 0 if mean <= 0 else int(rng.lognormvariate(math.log(mean), 0.8) + rng.random() * 0.6)


def _amount(rng: random.Random, mean: float) -> Number:
    """An amount of money: 0, whole, or with 1 to 6 decimals."""
    value = rng.choice((0.0, 1.0, 1.0)) * rng.lognormvariate(math.log(mean), 1.0)
    rounded = round(value, rng.choice((0, 0, 1, 2, 2, 4, 6)))
    return int(rounded) if rounded == int(rounded) else rounded


def _spread(rng: random.Random, total: int, shares: Iterable[float]) -> list[int]:
    """The total thrown piece by piece into the shares, for large totals in proportion with the rest thrown."""
    weights = list(shares)
    whole = sum(weights)
    parts = [int(total * weight / whole * rng.uniform(0.7, 1.0)) if total > 200 else 0 for weight in weights]
    for index in rng.choices(range(len(weights)), weights, k=total - sum(parts)):
        parts[index] += 1
    return parts
