"""Use cases of the OpenAI-compatible API."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import structlog

from parley.features.characters.core import Character, Filters, Viewer, Window
from parley.features.characters.service import Characters
from parley.features.completions import core
from parley.features.completions.core import Line, ModelCard, Refused
from parley.features.identity.core import Caller, KeyUse
from parley.features.identity.service import KeyAccounts
from parley.kernel.errors import AgeConfirmationRequired, CharacterNotFound
from parley.kernel.ids import CharacterId, UserId
from parley.kernel.ports import (
    Chance,
    Clock,
    Completion,
    CompletionModel,
    CompletionRequest,
    Embedder,
    Embeddings,
    ModelFailed,
    PromptMessage,
    TokenUsage,
)

_NOBODY: Final = UserId(0)
_PAGE: Final = 500
"""Characters read at once."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Completions:
    """Passes requests on to the models, and counts what they cost."""

    model: CompletionModel
    embedder: Embedder
    characters: Characters
    accounts: KeyAccounts
    clock: Clock
    chance: Chance

    # --- models

    async def models(self, caller: Caller) -> list[ModelCard]:
        """All models that this key may ask."""
        found = [self._default()]
        for rating in ("sfw", "nsfw") if caller.is_adult else ("sfw",):
            offset, total = 0, 1
            while offset < total:
                filters, window = Filters(rating=rating), Window(_PAGE, offset)
                page = await self.characters.page(_viewer(caller), filters, "new", window)
                found += [
                    ModelCard(core.character_model(each.id), int(each.created_at.timestamp())) for each in page.entries
                ]
                offset, total = offset + _PAGE, page.total
        return found

    async def model_card(self, caller: Caller, model: str) -> ModelCard:
        """One model. Raises Refused."""
        character = core.character_of(model)
        if character is None:
            return self._default()
        await self._known(caller, character)
        entry = await self.characters.entry(_viewer(caller), character)
        return ModelCard(model, int(entry.created_at.timestamp()))

    def _default(self) -> ModelCard:
        return ModelCard(core.DEFAULT, 0)

    # --- chat

    async def persona(
        self, caller: Caller, character: CharacterId, dialogue: Sequence[Line]
    ) -> tuple[list[PromptMessage], int]:
        """What the model is told to answer as this character, and the longest answer in tokens. Raises Refused."""
        known = await self._known(caller, character)
        traits = self.model.traits
        return core.persona_messages(known, dialogue, traits), traits.reply_tokens

    async def complete(self, caller: Caller, request: CompletionRequest) -> tuple[Completion, TokenUsage]:
        """The whole answer and what it cost. Raises Refused."""
        core.check_choices(request.choices, self.model.traits)
        try:
            completion = await self.model.complete(request)
        except ModelFailed as failure:
            raise _refused(failure) from None
        said = sum(len(choice.said) for choice in completion.choices)
        usage = completion.usage or core.estimated(request.members, said)
        self._count(caller, usage)
        return completion, usage

    async def relay(self, caller: Caller, request: CompletionRequest) -> AsyncGenerator[Completion, None]:
        """The answer in pieces; the last has no choices and tells what it all cost. Raises Refused.

        What a caller who goes away has been told is counted too.
        """
        core.check_choices(request.choices, self.model.traits)
        last: Completion | None = None
        said, usage = 0, None
        try:
            async with aclosing(self.model.relay(request)) as pieces:
                async for piece in pieces:
                    last, usage = piece, piece.usage or usage
                    said += sum(len(choice.said) for choice in piece.choices)
                    if piece.choices:
                        yield piece
        except ModelFailed as failure:
            raise _refused(failure) from None
        finally:
            usage = usage or core.estimated(request.members, said)
            if last is not None:
                self._count(caller, usage)
        if last is not None:
            yield Completion(last.model, (), usage)

    def _count(self, caller: Caller, usage: TokenUsage) -> None:
        self.accounts.add(caller.key, KeyUse(0, usage.prompt_tokens, usage.completion_tokens))

    # --- embeddings

    async def embed(self, caller: Caller, texts: Sequence[str], dimensions: int | None) -> Embeddings:
        """The texts as vectors. Raises Refused."""
        if dimensions is not None and not self.embedder.takes_dimensions:
            raise core.invalid("dimensions", "The length of this model's vectors cannot be chosen: leave it out.")
        try:
            embeddings = await self.embedder.embed(texts, "query", dimensions)
        except ModelFailed as failure:
            raise _refused(failure) from None
        self.accounts.add(caller.key, KeyUse(0, embeddings.tokens, 0))
        return embeddings

    # --- characters

    async def _known(self, caller: Caller, character: CharacterId) -> Character:
        """The character, if this key may talk to it: what it may not is not there."""
        try:
            return await self.characters.visible(_viewer(caller), character)
        except (CharacterNotFound, AgeConfirmationRequired):
            raise core.unknown_model(core.character_model(character)) from None


def _refused(failure: ModelFailed) -> Refused:
    """The failure as the caller hears of it; the operator reads the provider's side of it in the log."""
    log.warning("model_failed", kind=failure.kind, status=failure.status)
    return core.failed(failure)


def _viewer(caller: Caller) -> Viewer:
    return Viewer(_NOBODY, caller.is_adult)
