// A line that grows while it is looked at.

import { h } from "./dom.js";
import { say } from "./language.js";

let library = null;

async function uplot() {
  library ??= Promise.all([
    import("./vendor/uPlot.min.js"),
    new Promise((resolve) => document.head.append(h("link", { rel: "stylesheet", href: "/page/vendor/uPlot.min.css", onload: resolve, onerror: resolve }))),
  ]).then(([module]) => module.default);
  return library;
}

const FEW = 40;
const WHOLE = [1, 2, 5].flatMap((n) => [n, n * 10, n * 100, n * 1000, n * 10000]).sort((a, b) => a - b);

/** `label`: the name of the text that says what it is; `lines`: the colour (a custom property) of each and what it is
 * called, the name of a text or, with a number, that number. x counts. */
export class Chart {
  constructor(label, lines) {
    this.picture = h("div", { role: "img", "data-label": label, "aria-label": say(label) });
    this.legend = h("figcaption", { class: "legend" }, ...lines.map(([colour, name]) => {
      const line = h("span", { class: "line" });
      line.style.background = `var(${colour})`;
      return h("span", { hidden: true }, line, typeof name === "number" ? String(name) : h("span", { "data-say": name }, say(name)));
    }));
    this.node = h("figure", { class: "chart" }, this.picture, this.legend);
    this.data = [[], ...lines.map(() => [])];
    this.lines = lines.map(([colour]) => colour);
  }

  /** Add a point: x, and the height of each line. What stood at x or behind it is replaced: a tuning that goes on repeats. */
  add(x, ...heights) {
    while (this.data[0][this.data[0].length - 1] >= x) for (const row of this.data) row.pop();
    this.data[0].push(x);
    heights.forEach((height, i) => {
      this.data[i + 1].push(height);
      if (height !== null) this.legend.children[i].hidden = false;
    });
    this.asked ||= requestAnimationFrame(() => this.draw());
  }

  async draw() {
    const Plot = await uplot();
    this.asked = 0;
    if (this.plot) {
      this.plot.setData(this.data);
      return;
    }
    const ink = getComputedStyle(document.documentElement);
    const axis = { stroke: ink.getPropertyValue("--quiet"), grid: { stroke: ink.getPropertyValue("--line"), width: 1 }, ticks: { show: false } };
    this.plot = new Plot({
      width: Math.max(280, Math.min(this.picture.clientWidth || 640, 1000)), height: 240, legend: { show: false }, scales: { x: { time: false } }, axes: [{ ...axis, incrs: WHOLE }, axis],
      series: [{}, ...this.lines.map((colour) => ({ stroke: ink.getPropertyValue(colour), width: 2, points: { show: (plot) => plot.data[0].length < FEW, size: 5 } }))],
    }, this.data, this.picture);
  }
}
