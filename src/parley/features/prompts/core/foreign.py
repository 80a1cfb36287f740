"""Foreign text in a prompt: kept from being more than text, measured, shortened."""

import json
import math
import re
from typing import Final

from parley.kernel.text import one_line

LONGEST_QUOTE: Final = 4000
"""Characters of a foreign text that are quoted."""
_TEMPLATE: Final = re.compile(
    r"<[|｜]([^<>\n]{0,64}?)[|｜]>"  # ChatML, Llama 3, Phi, Command R, DeepSeek
    r"|<(/?(?:start_of_turn|end_of_turn|s|bos|eos|BOS_TOKEN|EOS_TOKEN))>"  # Gemma, Llama 2, Command R
    r"|<<(/?SYS)>>"  # Llama 2
    r"|\[(/?(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS))\]"  # Llama 2, Mistral
)
"""What chat templates use to begin and end a turn: in a text it is only text."""
_BYTES_PER_TOKEN: Final = 4.0
_TOKENS_PER_MESSAGE: Final = 4
_CUT: Final = " … "


def neutral(text: str) -> str:
    """The text with the marks of chat templates made harmless; all else as it is."""
    return _TEMPLATE.sub(lambda found: f"({next(part for part in found.groups() if part is not None)})", text)


def quoted(text: str) -> str:
    """Foreign text as one JSON string on one line: it can neither end its line nor open another."""
    # In this order: a mark that unseen letters part is whole once they are gone.
    return json.dumps(neutral(one_line(text, LONGEST_QUOTE)), ensure_ascii=False)


def estimated_tokens(text: str, scale: float) -> int:
    """Tokens without a tokenizer, and 4 for the frame of a message; none for no text.

    A token is about four bytes of UTF-8: four Latin letters, two Cyrillic ones, one emoji (reference memory §5).
    """
    if not text:
        return 0
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / _BYTES_PER_TOKEN * scale) + _TOKENS_PER_MESSAGE


def middle_cut(text: str, most: int) -> str:
    """The beginning and the end of a text of over ``most`` characters."""
    if len(text) <= most:
        return text
    half = (most - len(_CUT)) // 2
    return f"{text[:half]}{_CUT}{text[-half:]}"
