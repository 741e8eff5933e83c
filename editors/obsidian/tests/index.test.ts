import { mkdirSync, mkdtempSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { words } from "../src/words";
import { App, openFixture, TFile } from "./obsidian";
import { indexed } from "./opened";

test("words are segmented, Chinese by a dictionary", () => {
  expect(words("Größe_x2 und 3,5")).toEqual(["größe", "x2", "und", "3", "5"]);
  expect(words("概率的定理abc")).toEqual(["概率", "的", "定理", "abc"]);
});

test("the search ranks by BM25", async () => {
  const { indexer } = await indexed();
  expect(indexer.index.search("discriminant", 5)[0]).toBe("Algebra/Discriminant.md");
  expect(indexer.index.search("条件概率", 5)[0]).toBe("概率.md");
  expect(indexer.index.search("the of", 5)).toEqual([]);
  expect(indexer.index.search("", 5)).toEqual([]);
});

test("only changed content is indexed again", async () => {
  const { app, indexer } = await indexed();
  const file = app.vault.getAbstractFileByPath("Roots of unity.md") as TFile;
  const text = await app.vault.read(file);
  utimesSync(join(app.vault.root, file.path), 1, 1);
  expect(await indexer.index.put(file.path, text)).toBe(false);
  await app.vault.modify(file, "Now about hexagons.");
  await indexer.changed(file.path);
  expect(indexer.index.search("hexagons", 5)).toEqual([file.path]);
  expect(indexer.index.search("unity", 5)).not.toContain("nothing");
  indexer.removed(file.path);
  expect(indexer.index.search("hexagons", 5)).toEqual([]);
});

test("what leads outside or is not UTF-8 is left alone, with the reason", async () => {
  const app = openFixture();
  const outside = mkdtempSync(join(tmpdir(), "outside-"));
  writeFileSync(join(outside, "secret.md"), "secret words");
  symlinkSync(join(outside, "secret.md"), join(app.vault.root, "link.md"));
  symlinkSync(outside, join(app.vault.root, "folder"));
  writeFileSync(join(app.vault.root, "latin.md"), Buffer.from("caf\xe9 bar", "latin1"));
  writeFileSync(join(app.vault.root, "sign.md"), "a real \ufffd sign");
  app.vault.scan("");
  const { indexer } = await indexed(app);
  expect(Object.fromEntries(indexer.skipped)).toEqual({
    "link.md": "link.md lies outside the vault",
    "folder/secret.md": "folder/secret.md lies outside the vault",
    "latin.md": "latin.md is not UTF-8 text",
  });
  expect(indexer.index.search("secret", 5)).toEqual([]);
  expect(indexer.index.search("sign", 5)).toEqual(["sign.md"]);
});

test("indexing many notes leaves the window alive, and can be stopped", async () => {
  const root = mkdtempSync(join(tmpdir(), "many-"));
  mkdirSync(join(root, "a"));
  for (let n = 0; n < 2000; n++) writeFileSync(join(root, `a/${n}.md`), `word${n} 概率 `.repeat(20));
  const app = new App(root);
  let ticks = 0;
  const ticking = setInterval(() => (ticks += 1), 0);
  const { indexer } = await indexed(app);
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(1);
  expect(indexer.index.size).toBe(2000);
  expect(indexer.index.search("word1999", 3)).toEqual(["a/1999.md"]);
  const again = indexer.all();
  indexer.stop();
  await again;
});
