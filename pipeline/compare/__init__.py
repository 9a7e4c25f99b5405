"""How much of a report's prose stands in another one too: of the same body in another year, or of another body."""

from pipeline.compare.common import Common, common_wording
from pipeline.compare.pairs import ChapterShare, Compared, compare
from pipeline.compare.wording import Chapter, chapters

__all__ = ["Chapter", "ChapterShare", "Common", "Compared", "chapters", "common_wording", "compare"]
