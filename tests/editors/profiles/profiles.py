"""The clients that the server is tried with, by what they declare."""

from __future__ import annotations

from lsprotocol import types
from pytest_lsp import client_capabilities

#: pytest-lsp's own records of what editors declare: the newest, and of Neovim the oldest too.
SHIPPED = ("visual-studio-code@1.65.2", "neovim@0.11.0", "neovim@0.6.1", "emacs@29.1")

#: Clients of our own making.
MADE = ("nothing", "pulls", "explorer")

NAMES = (*SHIPPED, *MADE)


def profile(name: str) -> types.ClientCapabilities:
    """The capabilities of a client in `NAMES`."""
    if name == "nothing":
        return types.ClientCapabilities()
    if name == "pulls":
        return _pulling()
    if name == "explorer":
        return _exploring()
    return client_capabilities(name)


def _pulling() -> types.ClientCapabilities:
    """A Neovim that asks for diagnostics and is not to be sent any."""
    capabilities = client_capabilities("neovim@0.11.0")
    assert capabilities.text_document is not None
    capabilities.text_document.publish_diagnostics = None
    return capabilities


def _exploring() -> types.ClientCapabilities:
    """VS Code with our extension."""
    capabilities = client_capabilities("visual-studio-code")
    capabilities.experimental = {"fastest": {
        "testItems": 2, "testRuns": 1,
        "clientCommands": ["fastest.client.run", "fastest.client.debug"]}}
    return capabilities
