// One question and its answer: the vote as it stands, the thinking folded, the derivation with its
// marks, the verdict with its evidence.

import { copy, h, iconButton } from "./dom.js";
import { Derivation, soon } from "./derivation.js";
import { known, number, say } from "./language.js";
import { retold } from "./reasons.js";
import { showAnswer, show } from "./render.js";
import { plotted } from "./plot.js";
import { asLatex, asMarkdown } from "./documents.js";

const PLOT_EDGE = 26; // pixels of its frame

export class Turn {
  /** @param {{edit: () => void, place: number}} given */
  constructor(problem, choices, given) {
    this.problem = problem;
    this.choices = choices ?? {};
    this.place = given.place;
    this.edit = given.edit;
    this.solution = null;
    this.tallied = new Map();
    this.sample = 0;
    this.question = h("div", { class: "question" }, problem);
    this.asked = h("div", { class: "asked" });
    this.remark = h("p", { class: "remark", hidden: true });
    this.thought = h("div", { tabIndex: 0, role: "region" });
    this.summary = h("summary", {});
    this.thinking = h("details", { class: "thinking", hidden: true }, this.summary, this.thought);
    this.derivation = new Derivation(problem);
    this.vote = h("ul", { class: "tally", hidden: true });
    this.verdict = h("div", { class: "verdict", hidden: true });
    this.plot = h("div", { class: "plot", hidden: true });
    this.actions = h("div", { class: "actions", hidden: true });
    this.answer = h("div", { class: "answer", "aria-busy": "true" }, this.remark, this.thinking, this.derivation.node, this.vote, this.verdict, this.plot, this.actions);
    this.node = h("article", { class: "turn live" }, this.question, this.asked, this.answer);
    if (/[$\\]/.test(problem)) show(this.question, problem).then(() => this.question.classList.add("drawn"));
    this.speak();
    this.working();
  }

  speak() {
    const { model, role, votes } = this.choices;
    const told = [model, role, votes > 1 ? say("derivations", { count: votes }) : null].filter(Boolean).join(" · ");
    this.asked.replaceChildren(h("span", {}, told), iconButton("edit", say("edit"), this.edit));
    this.summary.textContent = say("thinking");
    this.thought.setAttribute("aria-label", say("thinking"));
    if (this.groups) this.bars(this.groups);
    if (this.solution) this.conclude(this.solution);
    this.derivation.speak();
  }

  /** One event of a streamed solution. */
  hear({ name, data }) {
    const heard = { notice: () => this.note(data.text), piece: () => this.piece(data), candidate: () => this.candidate(data), standing: () => this.standing(data), plan: () => this.note(data.parts.join(" → ")), part: () => this.part(data), repair: () => this.repair(data), solution: () => this.finish(data) }[name];
    heard?.();
  }

  note(text) {
    this.remark.textContent = text;
    this.remark.hidden = !text;
  }

  piece(data) {
    this.wait?.remove();
    this.wait = null;
    if (data.sample !== this.sample) return;
    if (data.kind === "reasoning") {
      this.thinking.hidden = false;
      this.thought.append(data.text);
      return;
    }
    this.derivation.add(data.text);
  }

  part(data) {
    this.note(data.question);
    this.sample = 0;
    if (data.index) this.derivation.add("\n\n");
  }

  /** The model takes up a derivation again: the new one is shown. */
  repair(data) {
    this.note(say("repairing", { step: data.step + 1, reason: data.reason }));
    this.sample = data.sample;
    this.derivation.restart();
  }

  candidate(data) {
    const answer = data.answer ?? say("noAnswer");
    this.tallied.set(answer, (this.tallied.get(answer) ?? 0) + 1);
    if ((this.choices.votes ?? 1) > 1 && !this.stands) this.bars([...this.tallied].sort((a, b) => b[1] - a[1]).map(([value, count]) => [value, count, count]));
  }

  standing(data) {
    if ((this.choices.votes ?? 1) < 2) return;
    this.stands = true;
    this.bars(data.groups, data.confidence);
  }

  /** @param {[string, number, number][]} groups answer, weight, samples; the leader first */
  bars(groups) {
    this.groups = groups;
    const total = groups.reduce((sum, group) => sum + group[1], 0) || 1;
    this.vote.hidden = groups.length === 0;
    this.vote.replaceChildren(...groups.slice(0, 6).map(([value, weight, samples]) => {
      const bar = h("span", {});
      bar.style.width = `${(100 * weight) / total}%`;
      const shown = h("span", { class: "value", title: value });
      showAnswer(shown, value);
      return h("li", {}, shown, h("span", { class: "bar" }, bar), h("span", { class: "count", title: say("derivations", { count: samples }) }, `× ${samples}`));
    }));
  }

  finish(solution) {
    this.solution = solution;
    this.end();
    this.derivation.finish(solution.derivation, solution.steps);
    this.thought.textContent = solution.reasoning;
    this.thinking.hidden = !solution.reasoning;
    this.conclude(solution);
    soon(() => plotted(solution.derivation, () => this.answer.clientWidth - PLOT_EDGE).then((drawn) => {
      this.plot.hidden = !drawn;
      if (drawn) this.plot.replaceChildren(drawn);
    }));
  }

  /** A turn of a conversation that was kept. @returns {() => void} draws it, once it is near */
  kept(solution, derivation) {
    this.end();
    const whole = { problem: this.problem, derivation, steps: [], evidence: [], reasoning: "", answer: null, verdict: { state: "unverified", reason: "" }, tokens: 0, seconds: 0, ...solution };
    return () => this.finish(whole);
  }

  conclude(solution) {
    const { state, reason } = solution.verdict;
    const result = h("p", { class: "result", tabIndex: 0, role: "group", "aria-label": say("answer") });
    showAnswer(result, solution.answer ?? say("noAnswer"));
    this.verdict.className = `verdict ${state}`;
    this.verdict.hidden = false;
    this.verdict.replaceChildren(result,
      h("p", { class: "state" }, h("strong", {}, known(state) ? say(state) : state), h("span", {}, retold(reason))),
      ...(solution.evidence.length ? [h("ul", {}, ...solution.evidence.map((line) => h("li", {}, retold(line))))] : []));
    this.finishActions(solution);
  }

  finishActions(solution) {
    const cost = say("cost", { tokens: number(solution.tokens), seconds: number(solution.seconds, 1) });
    const button = (label, text) => {
      const made = h("button", { type: "button", class: "quiet small" }, label);
      made.addEventListener("click", async () => {
        made.textContent = (await copy(text())) ? say("copied") : label;
        setTimeout(() => { made.textContent = label; }, 1500);
      });
      return made;
    };
    this.actions.hidden = false;
    this.actions.replaceChildren(h("span", { class: "cost" }, cost), button(say("copyMarkdown"), () => asMarkdown(solution)), button(say("copyLatex"), () => asLatex(solution)));
  }

  /** @param {string} text or the name of one @param {(() => void) | null} [goOn] */
  fail(text, goOn = null) {
    this.end();
    this.derivation.lay(false);
    this.fault = h("div", { class: "row left" }, h("p", { class: "fault", role: "alert", ...(known(text) ? { "data-say": text } : {}) }, known(text) ? say(text) : text),
      goOn ? h("button", { type: "button", class: "small", "data-say": "resume", onclick: goOn }, say("resume")) : null);
    this.answer.append(this.fault);
  }

  /** It is gone on with. */
  again() {
    this.fault?.remove();
    this.node.classList.add("live");
    this.answer.setAttribute("aria-busy", "true");
    this.working();
  }

  working() {
    this.wait = h("p", { class: "remark working", "data-say": "working" }, say("working"));
    this.answer.prepend(this.wait);
  }

  end() {
    this.wait?.remove();
    this.wait = null;
    this.node.classList.remove("live");
    this.answer.setAttribute("aria-busy", "false");
    this.onend?.();
  }
}
