// An exercise as a form: its teacher fills it in, the server runs its reference before it is kept.

import { h, icon } from "./dom.js";
import { current, say } from "./language.js";
import { call } from "./server.js";
import { notice } from "./app.js";

const LAWS = ["", "1", "log n", "n", "n log n", "n^2", "n^3", "2^n"];
const NEW = {
  subject: "program", title: {}, statement: {}, gold: "", function: "", reference: "", complexity: "", help: 4, keeps_input: true, time_s: 2, memory_mib: 256,
  inputs: [{ name: "n", kind: "int", low: 0, high: 20 }], tests: [{ args: null, size: null, visible: true }],
};
let made = 0;

const labelled = (label, control) => {
  control.id ||= `form-${(made += 1)}`;
  return h("div", { class: "field" }, h("label", { htmlFor: control.id }, say(label)), control);
};
const ticked = (label, control) => h("label", { class: "check" }, control, say(label));
const box = (checked) => h("input", { type: "checkbox", checked });
const line = (value, given = {}) => h("input", { value: value ?? "", ...given });
const whole = (value, given = {}) => h("input", { type: "number", value: value ?? "", ...given });
const code = (value, rows, given = {}) => h("textarea", { value, rows, class: "code", spellcheck: false, ...given });
const choice = (values, chosen, name) => h("select", {}, ...values.map((value) => h("option", { value, selected: value === chosen }, name(value))));

export class Editor {
  /** @param there what is known of it, null for a new one @param {(id?: string) => void} close */
  constructor(there, close) {
    const given = there?.definition ?? NEW;
    const [mine, other] = current() === "zh" ? ["zh", "en"] : ["en", "zh"];
    this.close = close;
    this.languages = [mine, other];
    this.name = line(there?.id, { id: "exercise-name", required: true, pattern: "[a-z0-9][a-z0-9\\-]{0,59}" });
    this.subject = choice(["program", "mathematics"], given.subject, (one) => say(`subject_${one}`));
    this.subject.addEventListener("change", () => this.fit());
    this.titles = [line(given.title[mine], { id: "exercise-title", required: true }), line(given.title[other])];
    this.statements = [code(given.statement[mine] ?? "", 4, { id: "exercise-statement", required: true, class: "" }), code(given.statement[other] ?? "", 4, { class: "" })];
    this.gold = line(given.gold, { id: "exercise-gold" });
    this.style = choice(["function", "stdin"], given.style ?? "function", (one) => say(`kind_${one}`));
    this.style.addEventListener("change", () => this.fit());
    this.layout = code((given.layout ?? []).join("\n"), 3, { id: "exercise-layout" });
    this.spoken = choice(["python", "cpp"], given.spoken ?? "python", (name) => ({ python: "Python", cpp: "C++" })[name]);
    this.function = line(given.function, { id: "exercise-function", pattern: "[A-Za-z_][\\w.]*" });
    this.reference = code(given.reference, 7, { id: "exercise-reference" });
    this.complexity = choice(LAWS, given.complexity, (law) => law || "–");
    this.help = choice(["0", "1", "2", "3", "4"], String(given.help), (level) => (level === "0" ? say("noHints") : level));
    this.keeps = box(given.keeps_input);
    this.seconds = whole(given.time_s, { min: 0.05, max: 10, step: 0.05 });
    this.memory = whole(given.memory_mib, { min: 32, max: 1024 });
    this.inputs = h("div", { class: "rows" }, ...given.inputs.map((one) => inputRow(one)));
    this.tests = h("div", { class: "rows", id: "exercise-tests" }, ...given.tests.map((one) => testRow(one)));
    this.told = h("p", { class: "fault", role: "status", hidden: true });
    this.save = h("button", { type: "submit", class: "primary", id: "save-exercise" }, say("save"));
    this.node = h("form", { class: "card", id: "exercise-form", onsubmit: (event) => { event.preventDefault(); this.send(); } }, ...this.parts(there));
    this.fit();
  }

  parts(there) {
    const add = (label, rows, row) => h("button", { type: "button", class: "small", onclick: () => { rows.append(row()); rows.lastChild.querySelector("input").focus(); } }, icon("plus"), say(label));
    this.forPrograms = h("div", { class: "part" },
      labelled("style", this.style), this.forFunctions = labelled("functionName", this.function),
      this.forReaders = h("div", { class: "part" }, labelled("layout", this.layout), labelled("referenceIn", this.spoken)), labelled("reference", this.reference),
      h("h3", {}, say("inputsTitle")), this.inputs, h("div", { class: "row" }, add("addInput", this.inputs, () => inputRow({ name: "", kind: "int", low: 0, high: 20 }))),
      h("h3", {}, say("testsTitle")), this.tests, h("div", { class: "row" }, add("addTest", this.tests, () => testRow({ args: null, size: null, visible: false }))),
      h("div", { class: "row" }, labelled("askedGrowth", this.complexity), labelled("hintsUpTo", this.help), labelled("secondsATest", this.seconds), labelled("memoryATest", this.memory), ticked("keepsInput", this.keeps)));
    this.forMathematics = labelled("goldAnswer", this.gold);
    const remove = () => h("button", { type: "button", class: "danger", onclick: () => this.remove(there.id) }, icon("remove"), say("remove"));
    return [
      h("div", { class: "row" }, labelled("exercisesName", this.name), labelled("subject", this.subject)),
      labelled("title", this.titles[0]), labelled("statementText", this.statements[0]),
      h("details", {}, h("summary", {}, say("otherLanguage")), labelled("title", this.titles[1]), labelled("statementText", this.statements[1])),
      this.forPrograms, this.forMathematics,
      h("div", { class: "row" }, this.save, h("button", { type: "button", onclick: () => this.close() }, say("cancel")), ...(there?.own ? [remove()] : [])), this.told];
  }

  fit() {
    const program = this.subject.value === "program";
    this.forPrograms.hidden = !program;
    this.forMathematics.hidden = program;
    const reads = this.style.value === "stdin";
    this.forFunctions.hidden = reads;
    this.forReaders.hidden = !reads;
    this.reference.required = program;
    this.function.required = program && !reads;
    this.layout.required = program && reads;
    this.gold.required = !program;
  }

  definition() {
    const texts = (controls) => Object.fromEntries(this.languages.map((name, i) => [name, controls[i].value.trim()]).filter(([, text]) => text));
    const common = { subject: this.subject.value, title: texts(this.titles), statement: texts(this.statements) };
    if (common.subject === "mathematics") return { ...common, gold: this.gold.value.trim() };
    return {
      ...common, ...this.said(), reference: this.reference.value, complexity: this.complexity.value, help: Number(this.help.value),
      keeps_input: this.keeps.checked, time_s: Number(this.seconds.value), memory_mib: Number(this.memory.value),
      inputs: [...this.inputs.children].map((row) => row.read()), tests: [...this.tests.children].map((row) => row.read()),
    };
  }

  said() {
    if (this.style.value === "function") return { style: "function", function: this.function.value.trim() };
    return { style: "stdin", layout: this.layout.value.split("\n").map((one) => one.trim()).filter(Boolean), spoken: this.spoken.value };
  }

  tell(text, look = "fault") {
    this.told.className = look;
    this.told.textContent = text;
    this.told.hidden = !text;
  }

  async send() {
    this.save.disabled = true;
    this.tell(say("checkingExercise"), "remark");
    try {
      const { id } = await call("PUT", `/api/tutor/exercises/${encodeURIComponent(this.name.value)}`, this.definition());
      this.close(id);
    } catch (error) {
      this.tell(error.message);
    }
    this.save.disabled = false;
  }

  async remove(id) {
    if (!confirm(say("removeNamed", { name: id }))) return;
    try {
      await call("DELETE", `/api/tutor/exercises/${id}`);
      this.close("");
    } catch (error) {
      notice(error.message);
    }
  }
}

const bin = (row) => h("button", { type: "button", class: "quiet", title: say("remove"), "aria-label": say("remove"), onclick: () => row().remove() }, icon("remove"));

/** A list's items are taken as they were where they are more than integers or texts. */
function inputRow(given) {
  const inner = given.items ?? (given.kind === "list" ? null : given);
  const name = line(given.name, { required: true, pattern: "[A-Za-z_]\\w*", size: 8 });
  const kind = choice(["int", "text", "list", "choice"], given.kind, (one) => say(`kind_${one}`));
  const low = whole(inner?.low ?? 0);
  const high = whole(inner?.high ?? 10);
  const least = whole(given.least ?? 0, { min: 0 });
  const most = whole(given.most ?? 8, { min: 0 });
  const choices = line(given.kind === "choice" ? given.values.map((one) => JSON.stringify(one)).join(", ") : given.kind === "text" || inner?.kind === "text" ? (inner.letters ?? "ab") : "", { size: 10 });
  const grows = box(given.grows ?? false);
  const fields = { low: labelled("from", low), high: labelled("to", high), least: labelled("shortest", least), most: labelled("longest", most), choices: labelled("choices", choices) };
  const fit = () => {
    const sized = ["list", "text"].includes(kind.value);
    fields.low.hidden = fields.high.hidden = !["int", "list"].includes(kind.value);
    fields.least.hidden = fields.most.hidden = !sized;
    fields.choices.hidden = kind.value === "int";
  };
  kind.addEventListener("change", fit);
  const row = h("div", { class: "row" }, labelled("name", name), labelled("kind", kind), ...Object.values(fields), ticked("sizeCounts", grows), bin(() => row));
  fit();
  row.read = () => {
    const told = { name: name.value.trim(), kind: kind.value, grows: grows.checked, sorted: given.sorted ?? false, distinct: given.distinct ?? false };
    const range = { low: Number(low.value), high: Number(high.value) };
    if (kind.value === "int") return { ...told, ...range };
    if (kind.value === "choice") return { ...told, values: values(choices.value) };
    const lengths = { ...told, least: Number(least.value), most: Number(most.value) };
    if (kind.value === "text") return { ...lengths, letters: choices.value || "ab" };
    const kept = given.items && !["int", "text"].includes(given.items.kind);
    const items = choices.value ? { name: "item", kind: "text", letters: choices.value } : { name: "item", kind: "int", ...range };
    return { ...lengths, items: kept ? given.items : { ...given.items, ...items } };
  };
  return row;
}

function testRow(given) {
  const args = line(given.args ? given.args.map((one) => JSON.stringify(one)).join(", ") : "", { size: 24, class: "code" });
  const size = whole(given.size, { min: 1, max: 200000 });
  const visible = box(given.visible);
  const row = h("div", { class: "row" }, labelled("testArguments", args), labelled("testSize", size), ticked("visibleTest", visible), bin(() => row));
  row.read = () => (size.value ? { size: Number(size.value), visible: visible.checked } : { args: values(args.value), visible: visible.checked });
  return row;
}

function values(text) {
  try {
    return JSON.parse(`[${text}]`);
  } catch {
    throw new Error(say("notJson", { text }));
  }
}
