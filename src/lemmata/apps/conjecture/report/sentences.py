"""The one sentence that says what is known, in English and Chinese; nothing beyond the facts."""

from __future__ import annotations

from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.words import Language
from lemmata.apps.conjecture.search.events import Outcome
from lemmata.apps.conjecture.search.points import from_json, say


def known(spec: Spec, outcome: Outcome, language: Language = "en") -> str:
    """For example: `Refuted: n = 40 is the smallest counterexample.`"""
    undefined = outcome.tally["undefined"] if outcome.counterexample is None else 0
    if language == "zh":
        aside = f"（有 {undefined:,} 个点上命题无定义，未计入）" if undefined else ""
        return _chinese(spec, outcome) + aside
    aside = f" Left out: {undefined:,} points where it is undefined." if undefined else ""
    return _english(spec, outcome) + aside


def _english(spec: Spec, outcome: Outcome) -> str:
    if outcome.counterexample is not None:
        said = say(spec, from_json(outcome.counterexample))
        if outcome.minimal:
            return f"Refuted: {said} is the smallest counterexample."
        return f"Refuted: {said} is a counterexample (a smaller one is not ruled out)."
    if outcome.state == "proved" and outcome.complete:
        checked = f"all {_domain(spec)} were checked, {outcome.points:,} cases"
        return f"Proved on the bounded domain: {checked}."
    if outcome.state == "proved":
        assert outcome.proof is not None
        by = outcome.proof["by"]
        return f"Proved by {by} for the whole domain; the proof rests on the solver."
    if _untested(outcome):
        return "Nothing was tested: no point met the condition. This is no evidence."
    parts = [f"No counterexample {_extent(spec, outcome)}"]
    if outcome.proof is not None:
        parts.append(f"{outcome.proof['by']} found none with |value| ≤ {outcome.proof['box']:,}")
    if outcome.tally["out_of_reach"]:
        parts.append(f"{outcome.tally['out_of_reach']:,} points were too costly to decide")
    if outcome.tally["unconfirmed"]:
        seems = say(spec, from_json(outcome.tally["unconfirmed"][0]))
        parts.append(f"it seems to fail at {seems}, which could not be confirmed")
    return f"{'; '.join(parts)}. This is evidence, not a proof."


def _untested(outcome: Outcome) -> bool:
    """Whether the condition was met nowhere: then nothing speaks for the claim."""
    tally = outcome.tally
    met = tally["points"] or tally["out_of_reach"] or tally["undefined"] or tally["unconfirmed"]
    return outcome.covered >= 0 and not met and outcome.proof is None


def _domain(spec: Spec) -> str:
    return "graphs, one of each kind" if spec.variables[0].sort == "graph" else "points"


def _extent(spec: Spec, outcome: Outcome) -> str:
    """What is covered without a gap."""
    if outcome.tally["points"] == 0 or outcome.covered < 0:
        return "among the few points decided"
    if spec.variables[0].sort == "graph":
        return f"among all graphs with at most {outcome.covered} vertices"
    if len(spec.variables) == 1 and spec.variables[0].sort == "integer":
        name, low = spec.variables[0].name, spec.variables[0].low
        span = name if low is not None and low >= 0 else f"|{name}|"
        return f"for {span} ≤ {outcome.covered:,}"
    if any(variable.sort == "real" for variable in spec.variables):
        return f"among all fractions with numerator and denominator at most {outcome.covered:,}"
    return f"among all points whose values are at most {outcome.covered:,} in size"


def _chinese(spec: Spec, outcome: Outcome) -> str:
    if outcome.counterexample is not None:
        said = say(spec, from_json(outcome.counterexample))
        least = "最小反例" if outcome.minimal else "一个反例（不排除更小的反例）"
        return f"已否定：{said} 是{least}。"
    if outcome.state == "proved" and outcome.complete:
        return f"在有限范围内已证明：逐一检验了全部 {outcome.points:,} 种情形。"
    if outcome.state == "proved":
        assert outcome.proof is not None
        return f"{outcome.proof['by']} 在整个范围内给出证明；该证明依赖求解器。"
    if _untested(outcome):
        return "没有检验任何情形：没有一个点满足条件。这不构成证据。"
    parts = [f"{_chinese_extent(spec, outcome)}没有反例"]
    if outcome.proof is not None:
        parts.append(
            f"{outcome.proof['by']} 在绝对值不超过 {outcome.proof['box']:,} 时没有找到反例"
        )
    if outcome.tally["out_of_reach"]:
        parts.append(f"有 {outcome.tally['out_of_reach']:,} 个点代价过高而未判定")
    if outcome.tally["unconfirmed"]:
        seems = say(spec, from_json(outcome.tally["unconfirmed"][0]))
        parts.append(f"在 {seems} 处似乎不成立，但未能确认")
    return f"{'；'.join(parts)}。这是证据，不是证明。"


def _chinese_extent(spec: Spec, outcome: Outcome) -> str:
    if outcome.tally["points"] == 0 or outcome.covered < 0:
        return "在已判定的少数点中"
    if spec.variables[0].sort == "graph":
        return f"顶点数不超过 {outcome.covered} 的全部图中"
    if len(spec.variables) == 1 and spec.variables[0].sort == "integer":
        name, low = spec.variables[0].name, spec.variables[0].low
        span = name if low is not None and low >= 0 else f"|{name}|"
        return f"{span} ≤ {outcome.covered:,} 时"
    if any(variable.sort == "real" for variable in spec.variables):
        return f"分子分母都不超过 {outcome.covered:,} 的分数中"
    return f"各变量绝对值不超过 {outcome.covered:,} 的全部点中"


def measure_name(outcome: Outcome) -> tuple[str, str]:
    """The name of the near misses' measure, in English and Chinese."""
    if outcome.near_kind == "witness":
        return "least witness", "最小见证"
    return "what the inequality has to spare", "不等式的余量"
