// The language of the page and its texts, by name; a test holds the two in parity.

import { en } from "./words/en.js";
import { zh } from "./words/zh.js";

const words = { en: { ...en }, zh: { ...zh } };
let language = preferred();
const listeners = new Set();

/** The language a person reads: what they chose last, else what the browser says. */
function preferred() {
  const chosen = localStorage.getItem("language");
  if (chosen in words) return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export const current = () => language;

/** The text of that name, its {holes} filled. */
export function say(name, holes = {}) {
  const text = words[language][name];
  if (text === undefined) throw new Error(`no text named ${name}`);
  return text.replace(/\{(\w+)\}/g, (_, hole) => holes[hole]);
}

/** Whether there is a text of that name: for names that come from the server. */
export const known = (name) => name in words[language];

/** Take in the texts of a part of the page that comes later. @param {{en: object, zh: object}} more */
export function learn(more) {
  for (const name of Object.keys(words)) Object.assign(words[name], more[name]);
}

/** Call `listener` now and whenever the language changes. */
export function inEveryLanguage(listener) {
  listeners.add(listener);
  listener();
}

export function change(to) {
  language = to;
  localStorage.setItem("language", to);
  for (const listener of listeners) listener();
}

/** Fill every element that names its text. */
export function translate(root = document) {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const node of root.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
  for (const node of root.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", say(node.dataset.label));
    if (node.title || node.dataset.hint !== undefined) node.title = say(node.dataset.label);
  }
  for (const node of root.querySelectorAll("[data-hole]")) node.placeholder = say(node.dataset.hole);
}

/** A whole number with the language's separators. */
export const number = (value, digits = 0) =>
  Number(value).toLocaleString(language === "zh" ? "zh-CN" : "en", { maximumFractionDigits: digits });

export const moment = (value) =>
  new Date(value).toLocaleString(language === "zh" ? "zh-CN" : "en", { dateStyle: "medium", timeStyle: "short" });
