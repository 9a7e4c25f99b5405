"""The figures that prose may state: those of the report's tables, and others drawn to its agency's size."""

from __future__ import annotations

import random
import re

from corpora.synthesis.content import Report
from pipeline.datamodel import Number

_SCALE = {"township": 120, "bureau": 700, "county": 6000, "city": 60000}
# The fields of the newer forms whose sum a fact states; pre2019 names them otherwise.
_FIELDS = {
    "regulations_issued": r"disclosure\.regulations\.issued",
    "normative_documents_issued": r"disclosure\.normative_documents\.issued",
    "normative_documents_in_force": r"disclosure\.normative_documents\.in_force",
    "requests_received": r"requests\.received\.total",
    "requests_carried_in": r"requests\.carried_in\.total",
    "requests_concluded": r"requests\.concluded\.total",
    "requests_granted": r"requests\.(answered\.)?granted(\.total)?",
    "requests_partially_granted": r"requests\.(answered\.)?partially_granted(\.total)?",
    "requests_refused": r"requests\.refused\.\w+\.total|requests\.answered\.refused\.total",
    "requests_unavailable": r"requests\.unavailable\.\w+\.total",
    "requests_not_processed": r"requests\.not_processed\.\w+\.total",
    "requests_other": r"requests\.other\.\w+\.total",
    "requests_carried_out": r"requests\.carried_out\.total",
    "review_cases": r"review\.total",
    "litigation_cases": r"litigation(\.\w+)?\.total",
    "website_items": r"disclosure\.channel\.website",
    "wechat_items": r"disclosure\.channel\.wechat",
    "weibo_items": r"disclosure\.channel\.weibo",
    "policy_interpretations": r"response\.channel\.policy_explainers",
    "press_conferences": r"response\.channel\.press_conferences",
    "proactive_items": r"disclosure\.items",
    "training_sessions": r"training\.courses",
}


def fact_values(rng: random.Random, report: Report) -> dict[str, Number]:
    """The true value of every fact that this report may state: from its tables, else drawn."""
    found: dict[str, Number] = {}
    for name, pattern in _FIELDS.items():
        values = [value for field, value in report.values.items() if re.fullmatch(pattern, field)]
        if values:
            found[name] = sum(values)
    if "requests_granted" in found:
        found["requests_granted_or_partial"] = found["requests_granted"] + found["requests_partially_granted"]
    scale = _SCALE[report.agency.level]
    website, wechat, weibo = (round(scale * share * rng.lognormvariate(0, 0.7)) + 1 for share in (0.6, 0.3, 0.1))
    drawn: dict[str, Number] = {"website_items": website, "wechat_items": wechat, "weibo_items": weibo}
    drawn |= {"policy_interpretations": rng.randint(1, 60), "training_sessions": rng.randint(1, 9)}
    drawn |= {"press_conferences": rng.randint(1, 30), "proactive_items": website + wechat + weibo}
    if report.form == "pre2019":
        return found | ({} if report.values["requests.fees"] else {"fees_charged": 0})
    fees = rng.choice((0, 0, 0, rng.randint(1, 300) * 10))
    drawn["fees_charged"] = fees if found["requests_concluded"] else 0
    return drawn | found
