import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LANGUAGES, said } from "../src/messages";
import { events } from "../src/sse";
import { Modal, notices, setLanguage } from "./obsidian";
import { loaded, noteOpened, until } from "./opened";

let closing: HttpServer[] = [];

beforeEach(() => {
  notices.length = 0;
  for (const modal of Modal.open) modal.close();
});
afterEach(() => {
  for (const server of closing) server.close();
  closing = [];
});

/** A server that refuses everything in one way. */
async function refusing(status: number, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((_, answer) => {
    answer.writeHead(status, headers).end(JSON.stringify({ error: { message: "one line" } }));
  });
  closing.push(server);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function typed(text: string): void {
  const area = document.querySelector("textarea") as HTMLTextAreaElement;
  area.value = text;
  area.dispatchEvent(new Event("input"));
}

function pressed(name: string): void {
  const buttons = Array.from(document.querySelectorAll("button"));
  buttons.find((button) => button.textContent === name)?.click();
}

const status = () => document.querySelector(".lemmata-status")?.textContent ?? "";

test("an empty selection is one line", async () => {
  const { app, run } = await loaded("http://127.0.0.1:9");
  const { editor, view } = await noteOpened(app, "Programs.md");
  run("ask", editor, view);
  expect(notices).toEqual(["Select the text that you want to ask about."]);
  expect(Modal.open).toEqual([]);
});

test("a server that is down loses neither the note nor the question", async () => {
  const { app, run } = await loaded("http://127.0.0.1:9");
  const { cm, editor, view } = await noteOpened(app, "Programs.md", "Factorial");
  const before = cm.state.doc.toString();
  run("ask", editor, view);
  pressed("Ask");
  expect(status()).toBe("Type a question.");
  typed("Why?");
  pressed("Ask");
  await until(() => status().includes("does not answer"));
  expect(status()).toBe(
    "Lemmata does not answer at http://127.0.0.1:9. Start it with: lemmata serve",
  );
  expect((document.querySelector("textarea") as HTMLTextAreaElement).value).toBe("Why?");
  run("check", editor, view);
  await until(() => notices.length > 0);
  expect(notices).toEqual([status()]);
  expect(cm.state.doc.toString()).toBe(before);
});

test.each([
  [429, { "Retry-After": "7" }, "The model is busy. Ask again in 7 s; your question is kept."],
  [503, {}, "The model is still loading. Ask again in 1 s; your question is kept."],
  [401, {}, "Lemmata wants a valid API key. Put it into the settings of Lemmata Notes."],
  [400, {}, "one line"],
])("a refusal with %i is one line", async (code, headers, wanted) => {
  const { app, run } = await loaded(await refusing(code, headers));
  const { editor, view } = await noteOpened(app, "Programs.md", "Factorial");
  run("ask", editor, view);
  typed("Why?");
  pressed("Ask");
  await until(() => status() === wanted);
});

test("nothing to resume, to review, or to export is one line each", async () => {
  const { run } = await loaded("http://127.0.0.1:9");
  run("resume");
  run("review");
  run("export");
  await until(() => notices.length === 3);
  expect(notices.slice(0, 2)).toEqual([said("nothingToResume"), said("nothingDue")]);
});

test("events come out whole, however the bytes are cut", async () => {
  const bytes = new TextEncoder().encode('event: a\ndata: {"x":"概率"}\n\ndata: [1]\n\nevent: cut\ndata: {');
  for (const size of [1, 2, 3, 7, 1000]) {
    const stream = new ReadableStream<Uint8Array>({
      start(control) {
        for (let at = 0; at < bytes.length; at += size) control.enqueue(bytes.slice(at, at + size));
        control.close();
      },
    });
    const found = [];
    for await (const event of events(stream)) found.push(event);
    expect(found).toEqual([
      { name: "a", data: { x: "概率" } },
      { name: "message", data: [1] },
    ]);
  }
});

test("English and Chinese say the same", () => {
  const { en, zh } = LANGUAGES;
  expect(Object.keys(zh)).toEqual(Object.keys(en));
  for (const key of Object.keys(en) as (keyof typeof en)[]) {
    expect(en[key], key).not.toBe(zh[key]);
    const names = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    expect(new Set(names(zh[key]))).toEqual(new Set(names(en[key])));
  }
  setLanguage("zh");
  expect(said("stop")).toBe("停止");
  setLanguage("en");
});
