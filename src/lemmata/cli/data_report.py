"""What `lemmata data` prints: the report for people or as JSON, and loss masks in colour."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lemmata.errors import BadData

if TYPE_CHECKING:
    from lemmata.data.read import Source
    from lemmata.data.render import Renderer


def print_report(report: Mapping[str, Any], as_json: bool) -> None:
    """Counts with their reasons and the first places; on stdout."""
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    print(f"{report['rows']} rows, {report['examples']} examples, {report['kept']} kept")
    for title in ("dropped", "flagged"):
        for reason, count in report[title].items():
            print(f"{title:8} {count:6}  {reason}: {_places(report['evidence'].get(reason, []))}")
    shares = report["languages"]
    total = sum(shares.values()) or 1
    print("language " + ", ".join(f"{name} {n / total:.0%}" for name, n in shares.items()))
    if "audit" in report:
        _print_audit(report["audit"])
    if "train" in report:
        _print_files(report)


def _places(places: Sequence[str]) -> str:
    shown = "; ".join(place if len(place) < 90 else f"{place[:89]}…" for place in places[:3])
    return shown.replace("\n", " ")


def _print_audit(audit: Mapping[str, Any]) -> None:
    for kind, count in audit["faults"].items():
        print(f"audit    {count:6}  {kind}: {_places(audit['places'][kind])}")
    print(
        f"tokens   {audit['tokens']}, {audit['learnt_tokens']} of them learnt; the longest sample "
        f"has {audit['longest']} of {audit['max_tokens']}; cut 0, split {audit['rows_split']}"
    )


def _print_files(manifest: Mapping[str, Any]) -> None:
    for part in ("train", "heldout"):
        file = manifest[part]
        print(f"{part:8} {file['examples']:6}  {file['file']}  sha256 {file['sha256'][:12]}…")
    if "order" in manifest:
        order = manifest["order"]
        print(f"order    {order['measure']} from {order['easiest']:.3f} to {order['hardest']:.3f}")
    print(f"written to {manifest['out']}")


def show(
    sources: Sequence[Source], render: Renderer, rows: Sequence[int], role: str | None
) -> None:
    """Print the loss mask of these rows (lines of the first file that has them).

    Raises BadData for a row that is not there or cannot be rendered.
    """
    from rich.console import Console

    from lemmata.data.framing import frame
    from lemmata.data.render import RenderFault
    from lemmata.data.show import masked, summary
    from lemmata.data.tally import Tally

    console, tally = Console(highlight=False, soft_wrap=True), Tally()
    wanted, found = set(rows), set[int]()
    for source in sources:
        for sample in source.samples(tally):
            if sample.line not in wanted:
                continue
            try:
                rendered = render(frame(sample.example, role))
            except RenderFault as fault:
                raise BadData(f"{sample.place}: {fault}") from fault
            console.print(f"{sample.place}", style="bold")
            console.print(masked(rendered))
            console.print(summary(rendered), style="italic")
            found.add(sample.line)
    if missing := wanted - found:
        first = [places[0] for places in tally.evidence.values()]
        mend = f"Rows that cannot be read: {'; '.join(first)}" if first else ""
        raise BadData(f"there is no example in row {min(missing)}", mend)
