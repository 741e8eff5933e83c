// The recipe as a form, made from the schema that the server gives.

import { h } from "./dom.js";
import { inEveryLanguage, known, learn, say } from "./language.js";
import { get } from "./server.js";
import { recipe as words } from "./words/recipe.js";

learn(words);

const FIRST = ["name", "base", "lr", "lora_r", "lora_alpha", "epochs", "rows_per_step", "languages"];
const ELSEWHERE = ["data", "bias", "task_type", "teacher", "teacher_weight", "anchor", "anchor_weight", "anchor_rows", "stages"];

export class RecipeForm {
  constructor() {
    this.inputs = new Map();
    this.hints = new Map();
    this.first = h("div", { class: "fields" });
    this.rest = h("div", { class: "fields" });
    this.summary = h("summary", {});
    this.node = h("div", {}, this.first, h("details", {}, this.summary, this.rest));
    inEveryLanguage(() => this.speak());
  }

  async load() {
    if (this.inputs.size) return;
    const { recipe } = await get("/api/train/schema");
    for (const [name, field] of Object.entries(recipe.properties)) {
      if (ELSEWHERE.includes(name)) continue;
      const made = input(name, field);
      this.inputs.set(name, { made, field });
      const place = FIRST.includes(name) ? this.first : this.rest;
      const hint = h("p", { class: "hint", id: `${made.id}-hint` });
      this.hints.set(name, { hint, about: field.description ?? "" });
      place.append(h("div", { class: "field" }, h("label", { htmlFor: made.id }, name), made, hint));
      made.setAttribute("aria-describedby", hint.id);
    }
    const name = this.inputs.get("name").made;
    name.value = "mine";
    name.required = true;
    this.speak();
  }

  speak() {
    this.summary.textContent = say("allFields");
    for (const [name, { hint, about }] of this.hints) hint.textContent = known(`recipe_${name}`) ? say(`recipe_${name}`) : about;
  }

  /** The fields that differ from the defaults, and the name. */
  fields() {
    const found = {};
    for (const [name, { made, field }] of this.inputs) {
      const value = read(made, field);
      if (value !== undefined && JSON.stringify(value) !== JSON.stringify(field.default ?? null)) found[name] = value;
    }
    return found;
  }
}

const kindOf = (field) => field.type ?? field.anyOf?.find((one) => one.type !== "null")?.type;

function input(name, field) {
  const id = `recipe-${name}`;
  if (kindOf(field) === "boolean") return h("input", { id, type: "checkbox", checked: field.default === true });
  if (field.enum) return h("select", { id }, ...field.enum.map((value) => h("option", { selected: value === field.default }, value)));
  const kind = kindOf(field);
  const plain = Array.isArray(field.default) ? field.default.join(", ") : (field.default ?? "");
  return h("input", { id, type: kind === "integer" || kind === "number" ? "number" : "text", step: kind === "number" ? "any" : "1", value: String(plain) });
}

function read(made, field) {
  if (made.type === "checkbox") return made.checked;
  const text = made.value.trim();
  if (text === "") return field.default === undefined || field.default === null ? undefined : Array.isArray(field.default) ? [] : undefined;
  const kind = kindOf(field);
  if (kind === "integer" || kind === "number") return Number(text);
  if (kind !== "array") return text;
  const items = text.split(",").map((item) => item.trim()).filter(Boolean);
  return items.every((item) => item !== "" && !Number.isNaN(Number(item))) ? items.map(Number) : items;
}
