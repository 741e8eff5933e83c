/** What is known of a proposal, in one line. `t` translates. */

import type { Proposal } from "./documents";

export type Translate = (message: string, ...given: (string | number)[]) => string;

export function headline(proposal: Proposal, t: Translate): string {
  const { passed, examples, unrun, ran, inputs } = proposal;
  if (unrun) return t("not run: {0}", unrun);
  const tested = examples
    ? t("{0}/{1} examples pass", passed, examples)
    : t("no example; {0}/{1} generated inputs end well", ran, inputs);
  return [tested, cost(proposal, t)].filter((part) => part !== "").join(" · ");
}

function cost({ complexity, claimed, measured_by }: Proposal, t: Translate): string {
  if (!complexity) return "";
  const measured = t("O({0}) measured by {1}", complexity, t(measured_by));
  return claimed && claimed !== complexity
    ? `${measured}, ${t("O({0}) claimed", claimed)}`
    : measured;
}

export function verdict(proposal: Proposal, candidates: number, t: Translate): string {
  const { verdict, alike, first_failure } = proposal;
  const same = t("{0} of {1} candidates do this", alike, candidates);
  const failed = first_failure && verdict.state === "refuted" ? `; ${first_failure}` : "";
  return `${t(verdict.state)} · ${same}${failed}`;
}
