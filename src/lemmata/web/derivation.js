// A derivation as it grows: only what is new or changed is drawn, a little in every second frame, so
// that the page stays quick however long it becomes.

import { h, icon } from "./dom.js";
import { say } from "./language.js";
import { fragment, libraries } from "./render.js";
import { retold } from "./reasons.js";
import { inUnits, rows } from "./rows.js";
import { call } from "./server.js";

const BUDGET_MS = 2;
const REDRAW_MS = 150;
const LONGEST_LIVE = 4000;
const CHECK_MS = 1500;
const PART = 12;
const CHAPTER = 5;

/** Draws what is to be drawn a little at a time, in the order it came: in every second frame, so that
 * following the end of the text (`follow` in solve.js) has the frames between. */
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
    if (this.asked) requestAnimationFrame(() => requestAnimationFrame(() => this.work()));
  }
}

const queue = new Queue();

/** Do it in a frame to come that has time for it. @param {() => void} draw */
export const soon = (draw) => queue.add({ draw });

class Row {
  /** @param {boolean} brief while the derivation is written: without MathML and buttons */
  constructor(brief) {
    this.brief = brief;
    this.mark = h("span", { class: "mark" });
    this.body = h("div", { class: "said" });
    this.why = h("p", { class: "why", hidden: true });
    this.node = h("li", {}, this.mark, h("div", {}, this.body, this.why));
    this.wanted = { text: "", state: "", reason: "", at: 0 };
    this.drawn = { text: "", state: "", reason: "" };
  }

  /** Where the block of Markdown that it belongs to begins. */
  get at() { return this.wanted.at; }

  set(row, live) {
    this.wanted = row;
    const { text, state, reason } = this.drawn;
    if (text === row.text && state === row.state && reason === row.reason) return;
    const long = live && row.text.length > LONGEST_LIVE;
    if (long || !this.body.firstChild) this.body.textContent = row.text;
    if (long) this.drawn.text = row.text;
    queue.add(this);
  }

  draw(libs) {
    const { text, state, reason } = this.wanted;
    if (text !== this.drawn.text) this.body.replaceChildren(fragment(text, libs, this.brief));
    if (state !== this.drawn.state || reason !== this.drawn.reason) this.judge(state, reason);
    this.drawn = { text, state, reason };
  }

  /** Draw it once more with everything, where that makes a difference. */
  complete() {
    if (!this.brief) return;
    this.brief = false;
    if (!this.body.querySelector(".formula, pre")) return;
    this.drawn.text = "";
    queue.add(this);
  }

  judge(state, reason) {
    this.node.className = state;
    this.mark.replaceChildren(...(state ? [icon(state), h("span", { class: "offscreen", "data-say": state }, say(state))] : []));
    this.why.hidden = state !== "fails";
    this.why.textContent = retold(reason);
  }

  /** In the language that was chosen meanwhile. */
  speak() {
    if (!this.why.hidden) this.why.textContent = retold(this.drawn.reason);
  }
}

export class Derivation {
  /** @param {string} problem whose numbers count as known */
  constructor(problem) {
    this.problem = problem;
    this.text = "";
    this.steps = [];
    this.judged = this.steps;
    this.rows = [];
    this.node = h("div", { class: "derivation" });
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
    this.lay(false, false);
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
    const grown = text.startsWith(this.text.slice(0, this.settled.at));
    this.text = text;
    this.steps = inUnits(text, steps);
    this.lay(false, grown);
    this.complete();
  }

  speak() {
    for (const row of this.rows) row.speak();
  }

  /** What was drawn in haste is drawn in full when it comes near. */
  complete() {
    const near = new IntersectionObserver((entries) => {
      for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
        near.unobserve(target);
        for (const row of this.rows) if (row.node.parentElement === target) row.complete();
      }
    }, { rootMargin: "400px" });
    for (const part of this.node.querySelectorAll("ol.part")) near.observe(part);
  }

  /** Bring the rows up to date, from where the text or its marks may have changed. */
  lay(live, grown = true) {
    const known = grown ? this.unchanged() : { at: 0, rows: 0 };
    this.judged = this.steps;
    const wanted = rows(this.text, this.steps, known.at);
    while (this.rows.length > known.rows + wanted.length) this.drop();
    wanted.forEach((row, i) => {
      const place = known.rows + i;
      if (place >= this.rows.length) this.append(new Row(!this.ended));
      this.rows[place].set(row, live && i === wanted.length - 1);
    });
    const last = wanted[wanted.length - 1]?.at ?? 0;
    this.settled = { at: last, rows: known.rows + Math.max(0, wanted.findIndex((row) => row.at === last)) };
    this.node.hidden = this.rows.length === 0;
  }

  /** The end of what both the text and its marks leave as it is: a block, and its first row. */
  unchanged() {
    const [before, now] = [this.judged, this.steps];
    if (before === now) return this.settled;
    const same = (a, b) => a && b && a.start === b.start && a.end === b.end && a.state === b.state && a.reason === b.reason;
    let first = 0;
    while (same(before[first], now[first])) first += 1;
    const start = Math.min(before[first]?.start ?? Infinity, now[first]?.start ?? Infinity, this.settled.at);
    let row = this.rows.findLastIndex((one) => one.at <= start);
    while (row > 0 && this.rows[row - 1].at === this.rows[row].at) row -= 1;
    return row > 0 ? { at: this.rows[row].at, rows: row } : { at: 0, rows: 0 };
  }

  /** Rows stand in parts, so that a new one has the browser lay out and paint few others, and parts in chapters: what
   * is far from sight costs one check a chapter in each frame. */
  append(row) {
    if (this.rows.length % (PART * CHAPTER) === 0) {
      this.node.lastChild?.classList.add("full");
      this.node.append(h("div", { class: "chapter" }));
    }
    if (this.rows.length % PART === 0) this.node.lastChild.append(h("ol", { class: "part" }));
    this.rows.push(row);
    this.node.lastChild.lastChild.append(row.node);
  }

  drop() {
    this.rows.pop().node.remove();
    if (this.rows.length % PART === 0) this.node.lastChild.lastChild.remove();
    if (this.rows.length % (PART * CHAPTER) === 0) this.node.lastChild.remove();
    this.node.lastChild?.classList.remove("full");
  }
}

/** The last step may still be being written: its mark waits. */
function settled(text, steps) {
  const last = steps[steps.length - 1];
  const open = last && !/[.!?。！？；\n]\s*$/.test(text.slice(0, last.end + 2));
  return open ? [...steps.slice(0, -1), { ...last, state: "unchecked", reason: "" }] : steps;
}
