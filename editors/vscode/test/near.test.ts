import { expect, it } from "vitest";
import { imported } from "../src/near";

it("files beside one that it may import", () => {
  const text =
    "import os, helpers as h\nfrom .words import speak\nfrom . import more\nimport a.b\n";
  expect(imported(text, "python", "x.py")).toEqual([
    "os.py",
    "helpers.py",
    "words.py",
    "speak.py",
    "more.py",
    "b.py",
  ]);
  expect(imported(text, "python", "more.py")).not.toContain("more.py");
  expect(imported("import x from './x'", "typescript", "a.ts")).toEqual([]);
});
