// Drawing what a solution names: a function f(x) = …, a sequence a_n = … or its first terms.

import { h } from "./dom.js";
import { compile } from "./expression.js";
import { say } from "./language.js";

const FUNCTION = /\b([fghpy])\s*(?:\(\s*([xt])\s*\))?\s*=\s*([^=$\n,;:。，；]+?)(?=\$|\\\)|\\\]|[,;:。，；=\n]|\.\s|\.?$)/gm;
const SEQUENCE = /\b([abcsSTuF])_\{?n\}?\s*=\s*([^=$\n,;:。，；]+?)(?=\$|\\\)|\\\]|[,;:。，；=\n]|\.\s|\.?$)/gm;
const TERMS = /(?<![\d.,])-?\d+(?:\s*[,，]\s*-?\d+){4,}/;
const POINTS = 400;
const NAMED_TERMS = 20;

/**
 * @param {() => number} width in pixels, asked for only where something is drawn: it makes the browser lay the page out
 * @returns {Promise<HTMLElement | null>} null where there is nothing to draw
 */
export async function plotted(text, width) {
  const found = functionIn(text) ?? sequenceIn(text) ?? termsIn(text);
  return found && drawn(found, width());
}

/**
 * A figure of points, `discrete` ones marked, `scattered` ones not joined; there, an axis over more
 * than three orders of magnitude is logarithmic.
 * @param {{name: string, x: number[], y: (number|null)[], discrete?: boolean, scattered?: boolean}} found
 */
export async function drawn(found, width) {
  const [{ default: uPlot }] = await Promise.all([import("./vendor/uPlot.min.js"), style()]);
  const node = h("figure", { role: "img", "aria-label": say("plotOf", { name: found.name }) });
  node.append(h("figcaption", { class: "remark" }, found.name));
  const ink = getComputedStyle(document.documentElement);
  const axis = { stroke: ink.getPropertyValue("--quiet"), grid: { stroke: ink.getPropertyValue("--line"), width: 1 }, ticks: { show: false } };
  const dots = found.discrete ? { show: true, size: found.scattered ? 4 : 6 } : { show: false };
  const line = found.scattered ? { paths: () => null } : {};
  const distr = (values) => (found.scattered ? distribution(values) : 1);
  const axes = [found.x, found.y].map((values) => (distr(values) === 3 ? { ...axis, ...powers(axis) } : axis));
  new uPlot({
    width: Math.max(240, Math.min(700, width)), height: 240, legend: { show: false }, axes, padding: [8, 24, 0, 0],
    scales: { x: { time: false, distr: distr(found.x) }, y: { distr: distr(found.y) } },
    series: [{}, { stroke: ink.getPropertyValue("--accent"), width: 2, points: dots, ...line }],
  }, [found.x, found.y], node);
  return node;
}

/** 3 is uPlot's name for logarithmic, 1 for linear. */
function distribution(values) {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known);
  return low > 0 && Math.max(...known) / low > 1000 ? 3 : 1;
}

/** A logarithmic axis with lines and numbers at powers of ten only. */
function powers(axis) {
  const is = (value) => value !== null && Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;
  const short = new Intl.NumberFormat("en", { notation: "compact" });
  const filter = (_, splits) => splits.map((value) => (is(value) ? value : null));
  return { filter, grid: { ...axis.grid, filter }, values: (_, splits) => splits.map((value) => (value === null ? "" : short.format(value))) };
}

let styled = null;
function style() {
  styled ??= new Promise((resolve) => {
    document.head.append(h("link", { rel: "stylesheet", href: "/page/vendor/uPlot.min.css", onload: resolve, onerror: resolve }));
  });
  return styled;
}

function functionIn(text) {
  for (const [, name, argument = "x", body] of text.matchAll(FUNCTION)) {
    if (name !== "y" && !text.includes(`${name}(${argument})`)) continue;
    const value = body.includes(argument) ? compile(body.trim(), argument) : null;
    const drawn = value && sampled(value);
    if (drawn) return { name: `${name === "y" ? "y" : `${name}(${argument})`} = ${body.trim()}`, ...drawn };
  }
  return null;
}

function sampled(value) {
  const x = Array.from({ length: POINTS + 1 }, (_, i) => -10 + (20 * i) / POINTS);
  const y = x.map((at) => finite(value(at)));
  return y.filter((height) => height !== null).length > POINTS / 4 ? { x, y } : null;
}

const finite = (height) => (Number.isFinite(height) && Math.abs(height) < 1e6 ? height : null);

function sequenceIn(text) {
  for (const [, name, body] of text.matchAll(SEQUENCE)) {
    const value = body.includes("n") ? compile(body.trim(), "n") : null;
    if (!value) continue;
    const x = Array.from({ length: NAMED_TERMS }, (_, i) => i + 1);
    const y = x.map((at) => finite(value(at)));
    if (y.filter((height) => height !== null).length > 3) return { name: `${name}ₙ = ${body.trim()}`, x, y, discrete: true };
  }
  return null;
}

function termsIn(text) {
  const found = TERMS.exec(text)?.[0];
  if (!found) return null;
  const y = found.split(/[,，]/).map(Number);
  return { name: found, x: y.map((_, i) => i + 1), y, discrete: true };
}
