/** The plugin against a real Lemmata server; tests/editors/test_obsidian.py starts one. */
import { undo } from "@codemirror/commands";
import { beforeEach, describe, expect, test } from "vitest";
import { Modal, notices } from "./obsidian";
import { loaded, noteOpened, until } from "./opened";

const url = process.env.LEMMATA_TEST_URL ?? "";

function put(question: string): void {
  const area = document.querySelector("textarea") as HTMLTextAreaElement;
  area.value = question;
  area.dispatchEvent(new Event("input"));
  pressed("Ask");
}

function pressed(name: string): void {
  const buttons = Array.from(document.querySelectorAll("button"));
  buttons.find((button) => button.textContent === name)?.click();
}

const output = () => document.querySelector(".lemmata-output")?.innerHTML ?? "";

beforeEach(() => {
  notices.length = 0;
  for (const modal of Modal.open) modal.close();
});

describe.skipIf(!url)("with a server", () => {
  test("a question becomes a harmless callout with marks and a link, in one undo step", async () => {
    const { app, plugin, run, text } = await loaded(url);
    const path = "Algebra/Quadratics.md";
    const { cm, editor, view } = await noteOpened(app, path, "at most two roots");
    const before = cm.state.doc.toString();
    run("ask", editor, view);
    put("What do the roots add up to?");
    await until(() => notices.some((line) => line.includes("The answer stands")));
    const after = cm.state.doc.toString();
    const [callout] = /^> \[!lemmata\][\s\S]*?(?=\n\n)/m.exec(after) ?? [""];
    expect(callout).toContain("> - ✓ 2 + 3 = 5.");
    expect(callout).toContain("○ not checked");
    expect(callout).toMatch(/\[\[Algebra\/Quadratics#\^lm-[0-9a-f]{8}\|1\]\]/);
    for (const sign of ["<img", "![[", "<%", "`$="]) expect(callout).not.toContain(sign);
    const [, name] = /\[\[Algebra\/Quadratics#\^(lm-[0-9a-f]{8})\|1\]\]/.exec(callout) ?? [];
    expect(await text(path)).toContain(` ^${name}`);
    expect(plugin.pending).toEqual([]);
    undo(cm);
    expect(cm.state.doc.toString()).toBe(before);
  });

  test("a question that is stopped can be resumed, and its text is never rendered", async () => {
    const { app, plugin, shell, run } = await loaded(url);
    const { cm, editor, view } = await noteOpened(app, "Programs.md", "returns n!");
    const before = cm.state.doc.toString();
    run("ask", editor, view);
    put("Tell me slowly.");
    await until(() => output().includes("It goes on, 1."));
    expect(output()).toContain("&lt;img");
    expect(document.querySelector(".lemmata-output img")).toBeNull();
    expect(plugin.pending).toHaveLength(1);
    pressed("Stop");
    expect(cm.state.doc.toString()).toBe(before);
    expect(JSON.stringify(shell.data)).toContain(plugin.pending[0]?.id ?? "none");
    await until(() => notices.some((line) => line.startsWith("Stopped.")));
    // The server has to have seen the stop before it goes on.
    for (;;) {
      const answer = await fetch(`${url}/api/solve/${plugin.pending[0]?.id}`);
      if (!((await answer.json()) as { running: boolean }).running) break;
    }
    run("resume");
    await until(() => notices.some((line) => line.includes("The answer stands")));
    const answered = cm.state.doc.toString();
    expect(answered).toContain("returns n!. For example `fact(3)` returns 6.\n\n> [!lemmata] Tell me slowly.");
    expect(answered).toContain("The end.");
    expect(plugin.pending).toEqual([]);
    undo(cm);
    expect(cm.state.doc.toString()).toBe(before);
  });

  test("a resumed answer goes into a note that is closed by now", async () => {
    const { app, plugin, run, text } = await loaded(url);
    const { editor, view } = await noteOpened(app, "Programs.md", "returns n!");
    run("ask", editor, view);
    put("Tell me slowly.");
    await until(() => output().includes("It goes on, 1."));
    pressed("Stop");
    app.views.length = 0;
    for (;;) {
      const answer = await fetch(`${url}/api/solve/${plugin.pending[0]?.id}`);
      if (!((await answer.json()) as { running: boolean }).running) break;
    }
    run("resume");
    await until(() => notices.some((line) => line.includes("The answer stands")));
    const after = await text("Programs.md");
    expect(after).toMatch(/returns 6\.(?: \^lm-\w+)?\n\n> \[!lemmata\] Tell me slowly\.\n/);
    expect(after).toMatch(/not checked\n\n```python\ndef fact/);
  });

  test("an answer can be had at once", async () => {
    const { app, plugin, run } = await loaded(url);
    const { cm, editor, view } = await noteOpened(app, "Programs.md", "returns n!");
    run("ask", editor, view);
    put("Tell me slowly.");
    await until(() => output().includes("It goes on, 1."));
    pressed("Answer now");
    await until(() => notices.some((line) => line.includes("The answer stands")));
    expect(cm.state.doc.toString()).toContain("It goes on, 1.");
    expect(cm.state.doc.toString()).not.toContain("It goes on, 4999.");
    expect(plugin.pending).toEqual([]);
  });

  test("proofs and programs are checked in place; a mistake is kept, mended and exported", async () => {
    const { app, run, text } = await loaded(url);
    const { cm, editor, view } = await noteOpened(app, "Algebra/Quadratics.md");
    const before = cm.state.doc.toString();
    run("check", editor, view);
    await until(() => notices.length === 2);
    expect(notices).toEqual(["5 hold, 2 wrong, 0 not checked", "1 new in the error notebook, 0 mended"]);
    expect(cm.state.doc.toString()).toContain("> [!failure|lemmata] Step 1 ✗ wrong");
    const callouts = cm.state.doc.toString().match(/\|lemmata\]/g);
    undo(cm);
    expect(cm.state.doc.toString()).toBe(before);
    run("export");
    await until(() => notices.includes("No correction passes its checks yet."));
    const mended = before.replace("7 * 8 = 54", "7 * 8 = 56").replace("54 + 30 = 84", "56 + 30 = 86");
    cm.dispatch({ changes: { from: 0, to: cm.state.doc.length, insert: mended } });
    run("check", editor, view);
    await until(() => notices.includes("0 new in the error notebook, 1 mended"));
    const once = cm.state.doc.toString();
    run("check", editor, view);
    await until(() => notices.filter((line) => line.startsWith("7 hold")).length === 2);
    expect(cm.state.doc.toString()).toBe(once);
    expect(once.match(/\|lemmata\]/g)?.length).toBe(callouts?.length);
    run("export");
    await until(() => notices.some((line) => line.includes("1 rows in")));
    const row = JSON.parse(await text("Lemmata/mistakes.jsonl")) as { meta: { gold: string } };
    expect(row.meta.gold).toBe("86");
  });

  test("a note that changes while it is checked is not written to", async () => {
    const { app, run } = await loaded(url);
    const { cm, editor, view } = await noteOpened(app, "Programs.md");
    run("check", editor, view);
    cm.dispatch({ changes: { from: 0, insert: "Meanwhile. " } });
    await until(() => notices.length > 0);
    expect(notices[0]).toContain("The note changed while it was checked");
    expect(cm.state.doc.toString()).not.toContain("|lemmata]");
  });
});
