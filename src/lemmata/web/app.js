// The frame of the page: tabs, language, light and dark. Each tab's own code comes with its first
// visit; a tab that was left stays as it was.

import { $, h, icon } from "./dom.js";
import { change, current, inEveryLanguage, say, translate } from "./language.js";

const TABS = ["solve", "compare", "adapters", "tune", "evaluate", "tutor", "conjecture", "system"];
const pages = new Map();
let shown = "";

/** Say something to the person above everything else; nothing hides it. */
export function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

function wanted() {
  const name = location.hash.slice(1).split("/")[0];
  return TABS.includes(name) ? name : "solve";
}

/** Put what a tab shows now into the address, unless the person has gone elsewhere meanwhile. */
export function address(tab, id) {
  if (wanted() === tab) history.replaceState(null, "", `#${tab}/${id}`);
}

async function open() {
  const name = wanted();
  for (const link of $("tabs").children) {
    if (link.dataset.tab !== name) {
      link.removeAttribute("aria-current");
      continue;
    }
    link.setAttribute("aria-current", "page");
    link.href = `#${name}`;
    $("tabs").scrollLeft = link.offsetLeft - ($("tabs").clientWidth - link.clientWidth) / 2; // wider than a phone
  }
  if (name !== shown) {
    shown = name;
    notice("");
    const page = await pageOf(name);
    if (shown !== name) return;
    $("page").replaceChildren(page.node);
    $("page").dataset.tab = name;
    document.title = `${say(name)} · Lemmata`;
  }
  pages.get(name)?.opened?.(location.hash.slice(1).split("/")[1] ?? "");
}

async function pageOf(name) {
  if (!pages.has(name)) {
    const { make } = await import(`./tabs/${name}.js`);
    pages.set(name, make());
  }
  return pages.get(name);
}

function theme(chosen) {
  if (chosen) localStorage.setItem("theme", chosen);
  const now = localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.dataset.theme = now;
  const label = say(now === "dark" ? "toLight" : "toDark");
  $("theme").title = label;
  $("theme").setAttribute("aria-label", label);
  return now;
}

$("theme").append(icon("sun"));
$("theme").addEventListener("click", () => theme(theme() === "dark" ? "light" : "dark"));
$("language").addEventListener("click", () => change(current() === "zh" ? "en" : "zh"));
$("tabs").append(...TABS.map((name) => h("a", { href: `#${name}`, "data-tab": name, "data-say": name })));

inEveryLanguage(() => {
  translate();
  theme();
  const other = current() === "zh" ? "en" : "zh";
  $("language").textContent = say("other");
  $("language").lang = other;
  if (shown) document.title = `${say(shown)} · Lemmata`;
});
addEventListener("hashchange", ({ oldURL }) => {
  const left = new URL(oldURL).hash;
  for (const link of $("tabs").children) if (link.dataset.tab === left.slice(1).split("/")[0]) link.href = left; // back to where it was left
  open();
});
open();
