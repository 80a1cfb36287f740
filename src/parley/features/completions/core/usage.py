"""What an answer cost, estimated where its provider does not count."""

from typing import Final

from parley.kernel.ports import TokenUsage

_BYTES_PER_TOKEN: Final = 4


def estimated(asked: bytes, said: int) -> TokenUsage:
    """The cost of a request of this JSON and an answer of so many bytes of JSON: about four bytes a token."""
    prompt, completion = -(-len(asked) // _BYTES_PER_TOKEN), -(-said // _BYTES_PER_TOKEN)
    total = prompt + completion
    detail = f'{{"prompt_tokens":{prompt},"completion_tokens":{completion},"total_tokens":{total}}}'
    return TokenUsage(prompt, completion, detail.encode())
