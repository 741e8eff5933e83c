import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocks, nameOf, withId } from "../src/blocks";
import { gather } from "../src/context";
import { TFile } from "./obsidian";
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
