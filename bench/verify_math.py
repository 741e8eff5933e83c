"""Our answer checker against math-verify: recall, precision, speed, hangs.

    python bench/verify_math.py --data FOLDER [--json bench/results/verify_math.json]

FOLDER holds gsm8k-test.jsonl, mgsm-en-zh.jsonl, aime24.jsonl, aime25.jsonl and hmmt25.jsonl. Each
gold answer is written in other surface forms of the same value and in near misses of another value
by a generator seeded with the row's index; tests/data/verify adds the pairs of every category, and
`hostile.tsv` the adversarial ones. Recall: share of equal pairs called correct. Precision:
share of pairs called correct that are equal. math-verify runs in a process that is killed after
five seconds.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

HANG_S = 5.0
TABLES = Path(__file__).parent.parent / "tests/data/verify"
Pair = tuple[str, str, str, bool]  # group, answer, gold, equal


def golds(folder: Path) -> Iterator[tuple[str, str]]:
    """(data set, gold answer) of every row."""
    for name in ("gsm8k-test", "mgsm-en-zh", "aime24", "aime25", "hmmt25"):
        for line in (folder / f"{name}.jsonl").read_text().splitlines():
            answer = str(json.loads(line)["answer"])
            yield (
                name,
                answer.split("####")[-1].strip().replace(",", "") if "####" in answer else answer,
            )


def plain_forms(n: int) -> list[str]:
    """How models write a whole number when they write it plainly."""
    return [
        str(n),
        f"\\boxed{{{n}}}",
        f"${n}$",
        f"{n}.",
        f"{n}.0",
        f"{n:,}",
        f"\\({n}\\)",
        f"**{n}**",
    ]


def integer_forms(n: int, chance: random.Random) -> list[str]:
    """The same whole number in other clothes."""
    k = chance.randint(2, 9)
    tex = f"{n:,}".replace(",", "{,}")
    wide = str(n).translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
    return [
        *plain_forms(n),
        f"\\boxed{{{tex}}}",
        f"\\text{{{n}}}",
        f"x = {n}",
        f"The answer is {n}.",
        f"The final answer is $\\boxed{{{n}}}$.",
        f"答案：{n}",
        f"所以答案是{n}。",
        f"#### {n}",
        wide,
        f"{n} dollars",
        f"\\${n}",
        f"{n}\\text{{ apples}}",
        f"{n}个",
        f"{n}元",
        f"\\frac{{{n * k}}}{{{k}}}",
        f"{n * k}/{k}",
        f"{n - k} + {k}",
        f"{n + k} - {k}",
        f"\\dfrac{{{2 * n}}}{{2}}",
        f"{n}.00",
        f"$$ {n} $$",
        f"\\boxed{{\\text{{{n}}}}}",
        f"{n} \\text{{ units}}",
        f"\\left({n}\\right)",
        f"So we get {n - k} + {k} = {n}.\nTherefore the answer is \\boxed{{{n}}}.",
        f"{n / 10:.1f} \\times 10^1",
    ]


def integer_misses(n: int, chance: random.Random) -> list[str]:
    """Other values that look like it."""
    k = chance.randint(2, 9)
    swapped = str(abs(n))[::-1].lstrip("0") or "7"
    return [
        str(n + 1),
        str(n - 1),
        f"\\boxed{{{n + k}}}",
        f"{n}0",
        f"{n}.5",
        f"{n}.01",
        f"\\frac{{{n * k + 1}}}{{{k}}}",
        f"x = {n + 1}",
        f"The answer is {n + 10}.",
        f"答案：{n + 1}",
        f"#### {n - 1}",
        f"{n}/{k}" if n else f"1/{k}",
        f"{n + 1} dollars",
        f"\\frac{{1}}{{{n}}}" if n not in (1, 0) else "2",
        f"{n} + 10^{{-30}}",
        swapped if int(swapped) != n else str(n + 11),
        f"-{n}" if n > 0 else str(1 - n),
        f"({n}, {n})",
        f"{n - 1}.{'9' * 12}",
    ]


def fraction_forms(value: Fraction, chance: random.Random) -> list[str]:
    p, q, k = value.numerator, value.denominator, chance.randint(2, 9)
    whole, rest = divmod(abs(p), q)
    sign = "-" if p < 0 else ""
    found = [
        f"\\frac{{{p}}}{{{q}}}",
        f"\\dfrac{{{p}}}{{{q}}}",
        f"{p}/{q}",
        f"\\boxed{{\\frac{{{p}}}{{{q}}}}}",
        f"\\frac{{{p * k}}}{{{q * k}}}",
        f"$\\tfrac{{{p}}}{{{q}}}$",
        f"{p} \\div {q}",
        f"x=\\frac{{{p}}}{{{q}}}",
        f"{p * k}/{q * k}",
        f"The answer is ${p}/{q}$.",
        f"{q}分之{p}" if p > 0 else f"{p}/{q}",
    ]
    return found + ([f"{sign}{whole}\\frac{{{rest}}}{{{q}}}"] if whole else [])


def fraction_misses(value: Fraction) -> list[str]:
    p, q = value.numerator, value.denominator
    return [
        f"\\frac{{{p + 1}}}{{{q}}}",
        f"\\frac{{{p}}}{{{q + 1}}}",
        f"\\frac{{{q}}}{{{p}}}",
        f"-\\frac{{{p}}}{{{q}}}",
        f"{p / q:.6f}" if Fraction(f"{p / q:.6f}") != value else str(p),
        str(p),
        f"{p}{q}",
    ]


def expression_forms(text: str) -> list[str]:
    return [
        text,
        f"\\boxed{{{text}}}",
        f"${text}$",
        f"({text})",
        f"\\left({text}\\right)",
        f"\\frac{{2({text})}}{{2}}",
        f"({text}) + 1 - 1",
        f"x = {text}",
        text.replace("\\frac", "\\dfrac"),
        f"The answer is ${text}$.",
        f"0 + {text}",
    ]


def expression_misses(text: str) -> list[str]:
    return [
        f"({text}) + 1",
        f"-({text})",
        f"2({text})",
        f"({text}) + 10^{{-30}}",
        f"\\frac{{{text}}}{{2}}",
        f"\\sqrt{{2}}({text})",
    ]


def forms(gold: str, chance: random.Random) -> tuple[list[str], list[str]]:
    if re.fullmatch(r"-?\d+", gold):
        return integer_forms(int(gold), chance), integer_misses(int(gold), chance)
    ratio = re.fullmatch(r"\\frac\{(\d+)\}\{(\d+)\}", gold)
    if ratio:
        value = Fraction(int(ratio[1]), int(ratio[2]))
        return fraction_forms(value, chance), fraction_misses(value)
    if "," in gold:
        parts = [part.strip() for part in gold.split(",")]
        return [gold, ", ".join(reversed(parts)), f"\\boxed{{{gold}}}"], [
            parts[0],
            f"{parts[0]}, {parts[0]}",
        ]
    return expression_forms(gold), expression_misses(gold)


def data_pairs(folder: Path, each: int) -> list[Pair]:
    out: list[Pair] = []
    for index, (name, gold) in enumerate(golds(folder)):
        chance = random.Random(index)
        same, other = forms(gold, chance)
        n = each if name.startswith(("gsm", "mgsm")) else 4 * each
        out += [(name, text, gold, True) for text in chance.sample(same, min(n, len(same)))]
        out += [(name, text, gold, False) for text in chance.sample(other, min(n, len(other)))]
    return out


def table_pairs() -> list[Pair]:
    out: list[Pair] = []
    for name, equal in (("equal", True), ("different", False)):
        for line in (TABLES / f"{name}.tsv").read_text().splitlines():
            if line and not line.startswith("#"):
                _, answer, gold = line.split("\t")
                out.append(("tables", answer, gold, equal))
    for line in (TABLES / "hostile.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            expected, answer, gold = line.split("\t")
            out.append(("hostile", answer, gold, expected == "equal"))
    return out


def ours() -> Callable[[str, str], str]:
    from lemmata.verify import verify_math

    return lambda answer, gold: verify_math(answer, gold).state


def _peer_loop(pipe: Any) -> None:
    import logging

    from math_verify import parse, verify

    logging.disable(logging.CRITICAL)

    def dressed(text: str) -> str:
        prose = (
            "$" in text
            or "boxed" in text
            or re.search(r"[a-z]{3,} [a-z]{2,}|[\u4e00-\u9fff]|####", text)
        )
        return text if prose else f"${text}$"

    while True:
        answer, gold = pipe.recv()
        start = time.perf_counter()
        try:
            verdict = (
                "correct" if verify(parse(dressed(gold)), parse(dressed(answer))) else "incorrect"
            )
        except Exception as error:  # noqa: BLE001 - whatever it raises is its verdict
            verdict = f"error {type(error).__name__}"
        pipe.send((verdict, time.perf_counter() - start))


class Peer:
    """math-verify in a process of its own, killed and restarted when it hangs."""

    def __init__(self) -> None:
        self.process: Any = None

    def start(self) -> None:
        self.pipe, theirs = mp.Pipe()
        self.process = mp.Process(target=_peer_loop, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.pipe.send(("1", "1"))
        self.pipe.recv()

    def __call__(self, answer: str, gold: str) -> tuple[str, float]:
        if self.process is None:
            self.start()
        self.pipe.send((answer, gold))
        try:
            if self.pipe.poll(HANG_S):
                return self.pipe.recv()
        except EOFError:
            pass
        self.process.kill()
        self.process = None
        return "hang", HANG_S


def summary(pairs: list[Pair], verdicts: list[str], seconds: list[float]) -> dict[str, Any]:
    equal = [v for p, v in zip(pairs, verdicts, strict=True) if p[3]]
    called = [p[3] for p, v in zip(pairs, verdicts, strict=True) if v == "correct"]
    return {
        "pairs": len(pairs),
        "recall": round(sum(v == "correct" for v in equal) / max(1, len(equal)), 5),
        "precision": round(sum(called) / max(1, len(called)), 5),
        "wrongly called correct": sum(not right for right in called),
        "undecided": sum(v == "undecided" for v in verdicts),
        "hangs": verdicts.count("hang"),
        "median ms": round(1000 * statistics.median(seconds), 4),
        "p99 ms": round(1000 * sorted(seconds)[int(0.99 * (len(seconds) - 1))], 3),
        "worst s": round(max(seconds), 2),
    }


def measure(
    pairs: list[Pair], check: Callable[[str, str], Any], show: bool
) -> tuple[list[str], list[float]]:
    verdicts, seconds = [], []
    for group, answer, gold, equal in pairs:
        start = time.perf_counter()
        found = check(answer, gold)
        verdict, spent = found if isinstance(found, tuple) else (found, time.perf_counter() - start)
        verdicts.append(verdict)
        seconds.append(spent)
        if show and (verdict == "correct") != equal and (equal or verdict == "correct"):
            print(f"- {group}: {answer[:70]!r} against {gold[:50]!r}: {verdict}")
    return verdicts, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--each", type=int, default=1, help="forms and misses a gold answer")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", action="store_true", help="print what we get wrong")
    parser.add_argument("--ours-only", action="store_true")
    args = parser.parse_args()
    pairs = data_pairs(args.data, args.each) + table_pairs()
    plain = [("plain", form, str(n), True) for n in range(3, 4000, 61) for form in plain_forms(n)]
    plain += [("plain", f"\\frac{{{n}}}{{7}}", f"{n}/7", True) for n in range(1, 200, 3)]
    checkers: dict[str, Any] = {"lemmata": ours()}
    if not args.ours_only:
        checkers["math-verify"] = Peer()
    report: dict[str, Any] = {}
    for name, check in checkers.items():
        check("1", "\\frac12")
        verdicts, seconds = measure(pairs, check, args.show and name == "lemmata")
        rows: dict[str, Any] = {"all": summary(pairs, verdicts, seconds)}
        for group in dict.fromkeys(pair[0] for pair in pairs):
            at = [i for i, pair in enumerate(pairs) if pair[0] == group]
            rows[group] = summary(
                [pairs[i] for i in at], [verdicts[i] for i in at], [seconds[i] for i in at]
            )
        rows["plain"] = summary(plain, *measure(plain, check, False))
        report[name] = rows
    print_table(report)
    if args.json:
        args.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


def print_table(report: dict[str, Any]) -> None:
    columns = ("pairs", "recall", "precision", "wrongly called correct", "undecided", "hangs")
    columns += ("median ms", "worst s")
    print(f"{'group':12} {'checker':12}" + "".join(f" {c[:14]:>14}" for c in columns))
    for group in next(iter(report.values())):
        for name, rows in report.items():
            print(f"{group:12} {name:12}" + "".join(f" {rows[group][c]:14}" for c in columns))


if __name__ == "__main__":
    main()
