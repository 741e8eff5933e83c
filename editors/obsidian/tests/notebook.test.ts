import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { graded, type GradeName, type Memory, Notebook } from "../src/notebook";
import { halves } from "../src/review_modal";
import type { Section, Server } from "../src/server";
import { openFixture, TFile } from "./obsidian";
import { real } from "./opened";

const NOW = Date.parse("2026-01-05T12:00:00Z");
const DAY = 24 * 3600 * 1000;
const ENTRY = `---
lemmata: error
id: 0123456789ab
mine: kept
due: '2026-01-05T12:00:00Z'
state: new
step: 0
stability: 0.0
difficulty: 0.0
reps: 0
lapses: 0
last_review: ''
---

From [[Algebra/Quadratics]].

## Problem

What is 7 times 8?

## Attempt

7 * 8 = 54

## First failure

56, not 54

## Correction
`;
const FAILED: Section = {
  heading: "x",
  state: "fails",
  findings: [],
  path: "Lemmata/Errors/0123456789ab.md",
  entry: ENTRY,
  correction: null,
};

// The command line's `fsrs` is held against the same file.
const file = join(import.meta.dirname, "../../../tests/apps/notes/reviews.json");
const cases = JSON.parse(readFileSync(file, "utf8")) as [GradeName, number, Partial<Memory>][][];

test.each(cases.map((reviews, at) => ({ at, reviews })))("reviews $at follow FSRS", ({ reviews }) => {
  let memory = { state: "new", due: "2026-01-05T12:00:00Z" } as Memory;
  for (const [grade, days, { stability, difficulty, ...wanted }] of reviews) {
    memory = graded(memory, grade, new Date(NOW + days * DAY));
    expect(memory).toMatchObject(wanted);
    expect(memory.stability).toBeCloseTo(stability ?? NaN, 4);
    expect(memory.difficulty).toBeCloseTo(difficulty ?? NaN, 4);
  }
});

test("a failed problem gets one entry, is reviewed, and takes its correction once", async () => {
  const app = openFixture();
  const notebook = new Notebook(real(app), null as unknown as Server);
  expect(await notebook.record([FAILED])).toEqual({ new: 1, mended: 0 });
  expect(await notebook.record([FAILED])).toEqual({ new: 0, mended: 0 });
  const entry = app.vault.getAbstractFileByPath(FAILED.path) as TFile;
  expect(notebook.due(new Date(NOW - DAY))).toEqual([]);
  expect(notebook.due(new Date(NOW)).map(({ path }) => path)).toEqual([FAILED.path]);
  await notebook.grade(entry as never, "easy", new Date(NOW));
  const text = await app.vault.read(entry);
  expect(text).toContain("state: review");
  expect(text).toContain("mine: kept");
  expect(text.slice(text.indexOf("\nFrom"))).toBe(ENTRY.slice(ENTRY.indexOf("\nFrom")));
  expect(notebook.due(new Date(NOW + DAY))).toEqual([]);
  const mended: Section = { ...FAILED, state: "holds", entry: null, correction: "7 * 8 = 56" };
  expect(await notebook.record([mended])).toEqual({ new: 0, mended: 1 });
  expect(await notebook.record([mended])).toEqual({ new: 0, mended: 0 });
  expect((await app.vault.read(entry)).endsWith("## Correction\n\n7 * 8 = 56\n")).toBe(true);
});

test("a review shows the problem first", () => {
  const [problem, rest] = halves(ENTRY);
  expect(problem).toBe("What is 7 times 8?");
  expect(rest.startsWith("## Attempt")).toBe(true);
});
