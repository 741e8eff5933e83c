// One search for a counterexample: its frontier as it moves, what it has found, and its report.

import { h, icon, save } from "./dom.js";
import { current, known, number, say } from "./language.js";
import { ask, call } from "./server.js";
import { notice } from "./app.js";
import { ENDED, follow, mayGoOn, stateTag } from "./jobs.js";
import { tableOf } from "./measures.js";
import { drawn } from "./plot.js";
import { retold } from "./reasons.js";

const KNOWN = { refuted: ["bad", "known_refuted"], "no counterexample": ["warn", "known_none"], proved: ["good", "known_proved"] };
const PAPERS = [["report.md", "Markdown"], ["report.tex", "LaTeX"], ["report.json", "JSON"], ["plot.svg", "SVG"]];

function methodOf(method) {
  const name = `method_${method.replaceAll(" ", "_")}`;
  return known(name) ? say(name) : method;
}

export class Searched {
  /** @param changed called when the job's state has changed */
  constructor(job, changed) {
    this.id = job.id;
    this.changed = changed;
    this.state = h("span", {});
    this.bar = h("progress", { max: 1, value: 0, "aria-label": say("progress") });
    this.facts = h("dl", { class: "facts" });
    this.found = h("p", { class: "remark", "aria-live": "polite" });
    this.actions = h("div", { class: "row" });
    this.report = h("div", { class: "report", "aria-live": "polite" });
    this.node = h("article", { class: "card", id: "searched" }, h("div", { class: "row" }, h("h2", {}, job.title), this.state), this.bar, this.facts, this.found, this.actions, this.report);
    this.watch();
  }

  watch() {
    this.leave?.();
    this.leave = follow(this.id, { job: (job) => this.job(job), line: (line) => this.line(line) });
  }

  job(job) {
    this.now = job;
    if (this.heard) this.tell(this.heard);
    this.state.replaceChildren(stateTag(job));
    const button = (label, action, given = {}) => h("button", { type: "button", ...given, onclick: () => this.act(action) }, say(label));
    this.actions.replaceChildren(...(job.state === "running" ? [button("stop", "stop")] : []), ...(mayGoOn(job) ? [button("keepOn", "resume")] : []));
    this.bar.hidden = job.state !== "running";
    if (!ENDED.includes(job.state)) this.report.replaceChildren();
    else this.conclude(job);
    this.changed();
  }

  async act(action) {
    try {
      await call("POST", `/api/jobs/${this.id}/${action}`);
      if (action === "resume") this.watch();
    } catch (error) {
      notice(error.message);
    }
  }

  line(line) {
    if (line.kind === "started") this.budget = line.budget;
    if (line.kind === "progress") this.progress(line);
    if (line.kind === "found" || line.kind === "note") this.tell(line);
  }

  tell(line) {
    this.heard = line;
    this.found.textContent = line.kind === "found" ? say("foundBy", { ...line, method: methodOf(line.method) }) : retold(line.text);
  }

  progress(line) {
    this.last = line;
    if (line.goal) this.bar.value = line.covered / line.goal;
    else if (line.eta !== null) this.bar.value = line.seconds / (line.seconds + line.eta);
    const row = (name, value) => [h("dt", {}, say(name)), h("dd", {}, value)];
    const covered = line.goal === null ? number(line.covered) : say("coveredOf", { covered: number(line.covered), goal: number(line.goal) });
    this.facts.replaceChildren(...row("method", methodOf(line.method)), ...row("covered", covered), ...row("pointsDecided", number(line.points)), ...row("pointsPerSecond", number(line.rate)),
      ...row("elapsed", number(line.seconds)), ...(line.eta === null || this.now?.state !== "running" ? [] : row("eta", number(line.eta))));
  }

  /** What is known, and what it rests on. */
  async conclude(job) {
    const told = job.output;
    if (this.last) this.progress(this.last);
    if (typeof told !== "object" || told === null) {
      this.report.replaceChildren(h("p", { class: "fault" }, retold(job.log[job.log.length - 1] ?? "")));
      return;
    }
    const zh = current() === "zh";
    const [colour, name] = KNOWN[told.state];
    this.report.replaceChildren(
      h("p", { class: "known" }, h("span", { class: `tag ${colour}` }, say(name)), ...(told.interrupted ? [h("span", { class: "tag" }, say("cutShort"))] : []), h("strong", {}, zh ? told.known_zh : told.known)),
      h("p", { class: "remark" }, zh ? told.words_zh : told.words),
      ...told.notes.map((note) => h("p", { class: "remark" }, retold(note))),
      ...this.papers(told), ...this.checker(told), ...cases(told), ...misses(told),
      ...(told.background ? [h("h3", {}, say("background")), h("p", { class: "remark" }, told.background.text)] : []));
    if (told.curve.length > 2) await this.plot(told);
  }

  async plot({ curve, near_kind: kind, spec }) {
    const points = [...curve].sort((a, b) => a[0] - b[0]);
    const name = `${say("nearest")}: ${say(kind === "witness" ? "witness" : "slack")} / ${spec.variables[0].name}`;
    const found = { name, x: points.map(([x]) => x), y: points.map(([, y]) => y), discrete: true, scattered: true };
    this.report.append(h("div", { class: "plot" }, await drawn(found, this.report.clientWidth - 40)));
  }

  papers(told) {
    const files = [...PAPERS.filter(([file]) => file !== "plot.svg" || told.curve.length), ...(told.checker ? [["checker.py", "checker.py"]] : [])];
    const button = ([file, label]) => h("button", { type: "button", class: "small", onclick: () => this.take(file) }, icon("down"), label);
    return [h("div", { class: "row", role: "group", "aria-label": say("exports") }, ...files.map(button))];
  }

  async take(file) {
    const wanted = file === "report.md" && current() === "zh" ? "report.zh-CN.md" : file;
    try {
      const answer = await ask(`/api/conjecture/${this.id}/${wanted}`);
      if (!answer.ok) throw new Error((await answer.json()).error.message);
      save(wanted, await answer.text());
    } catch (error) {
      notice(error.message);
    }
  }

  checker({ checker }) {
    if (!checker) return [];
    return [h("details", {}, h("summary", {}, "checker.py"), h("p", { class: "remark" }, say("checkerMore")), h("pre", { class: "mask", tabIndex: 0 }, checker))];
  }
}

function cases({ cases: told }) {
  if (!told?.rows.length) return [];
  const shown = (value) => (value === null ? "" : known(value) ? say(value) : String(value));
  return table("firstCases", told.columns.map((name) => (name === "claim" ? say("statement") : name)), told.rows.slice(0, 12).map((row) => row.map(shown)));
}

function misses({ near, near_kind: kind, spec }) {
  if (!near.length) return [];
  const named = (point) => point.map((value, i) => `${spec.variables[i].name} = ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
  return table("nearMisses", [say("point"), say(kind === "witness" ? "witness" : "slack")], near.map((miss) => [named(miss.point), number(miss.measure, 6)]));
}

const table = (title, head, rows) => [h("h3", {}, say(title)), tableOf(title, head, rows)];
