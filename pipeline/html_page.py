"""HTML out of templates, every text of it escaped: most are strangers'.

A page that a command writes is one file that loads nothing and runs nothing. Its template extends
`templates/page.html`, which brings the head, the policy that forbids scripts and requests, and the looks: light or dark
as the reader has it, on narrow screens, on paper. The review page, which a server gives out under a policy of its own,
has a base of its own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def render(package: str, template: str, **values: Any) -> str:
    """The text of a template out of the folder `templates` of a package, which may extend `page.html`.

    A value that the template names and that is not given is an error. Templates have two filters of ours: `number`
    (1,234) and `percent`, a share with so many decimals, or – for None.
    """
    return _house(package).get_template(template).render(values)


@lru_cache(maxsize=8)
def _house(package: str) -> Environment:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    loader = ChoiceLoader([PackageLoader(package), PackageLoader("pipeline")])
    house = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    house.filters |= {"number": _number, "percent": _percent}
    return house


def _number(number: float) -> str:
    return f"{number:,}"


def _percent(share: float | None, decimals: int = 0) -> str:
    return "–" if share is None else f"{100 * share:.{decimals}f} %"
