// Adapters: what each is, what it was measured to do, its strength; upload, alias, remove.

import { question, sure } from "../dialog.js";
import { h, icon } from "../dom.js";
import { inEveryLanguage, known, moment, number, say, translate } from "../language.js";
import { call, get, put, whenReady } from "../server.js";
import { notice } from "../app.js";
import { interval } from "../measures.js";
import { zipped } from "../zip.js";

export function make() {
  const page = new Adapters();
  return { node: page.node, opened: () => page.refresh() };
}

class Adapters {
  constructor() {
    this.list = h("div", { class: "cards" });
    this.name = h("input", { id: "adapter-name", required: true, pattern: "[A-Za-z0-9._\\-]{1,64}" });
    this.file = h("input", { id: "adapter-file", type: "file", accept: ".zip,.safetensors,.json", multiple: true, required: true });
    this.upload = h("form", { class: "card", onsubmit: (event) => { event.preventDefault(); this.send(); } },
      h("h2", { "data-say": "uploadAdapter" }), h("p", { class: "empty", "data-say": "uploadMore" }),
      h("div", { class: "row" },
        h("div", { class: "field" }, h("label", { htmlFor: "adapter-file", "data-say": "files" }), this.file),
        h("div", { class: "field" }, h("label", { htmlFor: "adapter-name", "data-say": "name" }), this.name),
        h("button", { type: "submit", class: "primary" }, h("span", { "data-say": "upload" }))));
    this.node = h("section", { class: "sheet" }, h("h1", { "data-say": "adapters" }), h("p", { class: "lead", "data-say": "adaptersMore" }), this.list, this.upload);
    inEveryLanguage(() => { translate(this.node); if (this.cards) this.draw(); });
  }

  async refresh() {
    try {
      const { adapters } = await whenReady("/api/adapters", notice);
      const bare = (one) => ({ ...one, about: {}, size: 0, strength: 1 }); // one that cannot be read hides no other
      this.cards = await Promise.all(adapters.map((one) => get(`/api/adapters/${encodeURIComponent(one.name)}`).catch(() => bare(one))));
      this.draw();
    } catch (error) {
      notice(error.message);
    }
  }

  draw() {
    this.list.replaceChildren(...(this.cards.length ? this.cards.map((card) => this.shown(card)) : [h("p", { class: "empty" }, say("noAdapters"))]));
  }

  /** What an adapter tells of itself may be nonsense: then it is shown without. */
  shown(card) {
    try {
      return this.card(card);
    } catch {
      return this.card({ ...card, about: {} });
    }
  }

  card(card) {
    const about = card.about;
    const fact = (name, value) => (value ? [h("dt", {}, say(name)), h("dd", {}, value)] : []);
    return h("article", { class: "card" },
      h("h2", {}, card.name),
      about.description ? h("p", { class: "empty" }, about.description) : null,
      h("dl", { class: "facts" },
        ...fact("base", about.base || card.base),
        ...fact("rank", `r ${card.rank} · α ${number(card.alpha, 2)}`),
        ...fact("size", card.size ? `${number(card.size / 2 ** 20, 1)} MiB` : ""),
        ...fact("data", (about.recipe?.data ?? []).join(", ")),
        ...fact("created", about.created ? moment(about.created) : ""),
        ...fact("content", card.sha256.slice(0, 12)),
        ...fact("licence", about.licence)),
      ...this.measured(about), ...this.gates(about), this.lineage(about), this.dial(card), this.actions(card));
  }

  measured(about) {
    const rows = Object.entries(about.accuracy ?? {});
    if (!rows.length) return [];
    return [h("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, share(value))]))];
  }

  gates(about) {
    if (!about.gates?.length) return [];
    const gates = about.gates.map((gate, i) => h("span", { class: `tag ${gate.passed !== false ? "good" : "bad"}` }, `${gate.stage ?? i + 1}: ${say(gate.passed !== false ? "passed" : "notPassed")}`));
    const checks = about.gates.flatMap((gate) => gate.checks ?? []).flatMap((check) => [h("dt", {}, checked(check.name)), h("dd", {}, checkOf(check))]);
    return [h("div", { class: "row" }, ...gates), ...(checks.length ? [h("dl", { class: "facts" }, ...checks)] : [])];
  }

  /** What it was made of, by hash: the same on every machine. */
  lineage(about) {
    const hashes = { base: about.base_fingerprint, data: about.data_sha256, tokenizer: about.tokenizer_sha256, template: about.template_sha256 };
    const told = Object.entries(hashes).filter(([, hash]) => hash);
    if (!told.length) return null;
    return h("details", {}, h("summary", {}, say("lineage")), h("dl", { class: "facts" }, ...told.flatMap(([name, hash]) => [h("dt", {}, say(name)), h("dd", {}, h("code", {}, hash))])));
  }

  dial(card) {
    const value = h("output", {}, card.strength.toFixed(2));
    const dial = h("input", { type: "range", min: 0, max: 2, step: 0.05, value: card.strength, id: `strength-${card.name}` });
    dial.addEventListener("input", () => { value.textContent = Number(dial.value).toFixed(2); });
    dial.addEventListener("change", () => {
      card.strength = Number(dial.value);
      call("PUT", `/api/adapters/${encodeURIComponent(card.name)}/strength`, { strength: card.strength }).catch((error) => notice(error.message));
    });
    return h("div", { class: "field" }, h("label", { htmlFor: dial.id }, say("strength"), " ", value), dial);
  }

  actions(card) {
    return h("div", { class: "row" },
      h("button", { type: "button", class: "small", onclick: () => this.alias(card) }, say("alias")),
      h("button", { type: "button", class: "small danger", onclick: () => this.remove(card) }, icon("remove"), say("remove")));
  }

  async alias(card) {
    const name = await question(say("aliasOf", { name: card.name }));
    if (name) await this.change(() => call("PUT", `/api/adapters/${encodeURIComponent(name)}/alias`, { adapter: card.name }));
  }

  async remove(card) {
    if (await sure(say("removeNamed", { name: card.name }), say("remove"))) await this.change(() => call("DELETE", `/api/adapters/${encodeURIComponent(card.name)}`));
  }

  async send() {
    await this.change(async () => {
      const files = [...this.file.files];
      const whole = files.length === 1 && files[0].name.endsWith(".zip") ? files[0] : await zipped(files);
      await put(`/api/adapters/${encodeURIComponent(this.name.value)}`, whole, "application/zip");
      this.upload.reset();
    });
  }

  async change(action) {
    notice("");
    try {
      await action();
    } catch (error) {
      notice(error.message);
    }
    await this.refresh();
  }
}

const checked = (name) => (known(`check_${name}`) ? say(`check_${name}`) : name);

/** What a gate compared: shares of the base and the tuned model, or the divergence between them. */
function checkOf({ before, after, change }) {
  if (typeof before === "number" && typeof after === "number") return `${number(100 * before, 1)} % → ${number(100 * after, 1)} %`;
  return typeof change?.value === "number" ? number(change.value, 3) : "–";
}

/** A measured share with its interval, or what it was before and is after tuning. */
function share(value) {
  if (value?.before && value?.after) return `${share(value.before)} → ${share(value.after)}`;
  const told = value?.accuracy ?? value;
  if (typeof told === "number") return `${number(100 * told, 1)} %`;
  return typeof told?.value === "number" ? `${interval(told)} %` : JSON.stringify(value);
}
