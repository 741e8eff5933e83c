"""A derivation with everything in it, how a person asks for it, and pictures of what comes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

DERIVATION = r"""<think>Stars and bars.</think>There are \(10\) stars and \(2\) bars.

1. So \(10 + 2 = 12\) places in a row.
2. Choose:
$$\binom{12}{2} = \frac{12 \cdot 11}{2} = 66.$$

Then \(2 + 2 = 5\). It costs $5 and not $6.

```python
print(6 * 11)
```

The pairs are \(f(x) = 11 - x\).

The answer is \(\boxed{66}\)."""


def ask(page: Any, problem: str, votes: str = "1") -> None:
    expect(page.locator("#model option").first).to_be_attached()
    page.select_option("#votes", votes)
    page.fill("#problem", problem)
    page.press("#problem", "Enter")


def photograph(page: Any, name: str, at: Any = None) -> None:
    """For the docs, when LEMMATA_SCREENSHOTS names a folder; with `at` at the top."""
    if folder := os.environ.get("LEMMATA_SCREENSHOTS"):
        if at is not None:
            at.evaluate("node => { node.scrollIntoView(); scrollBy(0, -110); }")
            page.wait_for_timeout(500)
        page.screenshot(path=Path(folder) / f"{name}.png")
