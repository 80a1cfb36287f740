"""Hooks of schemathesis: most ids it makes up become ids that may exist, or nothing but 404 would be tried."""

from typing import Any

import schemathesis

_MAY_EXIST = {"character_id": 4, "message_id": 300, "memory_id": 100, "variant_id": 3}
"""How many of each the run comes to have, about."""


@schemathesis.hook
def map_path_parameters(_context: schemathesis.HookContext, path_parameters: dict[str, Any] | None) -> Any:
    """Three of four whole numbers."""
    for name, most in _MAY_EXIST.items():
        value = (path_parameters or {}).get(name)
        if path_parameters is not None and isinstance(value, int) and value % 4:
            path_parameters[name] = 1 + value % most
    return path_parameters
