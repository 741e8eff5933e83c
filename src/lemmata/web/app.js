// The first page: ask, watch the derivation, read the verdict. Whatever the model or the server
// says goes into the page as text (textContent), never as markup.

import { ask, post } from "./events.js";
import { preferred, words } from "./words.js";

const $ = (id) => document.getElementById(id);
let language = preferred();
let running = null;
let verdict = null;

const say = (key) => words[language][key];

function translate() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-say]")) {
    node.textContent = say(node.dataset.say);
  }
  $("language").textContent = say("other");
  $("language").lang = language === "zh" ? "en" : "zh";
  $("role").querySelector('[value=""]').textContent = say("automatic");
  $("role").querySelector('[value="none"]').textContent = say("bare");
  if (verdict) showVerdict(verdict);
}

function option(value, text) {
  const node = document.createElement("option");
  node.value = value;
  node.textContent = text;
  return node;
}

async function fill() {
  const [models, roles] = await Promise.all([get("/v1/models"), get("/api/roles")]);
  $("model").replaceChildren(...models.data.map((model) => option(model.id, model.id)));
  for (const role of roles.roles) $("role").append(option(role.name, role.name));
}

async function get(url) {
  for (;;) {
    const response = await ask(url, {}, say("key"));
    if (response.ok) return response.json();
    if (response.status !== 503) throw new Error((await response.json()).error.message);
    notice(say("loading"));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    notice("");
  }
}

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

function busy(state) {
  $("solve").hidden = state;
  $("stop").hidden = !state;
  $("result").setAttribute("aria-busy", String(state));
}

function clear() {
  verdict = null;
  for (const id of ["reasoning", "derivation", "answer", "verdict", "cost"]) {
    $(id).textContent = "";
  }
  $("evidence").replaceChildren();
  $("thinking").hidden = true;
  $("result").hidden = false;
  notice("");
}

// Text nodes are appended and never rewritten, so that a long derivation stays cheap.
function show({ name, data }) {
  if (name === "error") throw new Error(data.error.message);
  if (name === "notice") notice(data.text);
  if (name === "piece" && data.sample === 0) {
    if (data.kind === "reasoning") $("thinking").hidden = false;
    $(data.kind).append(data.text);
  }
  if (name === "candidate") tally(`${data.sample + 1}: ${data.answer ?? say("noAnswer")}`);
  if (name === "solution") finish(data);
}

function tally(text) {
  const node = document.createElement("li");
  node.textContent = text;
  $("evidence").append(node);
}

function finish(solution) {
  $("derivation").textContent = solution.derivation;
  $("reasoning").textContent = solution.reasoning;
  $("thinking").hidden = !solution.reasoning;
  $("evidence").replaceChildren();
  solution.evidence.forEach(tally);
  verdict = solution;
  showVerdict(solution);
}

function showVerdict(solution) {
  $("answer").textContent = solution.answer ?? say("noAnswer");
  $("verdict").textContent = `${say(solution.verdict.state)} (${solution.verdict.reason})`;
  $("verdict").className = solution.verdict.state;
  $("cost").textContent = say("cost")
    .replace("{tokens}", solution.tokens)
    .replace("{seconds}", solution.seconds.toFixed(1));
}

async function solve() {
  if (running || !$("problem").value.trim()) return;
  running = new AbortController();
  busy(true);
  clear();
  const body = {
    problem: $("problem").value,
    model: $("model").value,
    role: $("role").value || null,
    votes: Number($("votes").value),
    stream: true,
  };
  try {
    for await (const event of post("/api/solve", body, running.signal)) show(event);
  } catch (error) {
    if (error.name === "AbortError") notice(say("stopped"));
    else notice(error instanceof TypeError ? say("unreachable") : error.message);
  } finally {
    running = null;
    busy(false);
  }
}

// Enter sends, Shift+Enter breaks the line; Enter that ends a Chinese composition does neither
// (keyCode 229 is what Safari still reports for it).
$("problem").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  solve();
});
$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  solve();
});
$("stop").addEventListener("click", () => running?.abort());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") running?.abort();
});
$("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  translate();
});

$("role").append(option("", ""), option("none", ""));
translate();
fill().catch((error) => notice(error instanceof TypeError ? say("unreachable") : error.message));
