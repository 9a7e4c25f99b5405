"""The documents of corpora/samples: one of each way reports come in, chosen by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpora.synthesis import write_document
from corpora.synthesis.agencies import name_agency
from corpora.synthesis.layouts import LAYOUTS


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample: its folder's name, its layout, form, agency, level and year."""

    name: str
    layout: str
    form: str
    agency: str
    level: str
    year: int
    wrong_sum: bool = False


SAMPLES = (
    Sample("yunling-city-2023-ruled", "pdf-shaded-heads", "2021", "云岭市", "city", 2023),
    Sample("qinghe-district-2022-browser-print", "pdf-chromium", "2021", "青禾区", "county", 2022),
    Sample("linxi-county-2024-office-export", "pdf-libreoffice-shaded", "2021", "临溪县", "county", 2024),
    Sample("tangpu-district-2025-wrong-total", "pdf-cut-rows", "2021", "棠浦区", "county", 2025, True),
    Sample("yanting-county-liuyan-town-2023-tabs", "text-tabs-collapsed", "2021", "雁汀县柳堰镇", "township", 2023),
    Sample("yanxi-city-finance-bureau-2020-markdown", "markdown-pipes", "2019", "砚溪市财政局", "bureau", 2020),
    Sample("wangji-county-2019-web-page", "html-site", "2019", "望霁县", "county", 2019),
    Sample(
        "chenglan-city-education-bureau-2021-word-web-page", "html-word-gb18030", "2021", "澄岚市教育局", "bureau", 2021
    ),
    Sample("songji-district-2020-word", "docx-grid", "2019", "松霁区", "county", 2020),
    Sample("lanpu-city-2016-statistics", "pdf-ruled-cid", "pre2019", "岚浦市", "city", 2016),
    Sample("weichuan-county-2017-statistics-web-page", "html-clean", "pre2019", "苇川县", "county", 2017),
)


def write_samples(out: str | Path) -> list[str]:
    """The names of the samples written below `out`; those whose renderer is not installed are left as they are."""
    return [sample.name for sample in SAMPLES if _write_sample(Path(out), sample)]


def _write_sample(out: Path, sample: Sample) -> bool:
    return write_document(
        out / sample.name,
        LAYOUTS[sample.layout],
        f"sample/{sample.name}",
        sample.form,
        agency=name_agency(sample.agency, sample.level),
        year=sample.year,
        wrong_sum=sample.wrong_sum,
    )
