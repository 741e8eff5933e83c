// Evaluate: measure, read tables with intervals, look at every item, compare two runs.

import { h } from "../dom.js";
import { inEveryLanguage, known, moment, number, say, translate } from "../language.js";
import { call, get, put } from "../server.js";
import { notice } from "../app.js";
import { ENDED, follow, table } from "../jobs.js";
import { cells, contrasts } from "../measures.js";
import { show } from "../render.js";
import { titleOf } from "../titles.js";

const PAGE = 20;

export function make() {
  const page = new Evaluate();
  return { node: page.node, opened: (id) => page.opened(id) };
}

class Evaluate {
  constructor() {
    this.shipped = h("optgroup", { "data-group": "benchmark" });
    this.own = h("optgroup", { "data-group": "ownRows" });
    this.benchmark = h("select", { id: "benchmark", onchange: () => this.chosen() }, this.shipped, this.own);
    this.file = h("input", { id: "own-rows", type: "file", accept: ".jsonl,.json,.csv,.tsv,.parquet", onchange: () => this.send(this.file.files[0]) });
    this.adapters = h("select", { id: "eval-adapters", multiple: true, size: 3 });
    this.limit = h("input", { id: "eval-limit", type: "number", min: 1, value: 20 });
    this.k = h("input", { id: "eval-k", type: "number", min: 1, max: 64, value: 1 });
    this.tokens = h("input", { id: "eval-tokens", type: "number", min: 16, value: 256 });
    this.quick = h("input", { id: "eval-quick", type: "checkbox", checked: true });
    this.runs = h("div", { class: "wide", tabIndex: 0, role: "region", "data-label": "runs" });
    this.jobs = h("div", { class: "wide", tabIndex: 0, role: "region", "data-label": "working" });
    this.detail = h("div", {});
    const field = (label, control) => h("div", { class: "field" }, h("label", { htmlFor: control.id, "data-say": label }), control);
    this.node = h("section", { class: "sheet" }, h("h1", { "data-say": "evaluate" }), h("p", { class: "lead", "data-say": "evaluateMore" }),
      h("form", { class: "card", onsubmit: (event) => { event.preventDefault(); this.start(); } },
        h("div", { class: "row" }, field("benchmark", this.benchmark), field("adapters", this.adapters), field("limit", this.limit), field("attempts", this.k), field("max_tokens", this.tokens),
          h("label", { class: "check" }, this.quick, h("span", { "data-say": "quick" })), h("button", { type: "submit", class: "primary" }, h("span", { "data-say": "measure" }))),
        h("div", { class: "field" }, h("label", { htmlFor: "own-rows", "data-say": "ownRowsMore" }), this.file), this.jobs),
      h("article", { class: "card" }, h("h2", { "data-say": "runs" }), this.runs), this.detail);
    inEveryLanguage(() => {
      translate(this.node);
      for (const group of [this.shipped, this.own]) group.label = say(group.dataset.group);
      if (this.node.isConnected) this.refresh();
      this.drawn?.();
    });
  }

  /** Only some benchmarks ship with an extract; on rows of one's own, base and an adapter are asked the same. */
  chosen() {
    const own = this.benchmark.value.startsWith("upload:");
    this.quick.parentElement.hidden = this.benchmark.selectedOptions[0]?.dataset.quick !== "yes";
    if (own && !this.adapters.selectedOptions.length) for (const option of [...this.adapters.options].slice(0, 2)) option.selected = true;
  }

  async send(file) {
    if (!file) return;
    try {
      notice(say("uploading"));
      const { id } = await put(`/api/data/${encodeURIComponent(file.name)}`, file, "application/octet-stream");
      await this.refresh();
      this.benchmark.value = `upload:${id}`;
      this.chosen();
      notice("");
    } catch (error) {
      notice(error.message);
    }
    this.file.value = "";
  }

  async opened(id) {
    await this.refresh();
    if (id && id !== this.open?.id) this.look(id);
  }

  async refresh() {
    try {
      const [{ benchmarks, runs }, { jobs }, { data }, { uploads }] = await Promise.all([get("/api/evaluations"), get("/api/jobs?kind=eval"), get("/v1/models"), get("/api/data")]);
      const asked = this.benchmark.value;
      this.shipped.replaceChildren(...benchmarks.map((one) => h("option", { value: one.name, "data-quick": one.quick ? "yes" : "" }, titleOf(one))));
      this.own.replaceChildren(...uploads.map((one) => h("option", { value: `upload:${one.id}` }, one.prepared ? say("heldOut", one) : one.name)));
      if ([...this.benchmark.options].some((option) => option.value === asked)) this.benchmark.value = asked;
      this.chosen();
      const chosen = [...this.adapters.selectedOptions].map((option) => option.value);
      this.adapters.replaceChildren(...["base", ...data.slice(1).map((one) => one.id)].map((name) => h("option", { selected: chosen.includes(name) }, name)));
      this.list(runs);
      this.jobs.replaceChildren(...(jobs.length ? [table(jobs.slice(0, 8), { open: (job) => this.look(job.about.evaluation), refresh: () => this.refresh() })] : []));
    } catch (error) {
      notice(error.message);
    }
  }

  list(runs) {
    if (!runs.length) {
      this.runs.replaceChildren(h("p", { class: "empty" }, say("noRuns")));
      return;
    }
    const marks = new Map();
    const both = h("button", { type: "button", disabled: true, onclick: () => this.compare([...marks].filter(([, box]) => box.checked).map(([id]) => id).reverse()) }, say("compareRuns"));
    const head = ["", "name", "base", "created", "state"];
    const named = (run) => h("button", { type: "button", class: "quiet", onclick: () => this.look(run.id) }, [run.benchmark, ...run.adapters].join(" · "));
    // The list begins with the latest: a comparison goes from the earlier run to the later one.
    this.runs.replaceChildren(h("table", {}, h("thead", {}, h("tr", {}, ...head.map((name) => h("th", { scope: "col" }, name ? say(name) : "")))),
      h("tbody", {}, ...runs.map((run) => {
        const box = h("input", { type: "checkbox", "aria-label": `${say("compareRuns")}: ${run.id}` });
        box.addEventListener("change", () => { both.disabled = [...marks.values()].filter((one) => one.checked).length !== 2; });
        marks.set(run.id, box);
        return h("tr", {}, h("td", {}, box), h("td", {}, named(run), h("p", { class: "hint" }, run.id)), h("td", {}, run.model), h("td", {}, moment(run.created)), h("td", {}, h("span", { class: `tag ${run.complete ? "done" : "warn"}` }, say(run.complete ? "state_done" : "partly"))));
      }))), both);
  }

  async start() {
    const adapters = [...this.adapters.selectedOptions].map((option) => option.value);
    try {
      notice("");
      const job = await call("POST", "/api/evaluations", { benchmark: this.benchmark.value, adapters, limit: Number(this.limit.value), k: Number(this.k.value), max_tokens: Number(this.tokens.value), quick: this.quick.checked && !this.quick.parentElement.hidden });
      this.refresh();
      follow(job.id, { job: (now) => { if (ENDED.includes(now.state)) { this.refresh(); if (now.state === "done") this.look(now.about.evaluation); else this.why(now.id); } } });
    } catch (error) {
      notice(error.message);
    }
  }

  async why(id) {
    const { log } = await get(`/api/jobs/${id}`);
    notice(log[log.length - 1] ?? "");
  }

  async look(id) {
    this.drawn = () => this.look(id);
    try {
      this.open = await get(`/api/evaluations/${id}`);
      history.replaceState(null, "", `#evaluate/${id}`);
      const results = this.open.results;
      this.items = h("div", { class: "items" });
      const box = (id) => h("input", { type: "checkbox", id, onchange: () => this.page(0) });
      [this.wrong, this.differ] = [box("only-wrong"), box("only-differ")];
      const several = (results?.cells.length ?? 0) > 1;
      const refused = results?.refused ?? [];
      this.detail.replaceChildren(h("article", { class: "card" }, h("h2", {}, id),
        ...(results ? [cells(results), ...(results.contrasts.length ? [contrasts(results)] : [])] : [h("p", { class: "empty" }, say("partly"))]),
        ...(refused.length ? [h("p", { class: "fault" }, say("rowsRefused", { count: number(refused.length), place: refused[0].place, why: refused[0].why }))] : []),
        h("div", { class: "row" }, h("label", { class: "check" }, this.wrong, say("onlyWrong")), several ? h("label", { class: "check" }, this.differ, say("onlyDiffer")) : null), this.items));
      this.page(0);
      this.detail.scrollIntoView({ block: "nearest" });
    } catch (error) {
      notice(error.message);
    }
  }

  async page(offset) {
    const { total, items } = await get(`/api/evaluations/${this.open.id}/items?offset=${offset}&limit=${PAGE}&wrong=${this.wrong.checked}&differ=${this.differ.checked}`);
    const turn = (label, to) => h("button", { type: "button", class: "small", disabled: to < 0 || to >= total, onclick: () => this.page(to) }, say(label));
    this.items.replaceChildren(...items.map(item), h("div", { class: "row" }, turn("earlier", offset - PAGE), h("span", { class: "empty" }, `${number(Math.min(offset + 1, total))}–${number(Math.min(offset + PAGE, total))} / ${number(total)}`), turn("later", offset + PAGE)));
  }

  async compare([a, b]) {
    this.drawn = () => this.compare([a, b]);
    try {
      const made = await get(`/api/evaluations/${a}/compare/${b}`);
      this.detail.replaceChildren(h("article", { class: "card" }, h("h2", {}, `${a} → ${b}`), contrasts(made), ...made.notes.map((note) => h("p", { class: "empty" }, note))));
      this.detail.scrollIntoView({ block: "nearest" });
    } catch (error) {
      notice(error.message);
    }
  }
}

/** The attempts of each cell, the base's first; a cell is called by what the others do not share. */
function byCell(attempts) {
  const place = ([cell]) => `${cell.includes("adapter=base ") ? 0 : 1}${cell}`;
  const groups = [...Map.groupBy(attempts, (each) => each.cell)].sort((a, b) => (place(a) < place(b) ? -1 : 1));
  const told = groups.map(([cell]) => cell.split(" "));
  const own = (words) => words.filter((word, axis) => told.some((other) => other[axis] !== word)).map((word) => word.split("=").slice(1).join("="));
  return new Map(groups.map(([, each], i) => [own(told[i]).join(" · "), each]));
}

/** One problem: how often each cell was right, and what each wrote, side by side. */
function item(one) {
  const cells = byCell(one.attempts);
  const right = (attempts) => attempts.filter((each) => each.state === "correct").length;
  const tag = ([cell, attempts]) => h("span", { class: `tag ${right(attempts) ? "good" : "bad"}` }, `${cells.size > 1 ? `${cell} ` : ""}${right(attempts)}/${attempts.length}`);
  const body = h("div", { class: "said" });
  const details = h("details", { class: "item" }, h("summary", {}, ...[...cells].flatMap((each) => [tag(each), " "]), one.problem.slice(0, 160)), body);
  details.addEventListener("toggle", () => { if (details.open && !body.firstChild) fill(body, one, cells); });
  return details;
}

function fill(body, one, cells) {
  const problem = h("div", {});
  show(problem, one.problem);
  const columns = [...cells].map(([cell, attempts]) => h("section", {}, ...(cells.size > 1 ? [h("h3", {}, cell)] : []), ...attempts.map(attempted)));
  body.append(problem, h("p", { class: "empty" }, `${say("gold")}: ${one.gold}`), cells.size > 1 ? h("div", { class: "sides" }, ...columns) : columns[0]);
}

function attempted(each) {
  const text = h("div", {});
  show(text, each.text);
  return h("div", { class: "attempt" }, h("p", {}, h("span", { class: `tag ${each.state === "correct" ? "good" : "bad"}` }, known(each.state) ? say(each.state) : each.state), " ", each.reason), text);
}
