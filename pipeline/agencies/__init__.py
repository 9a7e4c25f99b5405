"""Which body a report's agency is: names taken apart by rules (`*.csv`), and the links between bodies that rules allow.

Everything here errs on one side: two spellings that may be two bodies stay two, and are listed for somebody to decide.
"""

from pipeline.agencies.links import Body, DoubtfulLink, bodies, doubtful_links
from pipeline.agencies.names import Agency, normalised

__all__ = ["Agency", "Body", "DoubtfulLink", "bodies", "doubtful_links", "normalised"]
