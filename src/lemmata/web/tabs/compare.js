// Compare: one question to two adapters, roles or languages, side by side.

import { h, icon } from "../dom.js";
import { inEveryLanguage, say, translate } from "../language.js";
import { get, post, whenReady } from "../server.js";
import { notice } from "../app.js";
import { Turn } from "../turn.js";

export function make() {
  const page = new Compare();
  return { node: page.node, opened: () => page.fill() };
}

class Compare {
  constructor() {
    this.problem = h("textarea", { id: "both", rows: 3, "data-hole": "ask" });
    this.sides = [0, 1].map((side) => this.side(side));
    this.go = h("button", { type: "submit", class: "primary" }, h("span", { "data-say": "compareIt" }));
    this.stop = h("button", { type: "button", hidden: true, onclick: () => this.abort?.abort() }, icon("stop"), h("span", { "data-say": "stop" }));
    this.answers = h("div", { class: "sides" });
    this.node = h("section", { class: "sheet wide-sheet" },
      h("h1", { "data-say": "compare" }), h("p", { class: "lead", "data-say": "compareMore" }),
      h("form", { class: "card", onsubmit: (event) => { event.preventDefault(); this.ask(); } },
        h("div", { class: "field" }, h("label", { htmlFor: "both", "data-say": "problem" }), this.problem),
        h("div", { class: "sides" }, ...this.sides.map((side) => side.node)),
        h("div", { class: "row" }, this.go, this.stop)),
      this.answers);
    inEveryLanguage(() => {
      translate(this.node);
      for (const turn of this.turns ?? []) turn.speak();
      for (const side of this.sides) for (const option of side.role.options) if (option.dataset.word) option.textContent = say(option.dataset.word);
    });
    addEventListener("keydown", (event) => { if (event.key === "Escape" && this.node.isConnected) this.abort?.abort(); });
  }

  side(number) {
    const name = ["left", "right"][number];
    const model = h("select", { id: `model-${name}` });
    const role = h("select", { id: `role-${name}` }, h("option", { value: "", "data-word": "automatic" }), h("option", { value: "none", "data-word": "bare" }));
    const votes = h("select", { id: `votes-${name}` }, ...[1, 4, 8].map((n) => h("option", {}, String(n))));
    const other = h("textarea", { id: `other-${name}`, rows: 1, "data-hole": "otherWording" });
    const field = (label, control) => h("div", { class: "field" }, h("label", { htmlFor: control.id, "data-say": label }), control);
    const node = h("fieldset", {}, h("legend", { "data-say": name }), h("div", { class: "row" }, field("model", model), field("role", role), field("votes", votes)), field("otherWordingLabel", other));
    return { node, model, role, votes, other };
  }

  async fill() {
    try {
      const [models, roles] = await Promise.all([whenReady("/v1/models", notice), get("/api/roles")]);
      this.sides.forEach(({ model, role }, number) => {
        const chosen = model.value;
        model.replaceChildren(...models.data.map((one) => h("option", {}, one.id)));
        model.value = models.data.some((one) => one.id === chosen) ? chosen : (models.data[number] ?? models.data[0]).id;
        if (role.options.length === 2) role.append(...roles.roles.map((one) => h("option", {}, one.name)));
      });
    } catch (error) {
      notice(error.message);
    }
  }

  async ask() {
    const problem = this.problem.value.trim();
    if (!problem || this.abort) return;
    this.abort = new AbortController();
    this.go.hidden = true;
    this.stop.hidden = false;
    const turns = this.turns = this.sides.map((side) => {
      const choices = { model: side.model.value, role: side.role.value || null, votes: Number(side.votes.value) };
      return new Turn(side.other.value.trim() || problem, choices, { edit: () => this.problem.focus(), place: 0 });
    });
    this.answers.replaceChildren(...turns.map((turn) => h("div", { class: "card" }, turn.node)));
    await Promise.all(turns.map((turn) => this.run(turn)));
    this.abort = null;
    this.go.hidden = false;
    this.stop.hidden = true;
  }

  async run(turn) {
    try {
      for await (const event of post("/api/solve", { problem: turn.problem, ...turn.choices, stream: true }, this.abort.signal)) {
        if (event.name === "error") throw new Error(event.data.error.message);
        turn.hear(event);
      }
    } catch (error) {
      turn.fail(error.name === "AbortError" ? "stopped" : error.message);
    }
  }
}
