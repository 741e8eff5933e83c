// Measures and comparisons as tables, every share with its interval.

import { h } from "./dom.js";
import { number, say } from "./language.js";

const percent = (share) => (share === null || share === undefined ? "–" : number(100 * share, 1).replace("-", "−"));

/** A share of 1 with its interval, in percent. */
export function interval(value) {
  if (value === null || value === undefined) return "–";
  const dash = value.low < 0 ? " – " : "–"; // no dash right before a minus
  return `${percent(value.value)} (${percent(value.low)}${dash}${percent(value.high)})`;
}

const AXES = ["adapter", "role", "language", "policy", "strategy"];
const named = (cell) => AXES.map((axis) => cell[axis]).filter(Boolean).join(" · ") || "–";

/** One row a cell: accuracy, pass@k, tokens. */
export function cells(results) {
  const head = ["cell", "items", "accuracy", "truncated", "tokens"];
  return table(head, results.cells.map((one) => [named(one.cell), number(one.items), interval(one.accuracy), interval(one.truncated), number(one.tokens)]));
}

/** Paired comparisons on the same items. */
export function contrasts(results) {
  if (!results?.contrasts?.length) return h("p", { class: "empty" }, say("nothingPaired"));
  const head = ["comparison", "items", "difference", "pBetter"];
  return table(head, results.contrasts.map((one) => [`${one.a || say("bare")} → ${one.b}`, number(one.items), interval(one.difference), percent(one.p_better)]));
}

function table(head, rows) {
  return tableOf(head[0], head.map((name) => say(name)), rows, "number");
}

/**
 * A table that can be scrolled by keyboard where it is wider than the page.
 * @param {string} label the name of the text that says what it is
 * @param {(string|Node)[][]} rows @param {string} kind class of all columns but the first
 */
export function tableOf(label, head, rows, kind = "") {
  return h("div", { class: "wide", tabIndex: 0, role: "region", "aria-label": say(label) }, h("table", {},
    h("thead", {}, h("tr", {}, ...head.map((name, i) => h("th", { scope: "col", class: i ? kind : "" }, name)))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((value, i) => h("td", { class: i ? kind : "" }, value)))))));
}
