// One tuning as it runs: loss, tokens a second, the time that is left, gates; at its end, serve it
// and measure it against the base on the same items.

import { Chart } from "./chart.js";
import { h, icon } from "./dom.js";
import { number, say } from "./language.js";
import { call, get } from "./server.js";
import { notice } from "./app.js";
import { ended, ENDED, follow, stateTag } from "./jobs.js";
import { contrasts } from "./measures.js";

const LINES = ["--accent", "--good", "--warn", "--bad", "--quiet", "--strong-line"];

export class Watched {
  constructor(job, changed) {
    this.id = job.id;
    this.changed = changed;
    this.chart = new Chart(say("lossOver"), ["--accent", "--strong-line"]);
    this.byStep = new Chart(say("lossByStep"), LINES);
    this.byStepFrame = h("details", { hidden: true }, h("summary", {}, say("lossByStep")), this.byStep.node);
    this.state = h("span", {});
    this.facts = h("dl", { class: "facts" });
    this.bar = h("progress", { max: 1, value: 0, "aria-label": say("progress") });
    this.gates = h("div", { class: "row" });
    this.actions = h("div", { class: "row" });
    this.after = h("div", { "aria-live": "polite" });
    this.node = h("article", { class: "card" }, h("div", { class: "row" }, h("h2", {}, job.title), this.state), this.bar, this.chart.node, this.byStepFrame, this.facts, this.gates, this.actions, this.after);
    this.began = null;
    this.leave = follow(job.id, { job: (one) => this.job(one), line: (line) => this.line(line) });
  }

  job(job) {
    this.now = job;
    this.state.replaceChildren(stateTag(job));
    const act = (label, action, given = {}) => h("button", { type: "button", ...given, onclick: action }, say(label));
    const stop = () => call("POST", `/api/jobs/${this.id}/stop`).catch((error) => notice(error.message));
    this.actions.replaceChildren(...(job.state === "running" ? [act("stop", stop)] : []), ...(job.state === "done" ? [act("serveIt", () => this.serve(), { class: "primary" }), act("beforeAfter", () => this.compare())] : []));
    if (ENDED.includes(job.state)) {
      this.changed();
      if (job.state === "failed") this.why();
    }
  }

  async why() {
    const { log } = await get(`/api/jobs/${this.id}`);
    this.after.replaceChildren(h("p", { class: "fault" }, log[log.length - 1] ?? ""));
  }

  line(line) {
    if (line.event === "started" || line.event === "resumed") this.steps = line.steps;
    if (line.event === "gate") this.gate(line);
    if (line.event === "step") this.step(line);
    if (line.event === "finished") this.bar.value = 1;
  }

  step(line) {
    this.chart.add(line.step, line.loss, line.nll ?? null);
    if (line.step_nll?.length) {
      this.byStepFrame.hidden = false;
      this.byStep.add(line.step, ...LINES.map((_, i) => line.step_nll[i] ?? null));
    }
    this.began ??= { time: line.time, step: line.step };
    const pace = (line.time - this.began.time) / Math.max(1, line.step - this.began.step);
    const left = this.steps ? Math.max(0, (this.steps - line.step) * pace) : null;
    this.bar.value = this.steps ? line.step / this.steps : 0;
    const row = (name, value) => [h("dt", {}, say(name)), h("dd", {}, value)];
    this.facts.replaceChildren(...row("step", `${line.step} / ${this.steps ?? "?"}`), ...(line.stage ? row("stage", line.stage) : []), ...row("loss", number(line.loss, 4)),
      ...row("rate", number(line.lr, 6)), ...row("tokensPerSecond", number(line.tokens_per_s)), ...(left === null ? [] : row("remaining", say("minutes", { minutes: number(left / 60, 1) }))));
  }

  gate(line) {
    const passed = line.passed !== false;
    this.gates.append(h("span", { class: `tag ${passed ? "good" : "bad"}` }, icon(passed ? "holds" : "fails"), `${line.stage}: ${say(passed ? "passed" : "notPassed")}`));
  }

  async serve() {
    const name = prompt(say("serveAs"), this.now.title);
    if (!name) return;
    try {
      await call("POST", `/api/jobs/${this.id}/serve`, { name });
      this.served = name;
      this.after.replaceChildren(h("p", {}, say("served", { name }), " ", h("a", { href: "#solve" }, say("solve"))));
    } catch (error) {
      notice(error.message);
    }
  }

  /** Base and adapter on the same problems: rows held out of what it was tuned on, or its family's. */
  async compare() {
    if (!this.served) await this.serve();
    if (!this.served) return;
    const data = (this.now.about.recipe.data ?? []).find((item) => /^(task|upload):/.test(item));
    const benchmark = data ? data.split(":").slice(0, 2).join(":") : "counting";
    this.after.replaceChildren(h("p", { class: "empty" }, say("measuring")));
    try {
      const job = await call("POST", "/api/evaluations", { benchmark, adapters: ["base", this.served], limit: 20, seed: 7 });
      const made = await ended(job.id);
      const run = await get(`/api/evaluations/${made.about.evaluation}`);
      this.after.replaceChildren(contrasts(run.results), h("a", { href: `#evaluate/${run.id}` }, say("everyItem")));
    } catch (error) {
      this.after.replaceChildren(h("p", { class: "fault" }, error.message));
    }
  }
}
