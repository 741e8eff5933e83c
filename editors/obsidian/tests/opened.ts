import "./elements";
import { history } from "@codemirror/commands";
import { EditorSelection, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { anchors } from "../src/anchors";
import { Boundary } from "../src/boundary";
import { Indexer } from "../src/indexer";
import { Reader } from "../src/reading";
import type { App as ObsidianApp } from "obsidian";
import { App, type Command, MarkdownView, openFixture, type Plugin, TFile } from "./obsidian";
import { realpath } from "node:fs/promises";
import { afterEach } from "vitest";
import LemmataNotes from "../src/main";

/** The stand-in's app as the plugin's code knows it. */
export function real(app: App): ObsidianApp {
  return app as unknown as ObsidianApp;
}

export async function indexed(app = openFixture()) {
  const reader = new Reader(real(app), new Boundary(real(app), { realpath }));
  const indexer = new Indexer(real(app), reader);
  await indexer.all();
  return { app, reader, indexer };
}

const views: EditorView[] = [];
const plugins: LemmataNotes[] = [];

/** The plugin in a fresh Obsidian, and its commands. */
export async function loaded(url: string) {
  const app = openFixture();
  const plugin = new LemmataNotes(real(app), {} as never);
  plugins.push(plugin);
  const shell = plugin as unknown as Plugin;
  shell.data = { settings: { url } };
  await plugin.onload();
  await plugin.indexer.all();
  const run = (id: string, ...given: unknown[]) => {
    const command = shell.commandsAdded.find((one) => one.id === id) as Command;
    return (command.callback ?? command.editorCallback)?.(...(given as [unknown, unknown]));
  };
  const text = (path: string) => app.vault.read(app.vault.getAbstractFileByPath(path) as TFile);
  return { app, plugin, shell, run, text };
}

// What still works when a file's tests end would work in a page that is gone.
afterEach(async () => {
  for (const view of views.splice(0)) view.destroy();
  for (const plugin of plugins.splice(0)) {
    plugin.unload();
    await plugin.indexer.all();
  }
});

/** A real CodeMirror with a text; `select` is the part of it that is selected. */
export function editorOf(text: string, select = ""): EditorView {
  const at = text.indexOf(select);
  const state = EditorState.create({
    doc: text,
    extensions: [history(), anchors],
    selection: EditorSelection.single(at, at + select.length),
  });
  const view = new EditorView({ state, parent: document.body });
  views.push(view);
  return view;
}

/** The note opened in an editor, as Obsidian hands it to a command. */
export async function noteOpened(app: App, path: string, select = "") {
  const file = app.vault.getAbstractFileByPath(path) as TFile;
  const cm = editorOf(await app.vault.read(file), select);
  const editor = {
    cm,
    getSelection: () => cm.state.sliceDoc(cm.state.selection.main.from, cm.state.selection.main.to),
  };
  const view = new MarkdownView(file, editor);
  app.views.push(view);
  return { file, cm, editor, view };
}

/** Wait for something to become true; the test's own limit ends it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resume) => setTimeout(resume, 5));
}
