// What a model wrote, as elements: Markdown through marked, cleaned by DOMPurify, formulas drawn by
// KaTeX as elements (no markup), code with a button that runs it in the server's sandbox. The
// libraries come when they are first needed.

import { h, icon } from "./dom.js";
import { say } from "./language.js";
import { lift, settle } from "./maths.js";
import { call } from "./server.js";

const ALLOWED = {
  ALLOWED_TAGS: [
    "p", "br", "hr", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4", "h5",
    "h6", "table", "thead", "tbody", "tr", "th", "td", "a", "sup", "sub",
  ],
  ALLOWED_ATTR: ["start", "href", "class", "align"],
  ADD_URI_SAFE_ATTR: ["start", "align"],
  ALLOWED_URI_REGEXP: /^https?:\/\//i,
  RETURN_DOM_FRAGMENT: true,
};
const LONGEST_FORMULA = 4000;
let loading = null;

/** The libraries, fetched once. */
export function libraries() {
  loading ??= Promise.all([
    import("./vendor/marked.esm.js"),
    import("./vendor/purify.min.js"),
    import("./vendor/katex.min.js"),
    style("/page/vendor/katex.min.css"),
  ]).then(([{ marked }]) => ({ marked, purify: globalThis.DOMPurify, katex: globalThis.katex }));
  return loading;
}

function style(url) {
  return new Promise((resolve) => {
    document.head.append(h("link", { rel: "stylesheet", href: url, onload: resolve, onerror: resolve }));
  });
}

/** Draw one formula; what KaTeX cannot read is shown as it was written. `brief` leaves out the MathML, which costs the
 * browser as much as what is seen, and names the formula by its source instead. */
export function formula(katex, { tex, display }, brief = false) {
  const node = h("span", { class: display ? "formula display" : "formula", ...(brief ? { role: "math", "aria-label": tex } : {}) });
  try {
    if (tex.length > LONGEST_FORMULA) throw new Error("too long");
    katex.render(tex, node, {
      displayMode: display, throwOnError: true, output: brief ? "html" : "htmlAndMathml", trust: false, strict: "ignore", maxExpand: 500, maxSize: 20,
    });
  } catch {
    node.replaceChildren(h("code", { class: "unread" }, tex));
  }
  if (display) node.tabIndex = 0; // what is wider than the page can be scrolled by keyboard
  return node;
}

/** Markdown with formulas as a fragment. @param libs what `libraries` gave
 * @param brief as in `formula`, and programs cannot be run yet: more of them may come */
export function fragment(source, libs, brief = false) {
  const { text, formulas } = lift(source);
  const made = libs.purify.sanitize(libs.marked.parse(text, { gfm: true, breaks: false }), ALLOWED);
  settle(made, formulas, (one) => formula(libs.katex, one, brief));
  for (const link of made.querySelectorAll("a")) {
    link.rel = "noopener noreferrer nofollow";
    link.target = "_blank";
  }
  if (!brief) for (const code of made.querySelectorAll("pre > code")) runnable(code);
  for (const table of made.querySelectorAll("table")) table.replaceWith(h("div", { class: "wide", tabIndex: 0 }, table.cloneNode(true)));
  return made;
}

/** Fill `node` with Markdown, at once where the libraries are there, else when they come. */
export async function show(node, source) {
  node.textContent = source;
  const libs = await libraries();
  node.replaceChildren(fragment(source, libs));
}

/** A single answer: TeX where it looks like it, else plain text. */
export async function showAnswer(node, text) {
  node.textContent = text;
  if (!/[\\^_{}]/.test(text)) return;
  const { katex } = await libraries();
  const bare = text.replace(/^\$+|\$+$/g, "").replace(/^\\[([]|\\[)\]]$/g, "");
  node.replaceChildren(formula(katex, { tex: bare, display: false }));
}

const LANGUAGES = { python: "python", py: "python", cpp: "cpp", "c++": "cpp" };

function runnable(code) {
  const named = /language-(\S+)/.exec(code.className)?.[1]?.toLowerCase();
  const language = LANGUAGES[named];
  const block = code.parentElement;
  block.tabIndex = 0;
  if (!language) return;
  const output = h("output", { class: "ran", hidden: true });
  const button = h("button", { type: "button", class: "small" }, icon("run"), say("run"));
  button.addEventListener("click", () => run(button, output, code.textContent, language));
  const frame = h("div", { class: "program" });
  block.replaceWith(frame);
  frame.append(block, button, output);
}

async function run(button, output, program, language) {
  button.disabled = true;
  output.hidden = false;
  output.textContent = say("running");
  try {
    const ran = await call("POST", "/api/run", { program, language });
    const told = ran.stdout + (ran.stderr ? `\n${ran.stderr}` : "");
    output.textContent = ran.status === "OK" ? told || say("noOutput") : `${ran.status}: ${ran.reason}\n${told}`;
  } catch (error) {
    output.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}
