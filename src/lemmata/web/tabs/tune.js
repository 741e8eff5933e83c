// Tune: choose data and see what is wrong with it, set the recipe, plan, start, watch, compare, serve.

import { h, icon } from "../dom.js";
import { inEveryLanguage, number, say, translate } from "../language.js";
import { call, get, put } from "../server.js";
import { notice } from "../app.js";
import { ended, table } from "../jobs.js";
import { learnReasons, retold } from "../reasons.js";
import { RecipeForm } from "../recipe.js";
import { ROW_FAULTS } from "../row_faults.js";
import { titleOf } from "../titles.js";
import { Watched } from "../watched.js";

learnReasons(ROW_FAULTS);

export function make() {
  const page = new Tune();
  return { node: page.node, opened: (id) => page.opened(id) };
}

class Tune {
  constructor() {
    this.source = h("select", { id: "data-source", onchange: () => this.chosen() });
    this.rows = h("input", { id: "data-rows", type: "number", min: 8, max: 100000, value: 240 });
    this.file = h("input", { id: "data-file", type: "file", accept: ".jsonl,.json,.csv,.tsv,.parquet", onchange: () => this.send(this.file.files[0]) });
    this.drop = h("div", { class: "drop" }, h("label", { htmlFor: "data-file", "data-say": "dropFile" }), this.file);
    this.drop.addEventListener("dragover", (event) => { event.preventDefault(); this.drop.classList.add("over"); });
    this.drop.addEventListener("dragleave", () => this.drop.classList.remove("over"));
    this.drop.addEventListener("drop", (event) => { event.preventDefault(); this.drop.classList.remove("over"); this.send(event.dataTransfer.files[0]); });
    this.audit = h("div", { class: "audit" });
    this.prepare = h("button", { type: "button", hidden: true, onclick: () => this.prepareRows() }, h("span", { "data-say": "prepare" }));
    this.mask = h("button", { type: "button", hidden: true, onclick: () => this.showMask() }, h("span", { "data-say": "lossMask" }));
    this.recipe = new RecipeForm();
    this.planned = h("div", { "aria-live": "polite" });
    this.watched = h("div", {});
    this.jobs = h("div", { class: "wide", tabIndex: 0, role: "region", "data-label": "runs" });
    const field = (label, control) => h("div", { class: "field" }, h("label", { htmlFor: control.id, "data-say": label }), control);
    this.node = h("section", { class: "sheet" }, h("h1", { "data-say": "tune" }), h("p", { class: "lead", "data-say": "tuneMore" }), this.watched,
      h("article", { class: "card" }, h("h2", { "data-say": "tuneData" }), h("div", { class: "row" }, field("source", this.source), field("rows", this.rows)), this.drop, this.audit, h("div", { class: "row" }, this.prepare, this.mask)),
      h("article", { class: "card" }, h("h2", { "data-say": "recipe" }), this.recipe.node,
        h("div", { class: "row" }, h("button", { type: "button", id: "plan", onclick: () => this.plan() }, h("span", { "data-say": "plan" })), h("button", { type: "button", id: "start", class: "primary", onclick: () => this.start() }, icon("run"), h("span", { "data-say": "start" }))), this.planned),
      h("article", { class: "card" }, h("h2", { "data-say": "runs" }), this.jobs));
    inEveryLanguage(() => {
      translate(this.node);
      this.shown?.speak();
      this.audited?.();
      this.drawPlan?.();
      if (this.node.isConnected) Promise.all([this.fill(), this.refresh()]).catch((error) => notice(error.message));
    });
  }

  async opened(id) {
    await Promise.all([this.recipe.load(), this.fill(), this.refresh()]).catch((error) => notice(error.message));
    const running = this.known?.find((job) => job.id === id) ?? this.known?.find((job) => job.state === "running");
    if (running && running.id !== this.shown?.id) this.watch(running);
  }

  async fill() {
    const [{ families }, { uploads }] = await Promise.all([get("/api/data/tasks"), get("/api/data")]);
    const chosen = this.source.value;
    this.source.replaceChildren(
      ...uploads.map((one) => h("option", { value: `upload:${one.id}`, "data-ready": one.prepared ? "yes" : "" }, one.name)),
      ...families.map((one) => h("option", { value: `task:${one.name}` }, `${titleOf(one)} (${one.name})`)));
    if ([...this.source.options].some((option) => option.value === chosen)) this.source.value = chosen;
    else this.source.value = "task:stars-and-bars";
    this.chosen();
  }

  chosen() {
    const made = this.source.value.startsWith("task:");
    this.rows.parentElement.hidden = !made;
    const ready = this.source.selectedOptions[0]?.dataset.ready === "yes";
    this.prepare.hidden = made || ready;
    this.mask.hidden = made;
  }

  async send(file) {
    if (!file) return;
    notice("");
    this.audited = null;
    this.audit.replaceChildren(h("p", { class: "empty working", "data-say": "checking" }, say("checking")));
    try {
      const { id } = await put(`/api/data/${encodeURIComponent(file.name)}`, file, "application/octet-stream");
      await this.fill();
      this.source.value = `upload:${id}`;
      this.chosen();
      this.report(await ended((await call("POST", `/api/data/${id}/check`, {})).id));
    } catch (error) {
      this.audit.replaceChildren(h("p", { class: "fault" }, error.message));
    }
  }

  report(job) {
    this.audited = () => this.drawAudit(job);
    this.audited();
  }

  drawAudit({ output, log, state }) {
    if (typeof output !== "object" || output === null) {
      this.audit.replaceChildren(h("p", { class: "fault" }, log[log.length - 1] ?? state));
      return;
    }
    const lines = (kind) => Object.entries(output[kind]).map(([reason, count]) => h("tr", {}, h("td", {}, h("span", { class: `tag ${kind === "dropped" ? "bad" : "warn"}` }, say(kind))), h("td", { class: "number" }, number(count)), h("td", {}, retold(reason), h("p", { class: "empty" }, (output.evidence[reason] ?? []).slice(0, 3).map(evidence).join("; ")))));
    const rows = [...lines("dropped"), ...lines("flagged")];
    this.audit.replaceChildren(
      h("p", {}, say("auditSums", { rows: number(output.rows), kept: number(output.kept) })),
      rows.length ? h("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": say("tuneData") }, h("table", {}, h("tbody", {}, ...rows))) : h("p", { class: "empty" }, say("auditClean")));
  }

  get upload() { return this.source.value.replace("upload:", ""); }

  prepareRows() {
    return this.working(() => this.prepared());
  }

  /** A file is cut into rows to learn and rows to measure on before anything is learnt from it. */
  async prepared() {
    if (this.prepare.hidden) return;
    const job = await ended((await call("POST", `/api/data/${this.upload}/prepare`, {})).id);
    if (job.state !== "done") throw new Error(job.log[job.log.length - 1] ?? job.state);
    await this.fill();
  }

  async showMask() {
    await this.working(async () => {
      const job = await ended((await call("POST", `/api/data/${this.upload}/mask`, { rows: [1, 2, 3] })).id);
      if (typeof job.output !== "string") throw new Error(job.log[job.log.length - 1] ?? job.state);
      this.audited = () => this.audit.replaceChildren(h("p", { class: "empty" }, say("maskMore")), masked(job.output));
      this.audited();
    });
  }

  async working(action) {
    notice(say("checking"));
    try {
      await action();
      notice("");
    } catch (error) {
      notice(error.message);
    }
  }

  wanted() {
    const made = this.source.value.startsWith("task:");
    return { ...this.recipe.fields(), data: [made ? `${this.source.value}:${this.rows.value}` : this.source.value] };
  }

  async plan() {
    this.drawPlan = null;
    this.planned.replaceChildren(h("p", { class: "empty working", "data-say": "planning" }, say("planning")));
    try {
      await this.prepared();
      const job = await ended((await call("POST", "/api/train/plan", { recipe: this.wanted() })).id);
      if (typeof job.output !== "object" || job.output === null) throw new Error(job.log[job.log.length - 1] ?? job.state);
      this.drawPlan = () => this.planned.replaceChildren(planTable(job));
      this.drawPlan();
    } catch (error) {
      this.planned.replaceChildren(h("p", { class: "fault" }, error.message));
    }
  }

  async start() {
    try {
      notice(this.prepare.hidden ? "" : say("checking"));
      await this.prepared();
      notice("");
      this.watch(await call("POST", "/api/train", { recipe: this.wanted() }));
    } catch (error) {
      notice(error.message);
    }
  }

  watch(job) {
    this.shown?.leave();
    this.shown = new Watched(job, { changed: () => this.refresh(), again: (one) => this.watch(one) });
    this.watched.replaceChildren(this.shown.node);
    history.replaceState(null, "", `#tune/${job.id}`);
    this.shown.node.scrollIntoView({ block: "nearest" });
    this.refresh();
  }

  async refresh() {
    this.known = (await get("/api/jobs?kind=train")).jobs;
    this.jobs.replaceChildren(table(this.known, { open: (job) => this.watch(job), refresh: (one) => (one?.state === "running" ? this.watch(one) : this.refresh()) }));
  }
}

/** Where a row stands, and what is the matter with it. */
const evidence = (line) => line.replace(/^(.*?:\d+: )(.+)$/s, (_, place, fault) => place + retold(fault));

/** The text of rows with what is learnt, between ⟦ and ⟧, in colour. */
function masked(text) {
  const parts = text.split(/(⟦[\s\S]*?⟧)/).map((part) => (part.startsWith("⟦") ? h("mark", {}, part.slice(1, -1)) : part));
  return h("pre", { class: "mask", tabIndex: 0 }, ...parts);
}

function planTable({ output, state, log }) {
  const gib = (bytes) => `${number(bytes / 2 ** 30, 2)} GiB`;
  const row = (name, value) => [h("dt", {}, say(name)), h("dd", {}, value)];
  const facts = h("dl", { class: "facts" }, ...row("rows", number(output.rows)), ...row("tokens", number(output.tokens)), ...row("steps", number(output.steps)),
    ...row("trainable", `${number(output.trainable)} (${number(100 * output.share, 3)} %)`), ...row("memory", gib(output.memory.total)), ...row("time", say("atLeast", { minutes: number(output.seconds / 60, 1) })));
  return state === "done" ? facts : h("div", {}, facts, h("p", { class: "fault" }, log[log.length - 1] ?? state));
}
