import { describe, expect, it } from "vitest";
import { replacements, utf16, withoutMarks } from "../src/offsets";
import type { Edit } from "../src/documents";

/** As the editor applies them: last first, places clamped to the text. */
function applied(text: string, edits: Edit[]): string {
  const lines = text.split("\n");
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  const at = (line: number, character: number) => (starts[line] ?? 0) + character;
  let made = text;
  for (const one of replacements(edits, lines).reverse()) {
    made =
      made.slice(0, at(one.startLine, one.startCharacter)) +
      one.text +
      made.slice(at(one.endLine, one.endCharacter));
  }
  return made;
}

describe("edits", () => {
  it.each<[string, Edit[], string]>([
    ["a\nb\nc\n", [{ first: 1, last: 2, text: "x\ny\n" }], "a\nx\ny\nc\n"],
    ["a\nb\n", [{ first: 1, last: 2, text: "x\n" }], "a\nx\n"],
    ["a\nb", [{ first: 1, last: 2, text: "x" }], "a\nx"],
    ["a\nb", [{ first: 1, last: 2, text: "x\n" }], "a\nx"],
    ["a\n", [{ first: 1, last: 1, text: "x\n" }], "a\nx\n"],
    ["a", [{ first: 1, last: 1, text: "x" }], "a\nx"],
    ["a\nb\nc", [{ first: 0, last: 3, text: "x\n" }], "x"],
    [
      "a\nb\nc\n",
      [
        { first: 0, last: 0, text: "i\n" },
        { first: 2, last: 3, text: "" },
      ],
      "i\na\nb\n",
    ],
  ])("of %j", (before, edits, after) => {
    expect(applied(before, edits)).toBe(after);
  });
});

describe("places", () => {
  it("are counted in code points by the server and in UTF-16 here", () => {
    expect(utf16("a𝒙b", 2)).toBe(3);
    expect(utf16("素数", 1)).toBe(1);
    expect(utf16("ab", 9)).toBe(2);
  });

  it("stay where marks of comments are blanked", () => {
    const text = "  # 2 + 2 = 4\n// x = 3\n/* so */\n<!-- 1 -->\n-- y\nz % 2 = 1";
    const bare = withoutMarks(text);
    expect(bare).toHaveLength(text.length);
    expect(bare).toContain("    2 + 2 = 4\n   x = 3\n   so");
    expect(bare).toContain("z % 2 = 1");
  });
});
