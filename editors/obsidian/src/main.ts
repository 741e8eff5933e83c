import type { EditorView } from "@codemirror/view";
import { type Editor, MarkdownView, Notice, Plugin, TFile } from "obsidian";
import { anchors, dropAnchor, insertAtAnchor, setAnchor } from "./anchors";
import { type Answer, ask, type Pending, resume, type Watcher } from "./ask";
import { AskModal } from "./ask_modal";
import { Boundary } from "./boundary";
import { check, summary } from "./check";
import { gather } from "./context";
import { Indexer } from "./indexer";
import { said } from "./messages";
import { EXPORTED, Notebook } from "./notebook";
import { nameBlocks, placed } from "./placing";
import { Reader } from "./reading";
import { ReviewModal } from "./review_modal";
import { Server, ServerError } from "./server";
import { DEFAULTS, type Settings, SettingsTab } from "./settings";

interface Saved {
  settings?: Partial<Settings>;
  pending?: Pending[];
}

/** What of the editor is not in Obsidian's types: its CodeMirror. */
type WithCodeMirror = Editor & { cm: EditorView };

/** Questions that are kept to be resumed. */
const KEPT = 20;

export default class LemmataNotes extends Plugin {
  settings: Settings = { ...DEFAULTS };
  pending: Pending[] = [];
  indexer!: Indexer;
  private server!: Server;
  private notebook!: Notebook;
  private reader!: Reader;

  override async onload(): Promise<void> {
    const saved = ((await this.loadData()) ?? {}) as Saved;
    this.settings = { ...DEFAULTS, ...saved.settings };
    this.pending = saved.pending ?? [];
    this.server = new Server(() => this.settings);
    this.notebook = new Notebook(this.app, this.server);
    this.reader = new Reader(this.app, new Boundary(this.app));
    const status = this.addStatusBarItem();
    this.indexer = new Indexer(this.app, this.reader, (at) =>
      status.setText(at.done < at.total ? said("indexing", { ...at }) : ""),
    );
    this.register(() => this.indexer.stop());
    this.registerEditorExtension(anchors);
    this.addSettingTab(new SettingsTab(this.app, this));
    this.commands();
    this.app.workspace.onLayoutReady(() => this.watch());
  }

  async save(): Promise<void> {
    await this.saveData({ settings: this.settings, pending: this.pending } satisfies Saved);
  }

  /** Index the vault in the background, and from then on what changes. */
  private watch(): void {
    const { vault } = this.app;
    const changed = (path: string) => void this.indexer.changed(path);
    const isNote = (file: { path: string }) => file instanceof TFile && file.extension === "md";
    this.registerEvent(vault.on("create", (file) => isNote(file) && changed(file.path)));
    this.registerEvent(vault.on("modify", (file) => isNote(file) && changed(file.path)));
    this.registerEvent(vault.on("delete", (file) => this.indexer.removed(file.path)));
    this.registerEvent(
      vault.on("rename", (file, before) => {
        this.indexer.removed(before);
        if (isNote(file)) changed(file.path);
      }),
    );
    void this.indexer.all();
  }

  private commands(): void {
    this.addCommand({
      id: "ask",
      name: said("ask"),
      editorCallback: (editor, { file }) => file && this.ask(editor as WithCodeMirror, file),
    });
    this.addCommand({
      id: "check",
      name: said("check"),
      editorCallback: (editor, { file }) => file && void this.check(editor as WithCodeMirror, file),
    });
    this.addCommand({ id: "resume", name: said("resume"), callback: () => this.resume() });
    this.addCommand({ id: "review", name: said("review"), callback: () => this.review() });
    this.addCommand({ id: "export", name: said("export"), callback: () => void this.export() });
  }

  private ask(editor: WithCodeMirror, file: TFile): void {
    const selection = editor.getSelection();
    if (!selection.trim()) return void new Notice(said("nothingSelected"));
    const anchor = crypto.randomUUID();
    setAnchor(editor.cm, anchor, editor.cm.state.selection.main.to);
    this.converse(file.path, editor.cm, anchor, null, async (question, watcher, signal) => {
      const { depth, budget, votes } = this.settings;
      const asking = { question, note: file.path, selection, depth };
      const context = await gather(this.app, this.indexer.index, this.reader, asking);
      if (context.broken.length) new Notice(said("broken", { links: context.broken.join(", ") }));
      const asked = { ...asking, passages: context.passages, budget, votes };
      return ask(this.server, asked, watcher, signal);
    });
  }

  private resume(): void {
    const pending = this.pending.at(-1);
    if (!pending) return void new Notice(said("nothingToResume"));
    const anchor = crypto.randomUUID();
    const editor = this.editors(pending.note)[0] ?? null;
    if (editor) {
      const wanted = pending.selection.trim();
      const at = editor.state.doc.toString().lastIndexOf(wanted);
      setAnchor(editor, anchor, at < 0 ? editor.state.doc.length : at + wanted.length);
    }
    this.converse(pending.note, editor, anchor, pending, (_, watcher, signal) =>
      resume(this.server, pending, watcher, signal),
    );
  }

  /** One question from the modal to the note. */
  private converse(
    note: string,
    editor: EditorView | null,
    anchor: string,
    pending: Pending | null,
    answer: (question: string, watcher: Watcher, signal: AbortSignal) => Promise<Answer>,
  ): void {
    let running: { control: AbortController; begun: Pending | null } | null = null;
    const modal = new AskModal(
      this.app,
      {
        ask: async (question, shown) => {
          const mine = { control: new AbortController(), begun: pending };
          running = mine;
          const watcher = {
            started: async (begun: Pending) => this.keep((mine.begun = begun)),
            wrote: (text: string) => shown.wrote(text),
            progress: (text: string) => shown.progress(text),
          };
          try {
            const made = await answer(question, watcher, mine.control.signal);
            await this.place(made, note, editor, anchor, mine.begun);
            running = null;
            shown.close();
          } catch (error) {
            if (!mine.control.signal.aborted) shown.failed(told(error));
          }
        },
        answerNow: () => {
          if (running?.begun) void this.server.answerNow(running.begun.id).catch(report);
        },
        stop: () => {
          if (editor) dropAnchor(editor, anchor);
          if (running?.begun) {
            void this.server.stop(running.begun.id).catch(report);
            new Notice(said("stopped"));
          }
          running?.control.abort();
        },
      },
      pending?.question ?? null,
    );
    modal.open();
  }

  /** The answer into the note, wherever its place is by now; only then is the question done with. */
  private async place(
    answer: Answer,
    note: string,
    editor: EditorView | null,
    anchor: string,
    pending: Pending | null,
  ): Promise<void> {
    const missed = this.settings.blockIds ? await nameBlocks(this.app, answer.cited) : [];
    if (missed.length) new Notice(said("missed", { notes: missed.join(", ") }));
    const open = editor && this.editors(note).includes(editor) ? editor : null;
    if (!open || !insertAtAnchor(open, anchor, answer.markdown)) {
      const file = this.app.vault.getAbstractFileByPath(note);
      if (!(file instanceof TFile)) throw new ServerError(said("missed", { notes: note }));
      const selection = pending?.selection ?? "";
      await this.app.vault.process(file, (text) => placed(text, answer.markdown, selection));
    }
    this.pending = this.pending.filter(({ id }) => id !== pending?.id);
    await this.save();
    new Notice(said("written", { note }));
  }

  /** The editors that have a note open: Obsidian uses one again for another note. */
  private editors(note: string): EditorView[] {
    return this.app.workspace
      .getLeavesOfType("markdown")
      .map(({ view }) => view)
      .filter((view) => view instanceof MarkdownView && view.file?.path === note)
      .map((view) => ((view as MarkdownView).editor as WithCodeMirror).cm);
  }

  private async keep(pending: Pending): Promise<void> {
    const others = this.pending.filter(({ id }) => id !== pending.id);
    this.pending = [...others, pending].slice(-KEPT);
    await this.save();
  }

  private async check(editor: WithCodeMirror, file: TFile): Promise<void> {
    try {
      const checked = await check(this.server, editor.cm, file.path);
      new Notice(summary(checked));
      if (!this.settings.notebook) return;
      const counts = await this.notebook.record(checked.sections);
      if (counts.new + counts.mended > 0) new Notice(said("recorded", counts));
    } catch (error) {
      report(error);
    }
  }

  private review(): void {
    const due = this.notebook.due(new Date());
    if (due.length === 0) return void new Notice(said("nothingDue"));
    new ReviewModal(this.app, this.notebook, due).open();
  }

  private async export(): Promise<void> {
    try {
      const made = await this.notebook.export();
      if (!made) return void new Notice(said("nothingToExport"));
      const values = { rows: made.lines.length, path: EXPORTED, left: made.left.length };
      new Notice(said("exported", values));
    } catch (error) {
      report(error);
    }
  }
}

function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function report(error: unknown): void {
  new Notice(told(error));
}
