// System: the engine, the queue, the memory, the keys, the doctor.

import { sure } from "../dialog.js";
import { copy, h } from "../dom.js";
import { inEveryLanguage, known, moment, number, say, translate } from "../language.js";
import { call, get } from "../server.js";
import { notice } from "../app.js";

const EVERY_MS = 2000;

export function make() {
  const page = new System();
  return { node: page.node, opened: () => page.opened() };
}

class System {
  constructor() {
    this.engine = h("dl", { class: "facts" });
    this.memory = h("dl", { class: "facts" });
    this.keys = h("div", { class: "wide", tabIndex: 0, role: "region", "data-label": "keys" });
    this.findings = h("div", { class: "wide findings", tabIndex: 0, role: "region", "data-label": "doctor" });
    this.made = h("p", { class: "tag good", hidden: true });
    this.name = h("input", { id: "key-name", required: true, maxLength: 64 });
    this.scope = h("select", { id: "key-scope" }, ...["infer", "tune", "admin"].map((name) => h("option", {}, name)));
    const field = (label, control) => h("div", { class: "field" }, h("label", { htmlFor: control.id, "data-say": label }), control);
    this.limits = { requests_per_minute: h("input", { id: "key-rate", type: "number", min: 1 }), sequences: h("input", { id: "key-sequences", type: "number", min: 1 }), tokens_per_day: h("input", { id: "key-tokens", type: "number", min: 1 }) };
    this.form = h("form", { class: "row", onsubmit: (event) => { event.preventDefault(); this.add(); } }, field("name", this.name), field("scope", this.scope), ...Object.entries(this.limits).map(([name, input]) => field(name, input)), h("button", { type: "submit" }, h("span", { "data-say": "makeKey" })));
    this.look = h("button", { type: "button", onclick: () => this.examine() }, h("span", { "data-say": "examine" }));
    this.node = h("section", { class: "sheet" }, h("h1", { "data-say": "system" }),
      h("div", { class: "cards pair" }, h("article", { class: "card" }, h("h2", { "data-say": "engine" }), this.engine), h("article", { class: "card" }, h("h2", { "data-say": "memory" }), this.memory)),
      h("article", { class: "card" }, h("h2", { "data-say": "keys" }), this.keys,
        this.form, this.made),
      h("article", { class: "card" }, h("h2", { "data-say": "doctor" }), h("div", { class: "row" }, this.look), this.findings));
    inEveryLanguage(() => {
      translate(this.node);
      this.drawKeys();
      this.drawFindings();
      if (this.node.isConnected) this.refresh();
    });
  }

  opened() {
    this.refresh();
    this.listKeys();
    clearInterval(this.timer);
    this.timer = setInterval(() => (this.node.isConnected ? this.refresh() : clearInterval(this.timer)), EVERY_MS);
  }

  async refresh() {
    try {
      const now = await get("/api/system");
      const row = (name, value) => [h("dt", {}, say(name)), h("dd", {}, String(value))];
      this.engine.replaceChildren(
        ...row("base", now.model), ...row("engine", now.engine ?? say("loading")), ...row("adapters", now.adapters),
        ...row("context", number(now.context)), ...row("held", number(now.kv_used)),
        ...row("active", now.active), ...row("waiting", now.waiting), ...row("version", now.version));
      const gib = (bytes) => `${number(bytes / 2 ** 30, 1)} GiB`;
      this.memory.replaceChildren(
        ...row("memoryOwn", gib(now.memory.own)), ...row("memoryFree", gib(now.memory.available)), ...row("memoryAll", gib(now.memory.total)),
        ...row("threads", now.threads), ...row("database", now.database), ...row("keysWanted", say(now.keys_wanted ? "yes" : "no_")));
    } catch (error) {
      notice(error.message);
    }
  }

  async listKeys() {
    this.known = (await get("/api/keys").catch((error) => { notice(error.message); return { keys: [] }; })).keys;
    this.drawKeys();
  }

  drawKeys() {
    const keys = this.known;
    if (!keys) return;
    if (!keys.length) {
      this.keys.replaceChildren(h("p", { class: "empty" }, say("noKeys")));
      return;
    }
    const head = ["name", "scope", "created", "requests_per_minute", "sequences", "tokens_per_day", "usedToday", ""];
    this.keys.replaceChildren(h("table", {},
      h("thead", {}, h("tr", {}, ...head.map((name) => h("th", { scope: "col" }, name ? say(name) : "")))),
      h("tbody", {}, ...keys.map((key) => h("tr", {}, ...[key.name, key.scope, moment(key.created), key.requests_per_minute, key.sequences, key.tokens_per_day, key.used].map((value) => h("td", {}, value === null ? "–" : String(value))),
        h("td", {}, h("button", { type: "button", class: "small danger", onclick: () => this.remove(key.name) }, say("remove"))))))));
  }

  async add() {
    const body = { name: this.name.value, scope: this.scope.value };
    for (const [name, input] of Object.entries(this.limits)) if (input.value) body[name] = Number(input.value);
    try {
      const { key } = await call("POST", "/api/keys", body);
      this.made.hidden = false;
      this.made.replaceChildren(h("span", { "data-say": "keyOnce" }, say("keyOnce")), h("code", {}, key));
      this.form.reset();
      copy(key);
    } catch (error) {
      notice(error.message);
    }
    this.listKeys();
  }

  async remove(name) {
    if (!(await sure(say("removeNamed", { name }), say("remove")))) return;
    await call("DELETE", `/api/keys/${encodeURIComponent(name)}`).catch((error) => notice(error.message));
    this.listKeys();
  }

  async examine() {
    this.look.disabled = true;
    this.findings.replaceChildren(h("p", { class: "empty working", "data-say": "examining" }, say("examining")));
    try {
      this.found = (await get("/api/doctor")).findings;
      this.drawFindings();
    } catch (error) {
      this.findings.replaceChildren(h("p", { class: "fault" }, error.message));
    }
    this.look.disabled = false;
  }

  drawFindings() {
    if (!this.found) return;
    this.findings.replaceChildren(h("table", {}, h("tbody", {}, ...this.found.map((one) => h("tr", {},
        h("td", {}, h("span", { class: `tag ${one.state}` }, known(`state_${one.state}`) ? say(`state_${one.state}`) : one.state)), h("th", { scope: "row" }, one.name), h("td", {}, one.value, one.mend ? h("p", { class: "empty" }, one.mend) : null))))));
  }
}
