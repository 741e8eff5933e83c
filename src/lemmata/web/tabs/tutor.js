// Tutor: choose or define an exercise, grade a submission or a class, by running it.

import { h, icon } from "../dom.js";
import { current, inEveryLanguage, learn, say, translate } from "../language.js";
import { call, get } from "../server.js";
import { notice } from "../app.js";
import { show } from "../render.js";
import { tutor as words } from "../words/tutor.js";
import { Classroom, spokenIn } from "../classroom.js";
import { graded } from "../graded.js";

learn(words);

export function make() {
  const page = new Tutor();
  return { node: page.node, opened: (id) => page.opened(id) };
}

class Tutor {
  constructor() {
    this.choice = h("select", { id: "exercise", onchange: () => this.chosen() });
    this.about = h("div", { class: "about-exercise" });
    this.broken = h("div", {});
    this.edited = h("div", {});
    this.text = h("textarea", { id: "submission", rows: 10, class: "code", spellcheck: false, maxLength: 100000, onkeydown: (event) => this.typed(event) });
    this.file = h("input", { id: "submission-file", type: "file", accept: ".py,.cpp,.cc,.cxx,.txt,.md,.tex", onchange: () => this.load() });
    this.program = h("select", { id: "program" });
    this.teacher = h("input", { id: "as-teacher", type: "checkbox" });
    this.reword = h("input", { id: "reword", type: "checkbox" });
    this.go = h("button", { type: "submit", class: "primary", id: "grade" }, icon("run"), h("span", { "data-say": "gradeIt" }));
    this.stop = h("button", { type: "button", hidden: true, onclick: () => this.abort?.abort() }, icon("stop"), h("span", { "data-say": "stop" }));
    this.told = h("p", { class: "remark", role: "status", hidden: true });
    this.result = h("div", {});
    this.classroom = new Classroom(() => this.exercise);
    const field = (label, control) => h("div", { class: "field" }, h("label", { htmlFor: control.id, "data-say": label }), control);
    const check = (label, control) => h("label", { class: "check" }, control, h("span", { "data-say": label }));
    const button = (label, action) => h("button", { type: "button", onclick: action }, h("span", { "data-say": label }));
    this.node = h("section", { class: "sheet" }, h("h1", { "data-say": "tutor" }), h("p", { class: "lead", "data-say": "tutorMore" }),
      h("article", { class: "card" }, h("div", { class: "row" }, field("exercise", this.choice), button("editExercise", () => this.edit(this.exercise)), button("newExercise", () => this.edit(null))), this.broken, this.about),
      this.edited,
      h("form", { class: "card", onsubmit: (event) => { event.preventDefault(); this.grade(); } }, field("submission", this.text),
        h("div", { class: "row" }, field("submissionFile", this.file), this.spoken = field("programIn", this.program), check("asTeacher", this.teacher), check("wordedByModel", this.reword), this.go, this.stop), this.told),
      this.result, this.classroom.node);
    inEveryLanguage(() => { translate(this.node); if (this.exercises && this.node.isConnected) this.fill().catch((error) => notice(error.message)); });
  }

  async opened(id) {
    try {
      await this.fill(id);
    } catch (error) {
      notice(error.message);
    }
  }

  async fill(wanted = "") {
    const chosen = wanted || this.choice.value;
    const { exercises, broken } = await get(`/api/tutor/exercises?language=${current()}`);
    this.exercises = exercises;
    this.broken.replaceChildren(...broken.map((one) => h("p", { class: "fault" }, say("brokenExercise", { name: one.id, why: one.why }))));
    this.choice.replaceChildren(...this.exercises.map((one) => h("option", { value: one.id }, one.title)));
    if (this.exercises.some((one) => one.id === chosen)) this.choice.value = chosen;
    this.chosen();
  }

  get exercise() { return this.exercises?.find((one) => one.id === this.choice.value); }

  chosen() {
    const one = this.exercise;
    if (!one) return;
    const statement = h("div", { class: "said" });
    show(statement, one.statement);
    const row = (name, value) => [h("dt", {}, say(name)), h("dd", {}, value)];
    const calls = one.calls.map((text) => h("code", { class: "call" }, text));
    const facts = one.subject === "mathematics" ? [] : [
      ...row("exampleCalls", h("span", {}, ...calls)), ...row("testsIn", String(one.tests)),
      ...(one.complexity ? row("askedGrowth", one.complexity) : []),
      ...row("limits", say("limitsOf", { seconds: one.time_s, memory: one.memory_mib })), ...row("hintsUpTo", one.help ? String(one.help) : say("noHints"))];
    this.about.replaceChildren(statement, h("dl", { class: "facts" }, ...facts));
    this.text.classList.toggle("code", one.subject === "program");
    this.program.replaceChildren(...one.programs.map((name) => h("option", { value: name }, { python: "Python", cpp: "C++" }[name])));
    this.spoken.hidden = one.programs.length < 2;
    if (this.shown && this.shown !== one.id) this.result.replaceChildren();
    if (this.shown !== one.id) this.classroom.opened();
    this.shown = one.id;
    history.replaceState(null, "", `#tutor/${one.id}`);
  }

  async edit(exercise) {
    const { Editor } = await import("../exercise_editor.js");
    const close = async (id) => {
      this.edited.replaceChildren();
      if (id !== undefined) await this.opened(id);
      this.choice.focus();
    };
    try {
      const there = exercise && (await get(`/api/tutor/exercises/${exercise.id}`));
      const editor = new Editor(there, close);
      this.edited.replaceChildren(editor.node);
      editor.node.querySelector("input").focus();
    } catch (error) {
      notice(error.message);
    }
  }

  async load() {
    if (!this.file.files[0]) return;
    this.text.value = await this.file.files[0].text();
    if (!this.spoken.hidden) this.program.value = spokenIn(this.file.files[0].name);
    this.file.value = "";
  }

  // Ctrl+Enter grades; Enter breaks the line, as in any editor.
  typed(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    this.grade();
  }

  tell(text) {
    this.told.textContent = text;
    this.told.hidden = !text;
  }

  async grade() {
    if (this.abort) return;
    if (!this.text.value.trim()) {
      this.tell(say("nothingToGrade"));
      this.text.focus();
      return;
    }
    this.abort = new AbortController();
    this.go.disabled = true;
    this.stop.hidden = false;
    this.tell(say("grading"));
    const exercise = this.exercise;
    const asked = { exercise: exercise.id, text: this.text.value, language: current(), reword: this.reword.checked, ...(exercise.programs.length ? { program: this.program.value } : {}) };
    try {
      const told = await call("POST", `/api/tutor/${this.teacher.checked ? "review" : "grade"}`, asked, this.abort.signal);
      this.result.replaceChildren(graded(told, exercise, asked));
      this.result.firstChild.scrollIntoView({ block: "nearest" });
      this.tell("");
    } catch (error) {
      this.tell(error.name === "AbortError" ? say("stopped") : error.message);
    }
    this.abort = null;
    this.go.disabled = false;
    this.stop.hidden = true;
  }
}
