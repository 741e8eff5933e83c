// Solve: ask, watch the derivation and its marks, read the verdict; what was said stays on the server.

import { h, icon } from "../dom.js";
import { inEveryLanguage, say, translate } from "../language.js";
import { call, get, post, whenReady } from "../server.js";
import { notice } from "../app.js";
import { forget, recall, remember } from "../begun.js";
import { soon } from "../derivation.js";
import { libraries } from "../render.js";
import { Turn } from "../turn.js";
import { History } from "../history.js";

const EXAMPLES = ["example1", "example2", "example3"];
const STRATEGIES = ["vote", "repair", "claims"];
const TOGETHER = 16;
const LINGER_MS = 1000;
const VOTES = [1, 4, 8, 16];

export function make() {
  const page = new Solve();
  return { node: page.node, opened: (conversation) => page.opened(conversation) };
}

class Solve {
  constructor() {
    this.turns = h("div", { class: "turns" });
    this.history = new History((id) => this.load(id));
    this.controls();
    this.node = h(
      "div", { class: "solve" },
      this.history.node,
      h("section", { class: "thread", "data-label": "solve" },
        h("button", { type: "button", class: "quiet history-toggle", "data-label": "history", onclick: () => this.node.classList.toggle("showing") }, icon("menu")),
        this.turns, this.composer),
    );
    this.running = null;
    this.shown = [];
    inEveryLanguage(() => this.speak());
    this.welcome();
    this.fill();
    document.addEventListener("keydown", (event) => this.key(event));
  }

  controls() {
    this.problem = h("textarea", { id: "problem", rows: 2, "data-label": "problem", "data-hole": "ask", onkeydown: (e) => this.typed(e), oninput: () => { libraries(); this.grow(); } });
    this.model = h("select", { id: "model" });
    this.role = h("select", { id: "role" }, h("option", { value: "" }), h("option", { value: "none" }));
    this.votes = h("select", { id: "votes" }, ...VOTES.map((n) => h("option", {}, String(n))));
    this.thinking = h("select", { id: "thinking" }, ...["", 1024, 4096, 16384].map((n) => h("option", { value: n })));
    this.strategy = h("select", { id: "strategy" }, ...STRATEGIES.map((name) => h("option", { value: name })));
    this.go = h("button", { type: "submit", class: "primary", id: "go" }, icon("send"), h("span", { "data-say": "solveIt" }));
    this.stop = h("button", { type: "button", id: "stop", hidden: true, onclick: () => this.running?.abort.abort() }, icon("stop"), h("span", { "data-say": "stop" }));
    this.now = h("button", { type: "button", id: "now", hidden: true, onclick: () => this.answerNow() }, h("span", { "data-say": "answerNow" }));
    this.more = {
      gold: h("input", { id: "gold" }),
      max_tokens: h("input", { id: "max_tokens", type: "number", min: 1, max: 100000 }),
      temperature: h("input", { id: "temperature", type: "number", min: 0, max: 2, step: 0.1 }),
      seed: h("input", { id: "seed", type: "number", min: 0 }),
    };
    const picker = (name, control) => h("label", { class: `picker-${name}` }, h("span", { "data-say": name }), control);
    const field = (name) => h("div", { class: "field" }, h("label", { htmlFor: name, "data-say": name }), this.more[name]);
    this.extra = h("div", { class: "more", hidden: true }, h("div", { class: "row" }, ...Object.keys(this.more).map(field), ...["thinking", "strategy"].map((name) => h("div", { class: "field" }, h("label", { htmlFor: name, "data-say": name === "thinking" ? "thinkingBudget" : name }), this[name]))));
    const toggle = h("button", { type: "button", class: "quiet", "aria-expanded": "false", id: "more" }, h("span", { "data-say": "options" }));
    toggle.addEventListener("click", () => {
      this.extra.hidden = !this.extra.hidden;
      toggle.setAttribute("aria-expanded", String(!this.extra.hidden));
    });
    this.composer = h("div", { class: "composer" },
      h("form", { onsubmit: (event) => { event.preventDefault(); this.ask(); } },
        this.problem,
        h("div", { class: "controls" }, picker("model", this.model), picker("role", this.role), picker("votes", this.votes), toggle, h("span", { class: "grow" }), this.now, this.stop, this.go, this.extra)));
  }

  speak() {
    translate(this.node);
    this.role.options[0].textContent = say("automatic");
    this.role.options[1].textContent = say("bare");
    for (const option of this.thinking.options) option.textContent = option.value || say("unlimited");
    for (const option of this.strategy.options) option.textContent = say(`by_${option.value}`);
    for (const turn of this.shown) turn.speak();
    if (!this.shown.length) this.welcome();
  }

  async fill() {
    try {
      const [models, roles] = await Promise.all([whenReady("/v1/models", notice), get("/api/roles")]);
      this.model.replaceChildren(...models.data.map((model) => h("option", { value: model.id }, model.id)));
      for (const role of roles.roles) this.role.append(h("option", { value: role.name, title: role.description }, role.name));
    } catch (error) {
      notice(error.message);
    }
  }

  opened(conversation) {
    if (conversation !== (this.conversation ?? "")) this.turnTo(conversation);
    this.refreshModels();
  }

  /** Another conversation, unless an answer is being written in this one. */
  turnTo(conversation) {
    if (!this.running) {
      this.load(conversation);
      return;
    }
    history.replaceState(null, "", this.conversation ? `#solve/${this.conversation}` : "#solve");
    if (conversation) notice(say("stillWriting"));
  }

  async refreshModels() {
    if (!this.model.options.length) return;
    const chosen = this.model.value;
    const models = await get("/v1/models").catch(() => null);
    if (!models) return;
    this.model.replaceChildren(...models.data.map((model) => h("option", { value: model.id }, model.id)));
    if (models.data.some((model) => model.id === chosen)) this.model.value = chosen;
  }

  welcome() {
    if (this.shown.length) return;
    const examples = EXAMPLES.map((name) => h("li", {}, h("button", { type: "button", onclick: () => { this.problem.value = say(name); this.grow(); this.problem.focus(); } }, say(name))));
    this.turns.replaceChildren(h("div", { class: "welcome" }, h("h1", {}, say("welcome")), h("p", {}, say("welcomeMore")), h("ul", { class: "examples" }, ...examples)));
  }

  async load(id) {
    if (this.running) return;
    this.conversation = id || null;
    this.leaveEditing();
    this.shown = [];
    this.turns.replaceChildren();
    this.history.mark(id);
    if (!id) {
      this.welcome();
      return;
    }
    this.loading = this.fetched(id);
    await this.loading;
  }

  async fetched(id) {
    try {
      const { said } = await get(`/api/conversations/${id}`);
      if (this.conversation === id) this.showSaid(said);
    } catch (error) {
      notice(error.message);
    }
  }

  showSaid(said) {
    let past = null;
    for (let i = 0; i < said.length; i++) {
      if (said[i].speaker !== "user") continue;
      if (this.shown.length % TOGETHER === 0) past = this.past();
      const turn = this.add(said[i].text, said[i].about, i, past.node);
      const answer = said.find((one, at) => one.speaker === "assistant" && (one.about.question ?? at - 1) === i);
      if (answer) past.waiting.push(turn.kept(answer.about.solution, answer.text));
      else turn.fail("unanswered", this.goingOn(turn, recall(this.conversation, i)));
    }
    const last = this.shown[this.shown.length - 1];
    if (!last) return;
    this.follow(last, "end");
    setTimeout(last.onend, LINGER_MS);
  }

  /** Turns that were kept stand together, and are drawn when they first come near. */
  past() {
    const past = { node: h("div", { class: "past" }), waiting: [] };
    const near = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      past.waiting.forEach(soon);
    }, { rootMargin: "600px" });
    near.observe(past.node);
    this.turns.append(past.node);
    return past;
  }

  add(problem, choices, place, among = this.turns) {
    if (!this.shown.length && among === this.turns) this.turns.replaceChildren();
    const turn = new Turn(problem, choices, { edit: () => this.edit(turn), place });
    this.shown.push(turn);
    among.append(turn.node);
    return turn;
  }

  /** Take a question up again: asked anew, it branches the conversation before it. */
  edit(turn) {
    this.problem.value = turn.problem;
    this.branchAt = turn.place;
    this.grow();
    this.problem.focus();
    notice(say("editing"));
  }

  leaveEditing() {
    if (this.branchAt === undefined) return;
    this.branchAt = undefined;
    this.problem.value = "";
    this.grow();
    notice("");
  }

  choices() {
    const given = { model: this.model.value || null, role: this.role.value || null, votes: Number(this.votes.value) };
    if (this.strategy.value !== "vote") given.strategy = this.strategy.value;
    if (this.thinking.value) given.thinking_budget = Number(this.thinking.value);
    for (const [name, input] of Object.entries(this.more)) {
      if (input.value) given[name] = name === "gold" ? input.value : Number(input.value);
    }
    return given;
  }

  async ask() {
    const problem = this.problem.value.trim();
    if (this.running || !problem) return;
    notice("");
    const choices = this.choices();
    this.busy(true);
    await this.loading;
    await this.branch();
    const turn = this.add(problem, choices, this.shown.length * 2);
    this.problem.value = "";
    this.grow();
    const kept = this.history.keep(this.conversation, problem, choices)
      .then(({ conversation, place }) => { [this.conversation, turn.place] = [conversation, place]; }).catch((error) => notice(error.message));
    await this.hear(turn, "/api/solve", { problem, ...choices, stream: true }, kept);
  }

  /** Read a solve's events to their end, and write its answer down behind the question. */
  async hear(turn, url, body, kept) {
    this.follow(turn);
    try {
      for await (const event of post(url, body, this.running.abort.signal, (response) => this.begun(turn, response, kept))) {
        if (event.name === "error") throw new Error(event.data.error.message);
        turn.hear(event);
      }
    } catch (error) {
      const stopped = error.name === "AbortError";
      turn.fail(stopped ? "stopped" : error.message, this.goingOn(turn, this.running.id));
    }
    this.busy(false);
    this.problem.focus({ preventScroll: true });
    await kept;
    if (!turn.solution || !this.conversation) return;
    forget(this.conversation, turn.place);
    this.history.answer(this.conversation, turn.place, turn.solution);
  }

  /** What goes on with a question that was left; null where nothing can, or others follow it. */
  goingOn(turn, id) {
    return id && (() => {
      if (this.running || turn !== this.shown[this.shown.length - 1]) return;
      this.busy(true);
      turn.again();
      this.hear(turn, `/api/solve/${id}/resume?stream=true`, {}, Promise.resolve());
    });
  }

  async branch() {
    if (this.branchAt === undefined || !this.conversation) return;
    const at = this.branchAt;
    this.branchAt = undefined;
    const twin = await this.history.branch(this.conversation, at).catch((error) => notice(error.message));
    if (!twin) return;
    this.conversation = twin.id;
    while (this.shown.length && this.shown[this.shown.length - 1].place >= at) this.shown.pop().node.remove();
  }

  begun(turn, response, kept) {
    const id = response.headers.get("Lemmata-Solve");
    this.running.id = id;
    this.now.hidden = !id;
    kept.then(() => { if (!turn.solution && this.conversation) remember(this.conversation, turn.place, id); });
  }

  answerNow() {
    this.now.hidden = true;
    call("POST", `/api/solve/${this.running.id}/answer`).catch((error) => notice(error.message));
  }

  /** Keep the end in sight while it grows, unless the person has scrolled away. */
  follow(turn, block = "start") {
    const scroller = document.scrollingElement;
    const near = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 160;
    turn.node.scrollIntoView({ block });
    let [stay, ours] = [true, true];
    const heard = () => {
      if (!ours) stay = near(); // asked only then: it makes the browser lay the page out
      ours = false;
    };
    addEventListener("scroll", heard, { passive: true });
    const scroll = () => {
      if (!stay) return;
      ours = true;
      scroller.scrollTop = scroller.scrollHeight;
    };
    const watch = new ResizeObserver(() => requestAnimationFrame(scroll));
    watch.observe(turn.node);
    turn.onend = () => setTimeout(() => { // what comes last is drawn a little later
      watch.disconnect();
      removeEventListener("scroll", heard);
    }, LINGER_MS);
  }

  busy(state) {
    this.composer.classList.toggle("busy", state);
    this.running = state ? { abort: new AbortController() } : null;
    this.go.hidden = state;
    this.stop.hidden = !state;
    this.now.hidden = true;
  }

  grow() {
    this.problem.style.height = "auto";
    this.problem.style.height = `${Math.min(this.problem.scrollHeight, innerHeight * 0.4)}px`;
  }

  // Enter sends, Shift+Enter breaks the line; Enter that ends a Chinese composition does neither
  // (keyCode 229 is what Safari still reports for it).
  typed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.ask();
  }

  key(event) {
    if (!this.node.isConnected || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && this.running) this.running.abort.abort();
    else if (event.key === "Escape") this.leaveEditing();
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.node.classList.add("showing");
      this.history.search.focus();
    }
  }
}
