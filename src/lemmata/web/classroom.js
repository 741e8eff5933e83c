// A whole class: graded one after the other, the same mistakes together, look-alikes, tables to take.

import { h, icon, save } from "./dom.js";
import { current, inEveryLanguage, number, say, translate } from "./language.js";
import { call, get, post } from "./server.js";
import { natureOf } from "./graded.js";
import { tableOf } from "./measures.js";

/** The language of a program by the name of its file. */
export const spokenIn = (name) => (/\.(cpp|cc|cxx)$/i.test(name) ? "cpp" : "python");

export class Classroom {
  /** @param {() => any} exercise the one that is chosen */
  constructor(exercise) {
    this.exercise = exercise;
    this.files = h("input", { id: "class-files", type: "file", multiple: true, accept: ".py,.cpp,.cc,.cxx,.txt,.md,.tex", required: true });
    this.go = h("button", { type: "submit", class: "primary" }, h("span", { "data-say": "gradeClass" }));
    this.stop = h("button", { type: "button", hidden: true, onclick: () => this.abort?.abort() }, icon("stop"), h("span", { "data-say": "stop" }));
    this.bar = h("progress", { max: 1, value: 0, hidden: true, "data-label": "progress" });
    this.told = h("p", { class: "remark", role: "status" });
    this.rows = h("div", {});
    this.compared = h("div", { class: "report" });
    this.forget = h("button", { type: "button", class: "danger", hidden: true, onclick: () => this.remove() }, icon("remove"), h("span", { "data-say": "forgetClass" }));
    this.node = h("form", { class: "card", id: "class", onsubmit: (event) => { event.preventDefault(); this.grade(); } },
      h("h2", { "data-say": "wholeClass" }), h("p", { class: "empty", "data-say": "classMore" }),
      h("div", { class: "row" }, h("div", { class: "field" }, h("label", { htmlFor: "class-files", "data-say": "classFiles" }), this.files), this.go, this.stop, this.forget),
      this.bar, this.told, this.rows, this.compared);
    inEveryLanguage(() => { translate(this.node); if (this.graded) this.draw(); if (this.end) this.compare(this.end); });
  }

  // What was graded before, perhaps by a server that has been stopped since. Only its teacher may
  // see it: to others there is nothing here, and no word about it.
  async opened() {
    const { id } = this.exercise();
    this.abort?.abort();
    [this.graded, this.end] = [[], null];
    this.told.textContent = "";
    this.rows.replaceChildren();
    this.compared.replaceChildren();
    const known = await get(`/api/tutor/class?exercise=${encodeURIComponent(id)}`).catch(() => null);
    if (this.exercise().id !== id || this.graded.length) return;
    this.forget.hidden = !known?.rows.length;
    if (this.forget.hidden) return;
    this.graded = known.rows;
    this.end = known;
    this.draw();
    this.compare(known);
  }

  async remove() {
    const { id } = this.exercise();
    if (!confirm(say("forgetClassOf", { name: id }))) return;
    try {
      await call("DELETE", `/api/tutor/class?exercise=${encodeURIComponent(id)}`);
      await this.opened();
    } catch (error) {
      this.told.textContent = error.message;
    }
  }

  async handed() {
    const names = new Set();
    return Promise.all([...this.files.files].map(async (file) => {
      let student = file.name.replace(/\.\w+$/, "").slice(0, 90) || file.name;
      while (names.has(student)) student += "'";
      names.add(student);
      return { student, text: await file.text(), program: spokenIn(file.name) };
    }));
  }

  async grade() {
    this.abort = new AbortController();
    this.busy(true);
    this.graded = [];
    this.end = null;
    this.compared.replaceChildren();
    this.told.textContent = say("grading");
    this.began = performance.now();
    try {
      const body = { exercise: this.exercise().id, submissions: await this.handed(), language: current() };
      for await (const { name, data } of post("/api/tutor/class", body, this.abort.signal)) this.hear(name, data);
    } catch (error) {
      const cut = { done: this.graded.length, total: this.files.files.length };
      this.told.textContent = error.name === "AbortError" ? say("classStopped", cut) : error.message;
    }
    this.busy(false);
  }

  hear(name, data) {
    if (name === "error") throw new Error(data.error.message);
    if (name === "class") {
      this.end = data;
      this.forget.hidden = false;
      this.told.textContent = "";
      this.compare(data);
      return;
    }
    this.graded.push(data);
    const done = this.graded.length;
    this.bar.value = done / data.total;
    const left = ((performance.now() - this.began) / 1000 / done) * (data.total - done);
    this.told.textContent = say("gradedOf", { done, total: data.total, seconds: number(left) });
    this.draw();
  }

  busy(state) {
    this.go.disabled = state;
    this.stop.hidden = !state;
    this.bar.hidden = !state;
    this.bar.value = 0;
  }

  draw() {
    const program = this.exercise().subject === "program";
    const head = ["student", "outcome", program ? "testsTitle" : "stepsTitle", "mistake", "line", ...(program ? ["measuredGrowth"] : [])].map((name) => say(name));
    const outcome = (row) => h("span", { class: `tag ${row.passed ? "good" : "bad"}` }, row.passed ? say("passedAll") : program ? row.verdict : say("failed"));
    const mistake = (row) => h("span", { title: row.comments[0]?.text ?? "" }, row.mistake ? natureOf(row.mistake) : row.trouble);
    this.rows.replaceChildren(tableOf("wholeClass", head, this.graded.map((row) => [row.student, outcome(row), row.tests ? `${row.tests_passed}/${row.tests}` : "–", mistake(row), row.line ? String(row.line) : "–", ...(program ? [row.growth || "–"] : [])])));
  }

  compare({ clusters, alike, remark, csv, markdown }) {
    const name = `${this.exercise().id}-class`;
    const take = (label, ending, text, kind) => h("button", { type: "button", class: "small", onclick: () => save(`${name}.${ending}`, text, kind) }, icon("down"), label);
    this.compared.replaceChildren(
      h("div", { class: "row" }, take("CSV", "csv", csv, "text/csv"), take("Markdown", "md", markdown, "text/markdown")),
      h("h3", {}, say("sameMistake")),
      clusters.length ? h("ul", { class: "clusters" }, ...clusters.map((one) => h("li", {}, h("span", { class: "tag bad" }, `${natureOf(one.mistake)} · ${one.students.length}`), " ", ...(one.example ? [h("code", {}, one.example), " "] : []), one.students.join(", ")))) : h("p", { class: "empty" }, say("noMistakes")),
      h("h3", {}, say("alikeTitle")), h("p", { class: "hint" }, say("alikeMore")),
      alike.length ? h("ul", { class: "clusters" }, ...alike.map((pair) => h("li", {}, `${pair.first} – ${pair.second}: ${number(100 * pair.share)} %`))) : h("p", { class: "empty" }, remark || say("noAlike")));
  }
}
