/** How long the plugin takes to index a vault, and how long it keeps the window busy meanwhile;
 * `bench/notes.py` makes the vault and starts this. */
import { writeFileSync } from "node:fs";
import { test } from "vitest";
import { App, type TFile } from "../tests/obsidian";
import { indexed } from "../tests/opened";

const folder = process.env.LEMMATA_BENCH_VAULT ?? "";
const out = process.env.LEMMATA_BENCH_OUT ?? "";
const questions = (process.env.LEMMATA_BENCH_QUESTIONS ?? "").split("\n");

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

test("a vault", async () => {
  const app = new App(folder);
  const gaps: number[] = [];
  let last = performance.now();
  const ticking = setInterval(() => {
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }, 1);
  let opened!: Awaited<ReturnType<typeof indexed>>;
  const cold = await seconds(async () => (opened = await indexed(app)));
  clearInterval(ticking);
  const { indexer } = opened;
  const again = await seconds(() => indexer.all());
  const [file] = app.vault.getMarkdownFiles() as [TFile];
  await app.vault.modify(file, `${await app.vault.read(file)}\nA new word: hexagonal.\n`);
  const one = await seconds(() => indexer.changed(file.path));
  if (indexer.index.search("hexagonal", 1)[0] !== file.path) throw new Error("not found");
  const queries: number[] = [];
  for (const question of questions) {
    queries.push(1000 * (await seconds(async () => indexer.index.search(question, 8))));
  }
  gaps.sort((a, b) => a - b);
  const told = {
    notes: indexer.index.size,
    index_s: cold,
    nothing_changed_s: again,
    one_changed_ms: 1000 * one,
    query_median_ms: median(queries),
    busy_p99_ms: gaps[Math.floor(gaps.length * 0.99)],
    busy_longest_ms: gaps.at(-1),
  };
  writeFileSync(out, JSON.stringify(told));
});
