/** A stand-in for Obsidian at run time, on real files: npm's `obsidian` holds types only.
 *
 * It does what the documentation of the API says of the parts that the plugin uses, no more. */

import "./elements";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { parse, stringify } from "yaml";
import { type Cache, cacheOf } from "./metadata";

export const Platform = { isDesktop: true, isDesktopApp: true };

export class TFile {
  constructor(
    readonly path: string,
    private readonly place: string,
  ) {}
  get extension(): string {
    return this.path.split(".").pop() ?? "";
  }
  get basename(): string {
    return basename(this.path).replace(/\.[^.]*$/, "");
  }
  get stat(): { size: number; mtime: number } {
    const { size, mtimeMs } = statSync(this.place);
    return { size, mtime: mtimeMs };
  }
}

export class TFolder {
  constructor(readonly path: string) {}
}

export class FileSystemAdapter {
  constructor(private readonly root: string) {}
  getBasePath(): string {
    return this.root;
  }
  getFullPath(path: string): string {
    return join(this.root, path);
  }
}

type Listener = (...values: never[]) => unknown;

class Events {
  private readonly listeners = new Map<string, Listener[]>();
  on(name: string, listener: Listener): { name: string } {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
    return { name };
  }
  trigger(name: string, ...values: unknown[]): void {
    for (const listener of this.listeners.get(name) ?? []) listener(...(values as never[]));
  }
}

export class Vault extends Events {
  readonly adapter: FileSystemAdapter;
  private readonly files = new Map<string, TFile | TFolder>();
  constructor(readonly root: string) {
    super();
    this.adapter = new FileSystemAdapter(root);
    this.scan("");
  }
  scan(under: string): void {
    for (const name of readdirSync(join(this.root, under)).sort()) {
      const path = under ? `${under}/${name}` : name;
      if (name.startsWith(".") || !existsSync(this.at(path))) continue;
      const folder = statSync(this.at(path)).isDirectory();
      this.files.set(path, folder ? new TFolder(path) : new TFile(path, this.at(path)));
      if (folder) this.scan(path);
    }
  }
  private at(path: string): string {
    return join(this.root, path);
  }
  getMarkdownFiles(): TFile[] {
    return [...this.files.values()].filter((f): f is TFile => f instanceof TFile && f.extension === "md");
  }
  getAbstractFileByPath(path: string): TFile | TFolder | null {
    return this.files.get(path) ?? null;
  }
  async read(file: TFile): Promise<string> {
    return readFileSync(this.at(file.path), "utf8");
  }
  cachedRead(file: TFile): Promise<string> {
    return this.read(file);
  }
  async readBinary(file: TFile): Promise<ArrayBuffer> {
    return new Uint8Array(readFileSync(this.at(file.path))).buffer;
  }
  async create(path: string, text: string): Promise<TFile> {
    if (this.files.has(path)) throw new Error("File already exists.");
    if (!existsSync(dirname(this.at(path)))) throw new Error("Folder does not exist.");
    writeFileSync(this.at(path), text);
    const file = new TFile(path, this.at(path));
    this.files.set(path, file);
    this.trigger("create", file);
    return file;
  }
  async createFolder(path: string): Promise<void> {
    if (this.files.has(path)) throw new Error("Folder already exists.");
    mkdirSync(this.at(path));
    this.files.set(path, new TFolder(path));
  }
  async modify(file: TFile, text: string): Promise<void> {
    writeFileSync(this.at(file.path), text);
    this.trigger("modify", file);
  }
  async process(file: TFile, change: (text: string) => string): Promise<string> {
    const before = await this.read(file);
    const after = change(before);
    if (after !== before) await this.modify(file, after);
    return after;
  }
}

export class MetadataCache extends Events {
  constructor(private readonly vault: Vault) {
    super();
  }
  getFileCache(file: TFile): Cache {
    return cacheOf(readFileSync(join(this.vault.root, file.path), "utf8"));
  }
  get resolvedLinks(): Record<string, Record<string, number>> {
    const found: Record<string, Record<string, number>> = {};
    for (const file of this.vault.getMarkdownFiles()) {
      const cache = this.getFileCache(file);
      const counts: Record<string, number> = (found[file.path] = {});
      for (const { link } of [...cache.links, ...cache.embeds]) {
        const other = this.getFirstLinkpathDest(getLinkpath(link), file.path);
        if (other) counts[other.path] = (counts[other.path] ?? 0) + 1;
      }
    }
    return found;
  }
  getFirstLinkpathDest(linkpath: string, source: string): TFile | null {
    const wanted = (linkpath.endsWith(".md") ? linkpath : `${linkpath}.md`).toLowerCase();
    const files = this.vault.getMarkdownFiles();
    const here = dirname(source);
    const fits = files.filter(({ path }) => `/${path.toLowerCase()}`.endsWith(`/${wanted}`));
    const exact = fits.find(({ path }) => path.toLowerCase() === wanted);
    return exact ?? fits.find(({ path }) => dirname(path) === here) ?? fits[0] ?? null;
  }
}

export function parseLinktext(link: string): { path: string; subpath: string } {
  const at = link.indexOf("#");
  return at < 0 ? { path: link, subpath: "" } : { path: link.slice(0, at), subpath: link.slice(at) };
}

export function getLinkpath(link: string): string {
  return parseLinktext(link).path;
}

export function normalizePath(path: string): string {
  return path.replace(/\/+/g, "/");
}

let language = "en";
export function setLanguage(chosen: string): void {
  language = chosen;
}
export function getLanguage(): string {
  return language;
}

interface Request {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}
export async function requestUrl({ url, ...request }: Request) {
  const answer = await fetch(url, request);
  return { status: answer.status, text: await answer.text(), headers: Object.fromEntries(answer.headers) };
}

export const notices: string[] = [];
export class Notice {
  constructor(message: string) {
    notices.push(message);
  }
}

export class Component {
  private readonly endings: (() => void)[] = [];
  load(): void {}
  unload(): void {
    for (const end of this.endings) end();
  }
  register(end: () => void): void {
    this.endings.push(end);
  }
  registerEvent(): void {}
}

export const MarkdownRenderer = {
  async render(_: App, markdown: string, place: HTMLElement): Promise<void> {
    place.append(markdown);
  },
};

export class ButtonComponent {
  readonly buttonEl: HTMLButtonElement;
  constructor(parent: HTMLElement) {
    this.buttonEl = document.createElement("button");
    parent.append(this.buttonEl);
  }
  setButtonText(text: string): this {
    this.buttonEl.textContent = text;
    return this;
  }
  setCta(): this {
    return this;
  }
  setDisabled(disabled: boolean): this {
    this.buttonEl.disabled = disabled;
    return this;
  }
  onClick(act: () => unknown): this {
    this.buttonEl.addEventListener("click", act);
    return this;
  }
}

class ValueComponent<T> {
  readonly inputEl = document.createElement("input");
  private listener: (value: T) => unknown = () => {};
  value!: T;
  setValue(value: T): this {
    this.value = value;
    return this;
  }
  onChange(listener: (value: T) => unknown): this {
    this.listener = listener;
    return this;
  }
  change(value: T): unknown {
    this.value = value;
    return this.listener(value);
  }
  setLimits(): this {
    return this;
  }
  setDynamicTooltip(): this {
    return this;
  }
}

export class TextAreaComponent {
  readonly inputEl = document.createElement("textarea");
  constructor(parent: HTMLElement) {
    parent.append(this.inputEl);
  }
  setPlaceholder(text: string): this {
    this.inputEl.placeholder = text;
    return this;
  }
  setValue(text: string): this {
    this.inputEl.value = text;
    return this;
  }
  onChange(listener: (text: string) => unknown): this {
    this.inputEl.addEventListener("input", () => listener(this.inputEl.value));
    return this;
  }
}

export class Setting {
  static readonly made: { name: string; field: ValueComponent<unknown> | null }[] = [];
  private readonly mine: { name: string; field: ValueComponent<unknown> | null } = { name: "", field: null };
  constructor(_: HTMLElement) {
    Setting.made.push(this.mine);
  }
  setName(name: string): this {
    this.mine.name = name;
    return this;
  }
  setDesc(): this {
    return this;
  }
  private add<T>(build: (field: ValueComponent<T>) => unknown): this {
    const field = new ValueComponent<T>();
    this.mine.field = field as ValueComponent<unknown>;
    build(field);
    return this;
  }
  addText = (build: (field: ValueComponent<string>) => unknown): this => this.add(build);
  addSlider = (build: (field: ValueComponent<number>) => unknown): this => this.add(build);
  addToggle = (build: (field: ValueComponent<boolean>) => unknown): this => this.add(build);
}

export class PluginSettingTab {
  readonly containerEl = document.createElement("div");
  constructor(
    readonly app: App,
    _: unknown,
  ) {}
}

export class Modal {
  static open: Modal[] = [];
  readonly contentEl = document.createElement("div");
  title = "";
  constructor(readonly app: App) {}
  setTitle(title: string): this {
    this.title = title;
    return this;
  }
  onOpen(): void {}
  onClose(): void {}
  open(): void {
    document.body.append(this.contentEl);
    Modal.open.push(this);
    this.onOpen();
  }
  close(): void {
    if (!Modal.open.includes(this)) return;
    Modal.open = Modal.open.filter((modal) => modal !== this);
    this.onClose();
    this.contentEl.remove();
  }
}

export class MarkdownView {
  constructor(
    public file: TFile | null,
    readonly editor: { cm: EditorView; getSelection(): string },
  ) {}
}

export interface Command {
  id: string;
  name: string;
  callback?: () => unknown;
  editorCallback?: (editor: unknown, view: unknown) => unknown;
}

export class App {
  readonly vault: Vault;
  readonly metadataCache: MetadataCache;
  readonly views: MarkdownView[] = [];
  readonly workspace = {
    onLayoutReady: (act: () => unknown) => act(),
    getLeavesOfType: () => this.views.map((view) => ({ view })),
  };
  readonly fileManager = {
    processFrontMatter: async (file: TFile, change: (front: Record<string, unknown>) => void) => {
      await this.vault.process(file, (text) => {
        const match = /^---\n([\s\S]*?)\n---\n/.exec(text);
        const front = (match ? parse(match[1] ?? "") : {}) as Record<string, unknown>;
        change(front);
        return `---\n${stringify(front)}---\n${text.slice(match?.[0].length ?? 0)}`;
      });
    },
  };
  constructor(root: string) {
    this.vault = new Vault(root);
    this.metadataCache = new MetadataCache(this.vault);
  }
}

export class Plugin extends Component {
  readonly commandsAdded: Command[] = [];
  readonly extensions: Extension[] = [];
  readonly statusBar = document.createElement("div");
  data: unknown = null;
  constructor(
    readonly app: App,
    readonly manifest: unknown,
  ) {
    super();
  }
  addCommand(command: Command): void {
    this.commandsAdded.push(command);
  }
  addStatusBarItem(): HTMLElement {
    return this.statusBar;
  }
  addSettingTab(): void {}
  registerEditorExtension(extension: Extension): void {
    this.extensions.push(extension);
  }
  async loadData(): Promise<unknown> {
    return this.data;
  }
  async saveData(data: unknown): Promise<void> {
    this.data = JSON.parse(JSON.stringify(data)) as unknown;
  }
}

/** An Obsidian on a copy of the fixture vault that the Python tests use as well. */
export function openFixture(): App {
  const root = mkdtempSync(join(tmpdir(), "vault-"));
  cpSync(join(import.meta.dirname, "../../../tests/apps/notes/vault"), root, { recursive: true });
  return new App(root);
}
