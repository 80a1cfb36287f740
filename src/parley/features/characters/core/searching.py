"""Filters as the marks a search index knows."""

from parley.features.characters.core.catalogue import AccessType, ContentRating, Filters, Genre


def label_of(kind: str, value: str) -> str:
    """One mark."""
    return f"{kind}:{value}"


def labels_of(genre: Genre | None, rating: ContentRating | None, access_type: AccessType | None) -> frozenset[str]:
    """The marks of a character, or those a search asks for."""
    marks = {"genre": genre, "rating": rating, "access": access_type}
    return frozenset(label_of(kind, value) for kind, value in marks.items() if value is not None)


def labels_asked(filters: Filters) -> frozenset[str]:
    """What a character must bear to fit the filters."""
    exact = labels_of(filters.genre, filters.rating, filters.access_type)
    return exact | {label_of("tag", tag) for tag in filters.tags}
