"""What the contexts of one model have in common."""

from __future__ import annotations

from lemmata.engines.llama.calls import Cores
from lemmata.engines.llama.options import Options
from lemmata.engines.llama.prefixes import Prefixes
from lemmata.engines.llama.speculation import Speculation
from lemmata.engines.llama.widths import Widths


class Shared:
    """The finished prefixes, the cores, and what was measured of calls. May be used from any
    thread."""

    def __init__(self, options: Options) -> None:
        self.prefixes = Prefixes(options.prefix_mb << 20)
        self.cores = Cores(options.threads)
        self.speculation = Speculation(options.draft)
        self.widths = Widths()
