import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocks, nameOf, withId } from "../src/blocks";
import { gather } from "../src/context";
import { openFixture, TFile } from "./obsidian";
import { indexed, real } from "./opened";

interface Case {
  name: string;
  asking: { question: string; note: string; selection: string; depth: number };
  linked: [string, number, string, number][];
  broken: string[];
}

// The command line is held against the same file.
const file = join(import.meta.dirname, "../../../tests/apps/notes/contexts.json");
const cases = JSON.parse(readFileSync(file, "utf8")) as Case[];

describe("contexts are those of the command line", () => {
  test.each(cases)("$name", async ({ asking, linked, broken }) => {
    const { app, indexer, reader } = await indexed();
    const found = await gather(real(app), indexer.index, reader, asking);
    const mine = found.passages
      .filter(({ via }) => via !== "search")
      .map(({ via, distance, note, line }) => [via, distance, note, line]);
    expect(mine).toEqual(linked);
    expect(found.broken).toEqual(broken);
  });
});

test("the search finds what no link leads to", async () => {
  const { app, indexer, reader } = await indexed();
  const asking = { question: "骰子点数的概率是多少？", note: "Programs.md", selection: "", depth: 2 };
  const { passages } = await gather(real(app), indexer.index, reader, asking);
  expect(passages.filter(({ via }) => via === "search").map(({ note }) => note)).toContain("概率.md");
});

test("ids are written once and found again", async () => {
  const { app } = await indexed();
  for (const path of ["Algebra/Discriminant.md", "Programs.md"]) {
    const note = app.vault.getAbstractFileByPath(path) as TFile;
    let text = await app.vault.read(note);
    const read = () => blocks(text, app.metadataCache.getFileCache(note) as never);
    const before = await Promise.all(read().map(nameOf));
    for (let at = 0; at < before.length; at++) {
      const block = read()[at];
      if (!block) throw new Error("a block is gone");
      text = withId(text, block, before[at] ?? "");
      await app.vault.modify(note, text);
      const named = read()[at];
      if (block.kind !== "heading") expect(named?.id).toBe(before[at]);
      expect(named && withId(text, named, "other")).toBe(text);
    }
  }
});

test("an item's id stands before what is nested in it", async () => {
  const { app } = await indexed();
  const note = await app.vault.create("list.md", "- a parent\n  - a child ^child\n- last ^last\n");
  const text = await app.vault.read(note);
  const [parent, last] = blocks(text, app.metadataCache.getFileCache(note) as never);
  expect([parent?.id, last?.id]).toEqual(["", "last"]);
  expect(parent && withId(text, parent, "x")).toBe("- a parent ^x\n  - a child ^child\n- last ^last\n");
});

test("what we wrote ourselves is no source", async () => {
  const app = openFixture();
  await app.vault.createFolder("Lemmata");
  await app.vault.createFolder("Lemmata/Errors");
  await app.vault.create("Lemmata/Errors/0.md", "The sum of the roots: wrong. [[Quadratics]]");
  const unity = app.vault.getAbstractFileByPath("Roots of unity.md") as TFile;
  const ours = "> [!lemmata] q\n> - roots answer\n\n> [!failure|lemmata] Step 1\n> roots";
  await app.vault.process(unity, (text) => `${text}\n${ours}\n\n> [!note]\n> the roots, mine\n`);
  const { indexer, reader } = await indexed(app);
  const asking = { question: "sum of the roots?", note: "Algebra/Quadratics.md", selection: "", depth: 2 };
  const { passages } = await gather(real(app), indexer.index, reader, asking);
  expect(passages.filter(({ note }) => note.startsWith("Lemmata"))).toEqual([]);
  const said = passages.filter(({ note }) => note === unity.path).map(({ text }) => text);
  expect(said.some((text) => text.includes("mine"))).toBe(true);
  expect(said.some((text) => text.includes("lemmata]"))).toBe(false);
});
