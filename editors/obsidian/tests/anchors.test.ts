import { redo, undo, undoDepth } from "@codemirror/commands";
import { describe, expect, test } from "vitest";
import { applyEdits, changesOf, dropAnchor, insertAtAnchor, setAnchor } from "../src/anchors";
import { placed } from "../src/placing";
import { editorOf } from "./opened";

const CALLOUT = "> [!lemmata] q\n> - ✓ 2 + 2 = 4.\n";

test("an answer is one undo step, behind its paragraph, however much was written meanwhile", () => {
  const view = editorOf("Before.\n\nAsked here\nand there.\n\nAfter.", "Asked");
  setAnchor(view, "a", view.state.selection.main.to);
  view.dispatch({ changes: { from: 0, insert: "New words. " }, userEvent: "input.type" });
  view.dispatch({ changes: { from: view.state.doc.length, insert: " More." }, userEvent: "input.type" });
  const before = view.state.doc.toString();
  const depth = undoDepth(view.state);
  expect(insertAtAnchor(view, "a", CALLOUT)).toBe(true);
  expect(view.state.doc.toString()).toBe(
    `New words. Before.\n\nAsked here\nand there.\n\n${CALLOUT}\nAfter. More.`,
  );
  expect(undoDepth(view.state)).toBe(depth + 1);
  view.dispatch({ changes: { from: 0, insert: "x" }, userEvent: "input.type" });
  undo(view);
  undo(view);
  expect(view.state.doc.toString()).toBe(before);
  redo(view);
  expect(view.state.doc.toString()).toContain("[!lemmata]");
  expect(insertAtAnchor(view, "a", CALLOUT)).toBe(false);
});

test("an anchor that was dropped takes no answer", () => {
  const view = editorOf("x", "x");
  setAnchor(view, "a", 1);
  dropAnchor(view, "a");
  expect(insertAtAnchor(view, "a", CALLOUT)).toBe(false);
  expect(view.state.doc.toString()).toBe("x");
});

test("code blocks are not cut", () => {
  const text = "```python\nx = 1\n\ny = 2\n```\nRight below.\n\nEnd.";
  const view = editorOf(text, "x = 1");
  setAnchor(view, "a", view.state.selection.main.to);
  insertAtAnchor(view, "a", CALLOUT);
  const after = view.state.doc.toString();
  expect(after.startsWith("```python\nx = 1\n\ny = 2\n```\nRight below.\n\n> [!lemmata]")).toBe(true);
  expect(placed(text, CALLOUT, "x = 1").startsWith(after.slice(0, 70))).toBe(true);
  expect(placed("a\n", CALLOUT, "gone")).toBe(`a\n\n${CALLOUT}`);
});

describe("edits by lines", () => {
  const text = "one\ntwo\nthree";
  test.each([
    [[{ first: 1, last: 1, lines: ["new"] }], "one\nnew\ntwo\nthree"],
    [[{ first: 3, last: 3, lines: ["a", "b"] }], "one\ntwo\nthree\na\nb"],
    [[{ first: 0, last: 1, lines: [] }], "two\nthree"],
    [[{ first: 2, last: 3, lines: [] }], "one\ntwo"],
    [[{ first: 1, last: 3, lines: ["x"] }], "one\nx"],
    [[{ first: 0, last: 0, lines: ["h"] }, { first: 2, last: 3, lines: ["t", ""] }], "h\none\ntwo\nt\n"],
    [[], text],
  ])("%j", (edits, wanted) => {
    const view = editorOf(text);
    applyEdits(view, edits);
    expect(view.state.doc.toString()).toBe(wanted);
    expect(undoDepth(view.state)).toBe(edits.length ? 1 : 0);
    undo(view);
    expect(view.state.doc.toString()).toBe(text);
    expect(changesOf(view.state.doc, edits)).toHaveLength(edits.length);
  });
});
