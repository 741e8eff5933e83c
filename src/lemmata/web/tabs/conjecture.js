// Conjecture: a statement is understood, shown back, corrected, and searched for a counterexample.

import { h, icon } from "../dom.js";
import { current, inEveryLanguage, learn, say, translate } from "../language.js";
import { call, get } from "../server.js";
import { notice } from "../app.js";
import { table } from "../jobs.js";
import { learnReasons, retold } from "../reasons.js";
import { REFUSALS } from "../refusals.js";
import { formula, libraries } from "../render.js";
import { Searched } from "../searched.js";
import { conjecture as words } from "../words/conjecture.js";

learn(words);
learnReasons(REFUSALS);
const EXAMPLES = ["conjecture1", "conjecture2", "conjecture3"];

export function make() {
  const page = new Conjecture();
  return { node: page.node, opened: (id) => page.opened(id) };
}

class Conjecture {
  constructor() {
    this.statement = h("textarea", { id: "statement", rows: 2, required: true, minLength: 3, maxLength: 2000, "data-hole": "statementHole" });
    this.model = h("input", { id: "let-model", type: "checkbox" });
    this.examples = h("ul", { class: "examples" });
    this.fault = h("p", { class: "fault", role: "alert", hidden: true });
    this.failed = "";
    this.understood();
    this.watched = h("div", {});
    this.jobs = h("div", { class: "wide", tabIndex: 0, role: "region", "data-label": "searches" });
    this.node = h("section", { class: "sheet" }, h("h1", { "data-say": "conjecture" }), h("p", { class: "lead", "data-say": "conjectureMore" }),
      h("form", { class: "card", onsubmit: (event) => { event.preventDefault(); this.read(); } },
        h("div", { class: "field" }, h("label", { htmlFor: "statement", "data-say": "statement" }), this.statement),
        this.examples,
        h("div", { class: "row" }, h("button", { type: "submit", class: "primary", id: "understand" }, h("span", { "data-say": "understand" })), h("label", { class: "check" }, this.model, h("span", { "data-say": "letModel" }))),
        this.fault),
      this.shown, this.watched,
      h("article", { class: "card" }, h("h2", { "data-say": "searches" }), this.jobs));
    inEveryLanguage(() => this.speak());
  }

  /** The card that shows back what would be searched. */
  understood() {
    const field = (label, control) => h("div", { class: "field" }, h("label", { htmlFor: control.id, "data-say": label }), control);
    this.meaning = h("p", { class: "known" });
    this.formula = h("div", { class: "said" });
    this.writer = h("p", { class: "tag warn", hidden: true });
    this.spec = h("textarea", { id: "spec", rows: 3, spellcheck: false, class: "code", oninput: () => { this.meant = null; } });
    this.budget = h("input", { id: "budget", type: "number", min: 1, max: 28800, value: 60, required: true });
    this.limit = h("input", { id: "search-limit", type: "number", min: 1, max: 1e15 });
    this.seed = h("input", { id: "search-seed", type: "number", min: 0, max: 2 ** 31 - 1, value: 0 });
    this.shown = h("form", { class: "card", hidden: true, id: "understood", onsubmit: (event) => { event.preventDefault(); this.search(); } },
      h("h2", { "data-say": "isThisMeant" }), h("div", { "aria-live": "polite" }, this.meaning, this.formula, this.writer),
      field("spec", this.spec), h("p", { class: "hint", "data-say": "specHelp" }),
      h("div", { class: "row" }, h("button", { type: "button", id: "read-again", onclick: () => this.read(this.spec.value) }, h("span", { "data-say": "readAgain" })), field("budget", this.budget), field("upTo", this.limit), field("seed", this.seed),
        h("button", { type: "submit", class: "primary", id: "search-it" }, icon("run"), h("span", { "data-say": "searchIt" }))));
  }

  speak() {
    translate(this.node);
    this.examples.replaceChildren(...EXAMPLES.map((name) => h("li", {}, h("button", { type: "button", onclick: () => { this.statement.value = say(name); this.statement.focus(); } }, say(name)))));
    if (this.meant) this.tell(this.meant);
    this.fault.textContent = retold(this.failed);
    if (this.followed?.now) this.followed.job(this.followed.now);
    else if (this.node.isConnected) this.refresh();
  }

  async opened(id) {
    await this.refresh();
    const job = this.known?.find((one) => one.id === id) ?? this.known?.find((one) => one.state === "running");
    if (job && job.id !== this.followed?.id) this.watch(job);
  }

  async refresh() {
    try {
      this.known = (await get("/api/jobs?kind=conjecture")).jobs;
      this.jobs.replaceChildren(table(this.known, { open: (job) => this.watch(job), refresh: () => this.refresh() }));
    } catch (error) {
      notice(error.message);
    }
  }

  /** Have the statement, or the spec as corrected, understood; whether it was. */
  async read(text) {
    this.fail(say("understanding"), "remark working");
    try {
      this.tell(await call("POST", "/api/conjecture/formalise", { statement: this.statement.value.trim() || text, ...(text ? { text } : { model: this.model.checked }) }));
      this.fail("");
      return true;
    } catch (error) {
      this.fail(error.message);
      this.unread();
      return false;
    }
  }

  fail(text, look = "fault") {
    this.fault.className = look;
    this.failed = text;
    this.fault.textContent = retold(text);
    this.fault.hidden = !text;
  }

  /** Nothing was understood: it can be written by hand. */
  unread() {
    this.meant = null;
    this.meaning.textContent = "";
    this.formula.replaceChildren();
    this.writer.hidden = true;
    this.shown.hidden = false;
  }

  tell(told) {
    this.meant = told;
    this.meaning.textContent = current() === "zh" ? told.words_zh : told.words;
    this.spec.value = told.text;
    this.writer.hidden = !told.formalised_by;
    if (told.formalised_by) this.writer.textContent = say("byModel", { model: told.formalised_by });
    this.shown.hidden = false;
    libraries().then(({ katex }) => this.formula.replaceChildren(formula(katex, { tex: told.latex, display: true })));
  }

  /** What was changed since it was read is shown back first. */
  async search() {
    if (!this.meant) {
      await this.read(this.spec.value);
      return;
    }
    const body = { statement: this.meant.statement, spec: this.meant.text, budget_s: Number(this.budget.value), seed: Number(this.seed.value) };
    if (this.limit.value) body.limit = Number(this.limit.value);
    try {
      notice("");
      this.watch(await call("POST", "/api/conjecture", body));
    } catch (error) {
      this.fail(error.message);
    }
  }

  watch(job) {
    this.followed?.leave();
    this.followed = new Searched(job, () => this.refresh());
    this.watched.replaceChildren(this.followed.node);
    history.replaceState(null, "", `#conjecture/${job.id}`);
    this.followed.node.scrollIntoView({ block: "nearest" });
  }
}
