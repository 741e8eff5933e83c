// One tuning as it runs: loss, tokens a second, the time that is left, gates; at its end, serve it
// and measure it against the base on the same items.

import { Chart } from "./chart.js";
import { question } from "./dialog.js";
import { h, icon } from "./dom.js";
import { number, say, translate } from "./language.js";
import { call, get } from "./server.js";
import { notice } from "./app.js";
import { ended, ENDED, follow, mayGoOn, stateTag } from "./jobs.js";
import { contrasts } from "./measures.js";

const LINES = ["--accent", "--good", "--warn", "--bad", "--quiet", "--strong-line"];

export class Watched {
  /** @param {{changed: () => void, again: (job: any) => void}} told of its end, and of its being gone on with */
  constructor(job, told) {
    this.id = job.id;
    this.told = told;
    this.chart = new Chart("lossOver", [["--accent", "loss"], ["--warn", "lossOfRows"]]);
    this.byStep = new Chart("lossByStep", LINES.map((colour, i) => [colour, i + 1]));
    this.byStepFrame = h("details", { hidden: true }, h("summary", { "data-say": "lossByStep" }, say("lossByStep")), this.byStep.node);
    this.state = h("span", {});
    this.facts = h("dl", { class: "facts" });
    this.bar = h("progress", { max: 1, value: 0, "data-label": "progress", "aria-label": say("progress") });
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
    const act = (label, action, given = {}) => h("button", { type: "button", "data-say": label, ...given, onclick: action }, say(label));
    const order = (what) => call("POST", `/api/jobs/${this.id}/${what}`).catch((error) => notice(error.message));
    const resume = async () => { const again = await order("resume"); if (again) this.told.again(again); };
    this.actions.replaceChildren(...(job.state === "running" ? [act("stop", () => order("stop"))] : []), ...(mayGoOn(job) ? [act("resume", resume)] : []), ...(job.state === "done" ? [act("serveIt", () => this.serve(), { class: "primary" }), act("beforeAfter", () => this.compare())] : []));
    if (ENDED.includes(job.state)) {
      this.told.changed();
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

  /** In the language that was chosen meanwhile. */
  speak() {
    translate(this.node);
    if (this.now) this.state.replaceChildren(stateTag(this.now));
    if (this.last) this.tell(this.last);
    this.compared?.();
  }

  step(line) {
    const apart = line.nll !== undefined && Math.abs(line.nll - line.loss) > 1e-6; // penalties, teachers or anchors weigh in
    this.chart.add(line.step, line.loss, apart ? line.nll : null);
    if (line.step_nll?.length) {
      this.byStepFrame.hidden = false;
      this.byStep.add(line.step, ...LINES.map((_, i) => line.step_nll[i] ?? null));
    }
    this.began ??= { time: line.time, step: line.step };
    this.last = line;
    this.tell(line);
  }

  tell(line) {
    const pace = (line.time - this.began.time) / Math.max(1, line.step - this.began.step);
    const known = this.steps && line.step > this.began.step && line.step < this.steps;
    const left = known ? (this.steps - line.step) * pace : null;
    this.bar.value = this.steps ? line.step / this.steps : 0;
    const row = (name, value) => [h("dt", {}, say(name)), h("dd", {}, value)];
    this.facts.replaceChildren(...row("step", `${line.step} / ${this.steps ?? "?"}`), ...(line.stage ? row("stage", line.stage) : []), ...row("loss", number(line.loss, 4)),
      ...row("rate", number(line.lr, 6)), ...row("tokensPerSecond", number(line.tokens_per_s)), ...(left === null ? [] : row("remaining", say("minutes", { minutes: number(left / 60, 1) }))));
  }

  gate(line) {
    const passed = line.passed !== false;
    this.gates.append(h("span", { class: `tag ${passed ? "good" : "bad"}` }, icon(passed ? "holds" : "fails"), `${line.stage}: `, h("span", { "data-say": passed ? "passed" : "notPassed" }, say(passed ? "passed" : "notPassed"))));
  }

  async serve() {
    const name = await question(say("serveAs"), { value: this.now.title, yes: say("serveIt") });
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
    this.after.replaceChildren(h("p", { class: "empty working", "data-say": "measuring" }, say("measuring")));
    try {
      const job = await call("POST", "/api/evaluations", { benchmark, adapters: ["base", this.served], limit: 20, seed: 7 });
      const made = await ended(job.id);
      const run = await get(`/api/evaluations/${made.about.evaluation}`);
      this.compared = () => this.after.replaceChildren(contrasts(run.results), h("a", { href: `#evaluate/${run.id}` }, say("everyItem")));
      this.compared();
      this.after.scrollIntoView({ block: "nearest" });
    } catch (error) {
      this.after.replaceChildren(h("p", { class: "fault" }, error.message));
    }
  }
}
