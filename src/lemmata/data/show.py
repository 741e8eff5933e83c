"""The loss mask made visible: what of a sample is learnt, token by token."""

from __future__ import annotations

from rich.text import Text

from lemmata.data.render import Rendered

_GIVEN = "dim"
_LEARNT = ("green", "bright_green")
_STOP = "bold black on green"
OPEN, CLOSE = "⟦", "⟧"
"""Stand around what is learnt, so that the mask is plain without colours too."""


def masked(rendered: Rendered) -> Text:
    """The sample's text: given tokens dim, learnt ones green, the stop token solid."""
    shown = Text()
    for at, (begin, end) in enumerate(_tiled(rendered)):
        if at == rendered.start:
            shown.append(OPEN, "bold")
        shown.append(rendered.text[begin:end], _style(rendered, at))
    return shown.append(CLOSE, "bold")


def _style(rendered: Rendered, at: int) -> str:
    if at < rendered.start:
        return _GIVEN
    is_stop = bool(rendered.stop) and at == len(rendered.ids) - 1
    return _STOP if is_stop else _LEARNT[at % 2]


def _tiled(rendered: Rendered) -> list[tuple[int, int]]:
    """Spans that cover the text once: a character of several tokens belongs to the first."""
    done, tiled = 0, []
    for _, end in rendered.spans:
        tiled.append((done, max(done, end)))
        done = max(done, end)
    return tiled


def summary(rendered: Rendered) -> str:
    """One line of counts under the text."""
    learnt = len(rendered.ids) - rendered.start
    stop = f"ends with {rendered.stop}" if rendered.stop else "an open part: no stop token"
    return f"{len(rendered.ids)} tokens, {rendered.start} given, {learnt} learnt, {stop}"
