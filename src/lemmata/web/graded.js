// One graded submission: tests, comments beside their lines with the run behind each, growth, hints;
// of a derivation, its steps with their marks.

import { h, icon } from "./dom.js";
import { known, say } from "./language.js";
import { call } from "./server.js";
import { retold } from "./reasons.js";
import { show, showAnswer } from "./render.js";
import { tableOf } from "./measures.js";

export const natureOf = (nature) => {
  const name = `nature_${nature.replaceAll("-", "_")}`;
  return known(name) ? say(name) : nature;
};
const letterOf = (letter) => (known(`letter_${letter}`) ? say(`letter_${letter}`) : letter);

/** @param told what `/api/tutor/grade` or `/review` answered @param asked what it was asked */
export function graded(told, exercise, asked) {
  const head = h("div", { class: "row" }, h("h2", {}, exercise.title), h("span", { class: `tag ${told.passed ? "good" : "bad"}` }, icon(told.passed ? "holds" : "fails"), say(told.passed ? "passedAll" : "failed")));
  const body = exercise.subject === "mathematics" ? derivation(told, asked) : program(told, asked);
  return h("article", { class: "card", id: "graded", tabIndex: -1 }, head, ...body);
}

function program(told, asked) {
  return [tests(told.tests), ...grown(told.growth), h("h3", {}, say("commentsTitle")), lines(told, asked.text), ...hints(told, asked)];
}

function tests(found) {
  const what = (test) => test.call || say(test.visible ? "largeInput" : "hidden");
  const letter = (test) => h("span", { class: `tag ${test.verdict === "AC" ? "good" : "bad"}` }, letterOf(test.verdict));
  const head = ["test", "outcome", ...(found.some((test) => test.reason) ? ["reason"] : [])];
  const rows = found.map((test) => [h("span", {}, h("span", { class: "hint" }, `${test.number} `), h("code", {}, what(test))), letter(test), test.reason].slice(0, head.length));
  return tableOf("test", head.map((name) => say(name)), rows);
}

function grown({ measured, asked }) {
  if (!measured) return [];
  const told = asked ? say("growthAsked", { measured: measured.law, asked }) : measured.law;
  return [h("dl", { class: "facts" }, h("dt", {}, say("measuredGrowth")), h("dd", {}, told))];
}

/** The program with each comment under the line that it is about. */
function lines(told, text) {
  if (!told.comments.length) return h("p", { class: "empty" }, say("noComments"));
  const about = new Map();
  told.comments.forEach((comment, i) => about.set(comment.line, [...(about.get(comment.line) ?? []), remark(comment, told.evidence[i], told.findings?.[i])]));
  const whole = about.get(0) ?? [];
  const rows = text.replace(/\n$/, "").split("\n").map((line, i) => {
    const remarks = about.get(i + 1) ?? [];
    return h("li", { class: remarks.length ? "about" : "" }, h("span", { class: "at", "aria-label": `${say("line")} ${i + 1}` }, String(i + 1)), h("code", {}, line || " "), ...remarks);
  });
  return h("div", {}, ...whole, h("ol", { class: "lines" }, ...rows));
}

function remark(comment, shown, finding) {
  const kind = comment.opinion ? say("opinion") : natureOf(comment.nature);
  const place = comment.line ? [] : [h("span", { class: "hint" }, `${say("onTheWhole")}: `)];
  return h("div", { class: `comment ${comment.opinion ? "opinion" : ""}` },
    h("p", {}, h("span", { class: `tag ${comment.opinion ? "" : "bad"}` }, kind), " ", ...place, ...coded(comment.text)),
    ...run(shown), ...(finding?.repair ? [h("p", { class: "hint" }, `${say("mend")}: `, h("code", {}, finding.repair))] : []));
}

/** What stands between backticks is code. */
const coded = (text) => text.split(/(`[^`]+`)/).map((part) => (part.startsWith("`") ? h("code", {}, part.slice(1, -1)) : part));

function run(shown) {
  if (!shown?.call) return [];
  const row = (name, value) => [h("dt", {}, say(name)), h("dd", {}, h("code", {}, value))];
  const facts = h("dl", { class: "facts" }, ...row("smallest", shown.call), ...row("expectedValue", shown.expected), ...row("observedValue", shown.observed));
  return shown.trace?.length ? [facts, trace(shown.trace)] : [facts];
}

function trace(moments) {
  const variables = (moment) => Object.entries(moment.variables).map(([name, value]) => `${name} = ${value}`).join(", ");
  return h("details", {}, h("summary", {}, say("traced")), tableOf("traced", [say("line"), say("variables")], moments.map((moment) => [String(moment.line), h("code", {}, variables(moment))])));
}

/** A button for each level that the teacher allows, and no more. */
function hints(told, asked) {
  if (told.passed || !told.hints || !told.comments.some((comment) => !comment.opinion)) return [];
  const said = h("p", { class: "hinted", "aria-live": "polite" });
  const ask = async (level) => {
    said.textContent = say("running");
    try {
      const { hint } = await call("POST", "/api/tutor/grade", { ...asked, hint: level });
      said.replaceChildren(...coded(hint));
    } catch (error) {
      said.textContent = error.message;
    }
  };
  const button = (level) => h("button", { type: "button", class: "small", onclick: () => ask(level) }, say("hintLevel", { level }));
  return [h("h3", {}, say("hintTitle")), h("div", { class: "row" }, ...Array.from({ length: told.hints }, (_, i) => button(i + 1))), said];
}

function derivation(graded, asked) {
  const { steps, first_wrong: first, verdict, comments, gold } = graded;
  const result = h("p", { class: "state" }, h("strong", {}, known(verdict.state) ? say(verdict.state) : verdict.state), " ", h("span", {}, retold(verdict.reason)));
  const rows = steps.map((step) => {
    const said = h("div", { class: "said" });
    show(said, step.text);
    const why = h("p", { class: "why", hidden: step.state !== "fails" });
    if (step.state === "fails") showAnswer(why, retold(step.reason));
    const mark = h("span", { class: "mark", role: "img", "aria-label": say(step.state), title: say(step.state) }, icon(step.state));
    return h("li", { class: step.state }, mark, h("div", {}, said, why));
  });
  const told = first === null ? say("noWrongStep") : say("firstWrong", { step: first + 1 });
  const remarks = comments.map((one) => h("p", {}, h("span", { class: "tag bad" }, natureOf(one.nature)), " ", h("span", { class: "hint" }, `${say("line")} ${one.line}: `), one.text));
  const right = gold === undefined ? [] : [h("dl", { class: "facts" }, h("dt", {}, say("goldAnswer")), h("dd", {}, h("code", {}, gold)))];
  return [h("div", { class: `verdict ${verdict.state}` }, result), h("p", { class: first === null ? "remark" : "fault" }, told), h("div", { class: "derivation" }, h("ol", {}, ...rows)), h("div", { class: "comment", hidden: !remarks.length }, ...remarks), ...right, ...hints(graded, asked)];
}
