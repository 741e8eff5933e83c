// The conversations that the server keeps: listed, searched, branched, exported, removed.

import { address, notice } from "./app.js";
import { sure } from "./dialog.js";
import { h, icon, iconButton, save } from "./dom.js";
import { inEveryLanguage, say, translate } from "./language.js";
import { ask, call, get } from "./server.js";

const PAUSE_MS = 200;
const LONGEST_THOUGHT = 200_000;

export class History {
  /** @param {(id: string) => void} open called with "" for a new conversation */
  constructor(open) {
    this.open = open;
    this.search = h("input", { type: "search", id: "search", "data-hole": "search", "data-label": "search", oninput: () => this.soon() });
    this.list = h("ul", {});
    this.export = h("div", { class: "foot", hidden: true }, ...["markdown", "latex", "json"].map((form) => h("button", { type: "button", class: "quiet small", onclick: () => this.leave(form) }, icon("down"), { markdown: "Markdown", latex: "LaTeX", json: "JSON" }[form])));
    this.node = h("aside", { class: "history", "data-label": "history" },
      h("button", { type: "button", class: "new", onclick: () => this.choose("") }, icon("plus"), h("span", { "data-say": "newProblem" })),
      this.search, this.list, this.export);
    this.current = "";
    inEveryLanguage(() => { translate(this.node); this.refresh(); });
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), PAUSE_MS);
  }

  async refresh() {
    try {
      const { conversations } = await get(`/api/conversations?limit=100&search=${encodeURIComponent(this.search.value)}`);
      this.list.replaceChildren(...conversations.map((one) => this.item(one)));
    } catch {
      this.list.replaceChildren();
    }
  }

  item(one) {
    const title = one.title || say("untitled");
    return h("li", { class: one.id === this.current ? "current" : "" },
      h("a", { href: `#solve/${one.id}`, title }, one.parent ? `↳ ${title}` : title),
      iconButton("remove", say("removeNamed", { name: title }), () => this.remove(one.id)));
  }

  choose(id) {
    location.hash = id ? `#solve/${id}` : "#solve";
    if (!id) this.open("");
  }

  mark(id) {
    this.current = id || "";
    this.export.hidden = !id;
    this.refresh();
  }

  async remove(id) {
    if (!(await sure(say("sureRemove"), say("remove")))) return;
    await call("DELETE", `/api/conversations/${id}`).catch((error) => notice(error.message));
    if (id === this.current) this.choose("");
    this.refresh();
  }

  /** Write the question down, in a new conversation where there is none; gives that and its place. */
  async keep(id, problem, choices) {
    const conversation = id ?? (await call("POST", "/api/conversations", {})).id;
    const { number } = await call("POST", `/api/conversations/${conversation}/turns`, { speaker: "user", text: problem, about: choices });
    if (!id) address("solve", conversation);
    this.mark(conversation);
    return { conversation, place: number };
  }

  /** @param {number} question the place of what it answers: another window may have asked in between */
  async answer(id, question, solution) {
    const { problem: _, derivation, steps, reasoning, ...rest } = solution;
    const marks = steps.map(({ text: __, ...mark }) => mark);
    const about = { question, solution: { ...rest, steps: marks, reasoning: reasoning.slice(0, LONGEST_THOUGHT) } };
    await call("POST", `/api/conversations/${id}/turns`, { speaker: "assistant", text: derivation, about }).catch(() => {});
  }

  branch(id, turns) {
    return call("POST", `/api/conversations/${id}/branch`, { turns });
  }

  async leave(form) {
    const ending = { markdown: "md", latex: "tex", json: "json" }[form];
    const response = await ask(`/api/conversations/${this.current}/export?form=${form}`);
    save(`lemmata-${this.current.slice(0, 8)}.${ending}`, await response.text());
  }
}
