// Cutting a derivation into rows: one for each step that the server has judged, blocks of Markdown
// where it has not yet. Code fences, tables and display formulas stay whole.

const RANK = { fails: 2, holds: 1, unchecked: 0 };

/**
 * Blocks of Markdown with their half-open spans, the last perhaps unfinished.
 * @returns {{start: number, end: number, whole: boolean}[]}
 */
export function blocks(text, from = 0) {
  const found = [];
  let start = from;
  let fence = "";
  let display = "";
  let at = from;
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline + 1;
    const line = text.slice(at, end).trim();
    const mark = /^(```+|~~~+)/.exec(line)?.[1];
    if (fence) {
      if (mark && line.startsWith(fence)) fence = "";
    } else if (mark) fence = mark.slice(0, 3);
    else display = displayAfter(line, display);
    if (!line && !fence && !display && newline >= 0) {
      push(found, text, start, end);
      start = end;
    }
    at = end;
  }
  push(found, text, start, text.length);
  return found;
}

function displayAfter(line, open) {
  if (open === "$$") return (line.split("$$").length - 1) % 2 ? "" : open;
  if (open === "\\[") return line.includes("\\]") ? "" : open;
  if ((line.split("$$").length - 1) % 2) return "$$";
  return line.includes("\\[") && !line.slice(line.lastIndexOf("\\[")).includes("\\]") ? "\\[" : "";
}

function push(found, text, start, end) {
  const body = text.slice(start, end).trim();
  if (!body) return;
  const whole = /^(```|~~~)/.test(body) || /^\|.*\|\s*\n\s*\|[\s:|-]+\|/.test(body);
  found.push({ start, end, whole });
}

/**
 * The rows of a derivation, from the block that begins at `from`, with what is known of each.
 * @param {{start: number, end: number, state: string, reason: string}[]} steps in UTF-16 units
 * @returns {{text: string, state: string, reason: string, at: number}[]} `at`: where its block begins
 */
export function rows(text, steps, from = 0) {
  const out = [];
  let next = 0;
  while (next < steps.length && steps[next].start < from) next += 1;
  for (const block of blocks(text, from)) {
    const inside = [];
    while (next < steps.length && steps[next].start < block.end) inside.push(steps[next++]);
    const made = block.whole || inside.length < 2 ? [joined(text, block, inside)] : cut(text, block, inside);
    for (const row of made) out.push({ ...row, at: block.start });
  }
  return out;
}

function joined(text, block, steps) {
  const worst = steps.reduce((a, b) => (RANK[b.state] > RANK[a.state] ? b : a), { state: "", reason: "" });
  const state = worst.state || (steps.length ? "unchecked" : "");
  return { text: text.slice(block.start, block.end).trim(), state, reason: worst.reason };
}

function cut(text, block, steps) {
  return steps.map((step, i) => {
    const start = i ? step.start : block.start;
    const end = i + 1 < steps.length ? steps[i + 1].start : block.end;
    return { text: text.slice(start, end).trim(), state: step.state, reason: step.reason };
  });
}

/** The server counts characters, JavaScript UTF-16 units: they differ behind an emoji. */
export function inUnits(text, steps) {
  if (!/[\uD800-\uDFFF]/.test(text)) return steps;
  const units = [0];
  for (const character of text) units.push(units[units.length - 1] + character.length);
  return steps.map((step) => ({ ...step, start: units[step.start], end: units[step.end] }));
}
