"""Words out of Chinese prose: jieba's cuts with the forms' wording as user dictionary, also as a spaCy document.

jieba's own loader costs 0.9 s a process and cuts 0.5 M characters/s; jieba-rs (`rjieba`) cuts alike by the same
dictionary, loads in 0.15 s and cuts 14 M characters/s, so that is the tokenizer here. Importing spaCy costs 0.8 s and
100 MB a process; reading wordings needs words and tags alone, so only who calls `segment` pays for spaCy. Nothing is
loaded before the first sentence that matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from pipeline.datamodel import Span

if TYPE_CHECKING:
    from rjieba import Jieba
    from spacy.language import Language
    from spacy.tokens import Doc

_DICTIONARY = (
    "信息公开 政务公开 政府信息 政务信息 依申请公开 主动公开 予以公开 同意公开 部分公开 不予公开 不予处理 "
    "无法提供 其他处理 部分予以公开 规范性文件 信息处理费 处理费 费用 行政复议 行政诉讼 复议 诉讼 政策解读 "
    "解读材料 解读稿件 政策问答 收费 微信 微博 公众号 微信公众号 官网 抖音 视频号 新媒体 新闻发布会 发布会 "
    "业务培训 专题培训 培训班 培训会 开展 结转 转入 办结 办结率 下年度 上年度 下一年度 上一年度 下年 上年 "
    "本年 本年度 收办 收到 收取 编发 制发 制定 现行有效 不存在 网站 门户网站 申请人 申请件 申请书 申请表"
)
_FREQUENT = 100_000
_TAGS = dict.fromkeys(",，;:。!?()…", "stop") | dict.fromkeys(("、", "和", "及", "与", "或", "或者", "以及"), "and")


class Token(NamedTuple):
    """A word, its tag, and the offset of its first character in the text."""

    text: str
    tag: str
    start: int


_TOKEN = partial(tuple.__new__, Token)  # prose has thousands: made of their values by C alone


def cut(text: str, whole: Mapping[Span, str] = {}) -> tuple[Token, ...]:
    """The words of a text without white space; each span in `whole` (in order, not overlapping) stays one word.

    The tag of a word is that of its span in `whole`; elsewhere "stop" (clause marks), "and" (joining words) or "word".
    """
    tokens: list[Token] = []
    place = 0
    for (start, end), tag in (*whole.items(), ((len(text), len(text)), "")):
        words = _cut(text[place:start])
        tags = [_TAGS.get(word, "word") for word in words]
        tokens += map(_TOKEN, zip(words, tags, accumulate(map(len, words), initial=place), strict=False))
        if tag:
            tokens.append(Token(text[start:end], tag, start))
        place = end
    return tuple(tokens)


def joined(tokens: Iterable[Token]) -> str:
    """The text that the words were cut from."""
    return "".join([token.text for token in tokens])


def segment(text: str, whole: Mapping[Span, str] = {}) -> Doc:
    """The words of `cut` as a spaCy document, with their tags, for components that are trained on documents."""
    from spacy.tokens import Doc

    tokens = cut(text, whole)
    words, tags = [token.text for token in tokens], [token.tag for token in tokens]
    return Doc(language().vocab, words=words, spaces=[False] * len(words), tags=tags)


@lru_cache(maxsize=1)
def language() -> Language:
    """The spaCy language that every document shares its vocabulary with; loaded once a process."""
    import spacy

    return spacy.blank("zh")


def _cut(text: str) -> list[str]:
    return _tokenizer().cut(text, False) if text else []


@lru_cache(maxsize=1)
def _tokenizer() -> Jieba:
    from rjieba import Jieba

    tokenizer = Jieba()
    for word in _DICTIONARY.split():
        tokenizer.add_word(word, _FREQUENT, "n")
    return tokenizer
