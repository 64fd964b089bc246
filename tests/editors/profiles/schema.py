"""Whether lsprotocol, which has LSP's types from its meta model, understands all of a message."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from cattrs.errors import BaseValidationError
from lsprotocol import types
from lsprotocol.converters import get_converter
from recording import Json

CONVERTER = get_converter()


def unknown_parts(method: str, body: Json) -> Iterator[str]:
    """What of a message cannot be read, or would be passed over as unknown."""
    known = types.METHOD_TO_TYPES.get(method)
    if known is None:
        yield "LSP does not have it"
        return
    kind: Any = known[0]
    if "error" in body:
        kind = types.ResponseErrorMessage
    elif "method" not in body:
        kind = known[1]
    try:
        read = CONVERTER.structure(copy.deepcopy(body), kind)
    except (BaseValidationError, ValueError, TypeError, KeyError) as error:
        yield f"it cannot be read: {error!r}: {body}"
        return
    yield from _lost(body, CONVERTER.unstructure(read, unstructure_as=kind), "")


def _lost(sent: Any, read: Any, path: str) -> Iterator[str]:
    """What was sent and is not in what was read."""
    if isinstance(sent, dict) and isinstance(read, dict):
        for name, value in sent.items():
            here = f"{path}.{name}" if path else name
            if name not in read and value is not None:
                yield f"`{here}` is nothing that LSP knows"
            elif name in read:
                yield from _lost(value, read[name], here)
    elif isinstance(sent, list) and isinstance(read, list) and len(sent) == len(read):
        for at, (one, other) in enumerate(zip(sent, read)):
            yield from _lost(one, other, f"{path}[{at}]")
    elif sent != read:
        yield f"`{path}` is {sent!r}, which is read as {read!r}"
