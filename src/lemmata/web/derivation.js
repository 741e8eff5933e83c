// A derivation as it grows: only what is new or changed is drawn, a few milliseconds a frame, so
// that the page stays quick however long it becomes.

import { h, icon } from "./dom.js";
import { say } from "./language.js";
import { fragment, libraries } from "./render.js";
import { inUnits, rows } from "./rows.js";
import { call } from "./server.js";

const BUDGET_MS = 6;
const REDRAW_MS = 150;
const LONGEST_LIVE = 4000;
const CHECK_MS = 1500;

/** Draws rows a little at a time, in the order they came. */
class Queue {
  constructor() {
    this.waiting = new Set();
    this.asked = false;
  }

  add(row) {
    this.waiting.add(row);
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => this.work());
  }

  async work() {
    const libs = await libraries();
    const began = performance.now();
    for (const row of this.waiting) {
      this.waiting.delete(row);
      row.draw(libs);
      if (performance.now() - began > BUDGET_MS) break;
    }
    this.asked = this.waiting.size > 0;
    if (this.asked) requestAnimationFrame(() => this.work());
  }
}

const queue = new Queue();

class Row {
  constructor() {
    this.mark = h("span", { class: "mark" });
    this.body = h("div", { class: "said" });
    this.why = h("p", { class: "why", hidden: true });
    this.node = h("li", {}, this.mark, h("div", {}, this.body, this.why));
    this.text = "";
    this.state = null;
  }

  set({ text, state, reason }, live) {
    if (text !== this.text) {
      this.text = text;
      if (live && text.length > LONGEST_LIVE) this.body.textContent = text;
      else {
        if (!this.body.firstChild) this.body.textContent = text;
        queue.add(this);
      }
    }
    if (state !== this.state || reason !== this.reason) this.judge(state, reason);
  }

  judge(state, reason) {
    this.state = state;
    this.reason = reason;
    this.node.className = state;
    this.mark.replaceChildren(...(state ? [icon(state), h("span", { class: "offscreen" }, say(state))] : []));
    this.why.hidden = state !== "fails";
    this.why.textContent = reason;
  }

  draw(libs) {
    this.body.replaceChildren(fragment(this.text, libs));
  }
}

export class Derivation {
  /** @param {string} problem whose numbers count as known */
  constructor(problem) {
    this.problem = problem;
    this.text = "";
    this.steps = [];
    this.rows = [];
    this.node = h("ol", { class: "derivation" });
    this.checked = 0;
    this.timer = 0;
    this.settled = { at: 0, rows: 0 };
  }

  /** More text has come. */
  add(text) {
    this.text += text;
    this.timer ||= setTimeout(() => this.refresh(), REDRAW_MS);
  }

  /** Forget what came: another derivation takes its place. */
  restart() {
    this.text = "";
    this.steps = [];
    this.checked = 0;
    this.lay(false);
  }

  refresh() {
    this.timer = 0;
    this.lay(true);
    if (!this.checking && !this.ended && this.text.length > this.checked + 20) this.check();
  }

  /** Ask for the marks of what stands there; again only after a while that grows with its cost. */
  async check() {
    this.checking = true;
    const text = this.text;
    const began = performance.now();
    try {
      const report = await call("POST", "/api/verify/steps", { text, problem: this.problem });
      if (!this.ended) this.steps = settled(text, inUnits(text, report.steps));
      this.checked = text.length;
      this.onsteps?.(report.steps);
      this.lay(true);
    } catch {
      this.checked = text.length; // the solution brings its own marks
    }
    setTimeout(() => { this.checking = false; }, Math.max(CHECK_MS, 8 * (performance.now() - began)));
  }

  /** The whole of it, judged. */
  finish(text, steps) {
    this.ended = true;
    clearTimeout(this.timer);
    this.timer = 0;
    this.text = text;
    this.steps = inUnits(text, steps);
    this.lay(false);
  }

  /** Bring the rows up to date: all where the marks are new, else from the last block on. */
  lay(live) {
    const known = this.judged === this.steps && live ? this.settled : { at: 0, rows: 0 };
    this.judged = this.steps;
    const wanted = rows(this.text, this.steps, known.at);
    while (this.rows.length > known.rows + wanted.length) this.rows.pop().node.remove();
    wanted.forEach((row, i) => {
      const place = known.rows + i;
      if (place >= this.rows.length) {
        this.rows.push(new Row());
        this.node.append(this.rows[place].node);
      }
      this.rows[place].set(row, live && i === wanted.length - 1);
    });
    const last = wanted[wanted.length - 1]?.at ?? 0;
    this.settled = { at: last, rows: known.rows + Math.max(0, wanted.findIndex((row) => row.at === last)) };
    this.node.hidden = this.rows.length === 0;
  }
}

/** The last step may still be being written: its mark waits. */
function settled(text, steps) {
  const last = steps[steps.length - 1];
  const open = last && !/[.!?。！？；\n]\s*$/.test(text.slice(0, last.end + 2));
  return open ? [...steps.slice(0, -1), { ...last, state: "unchecked", reason: "" }] : steps;
}
