import { TFile, type App } from "obsidian";
import { NOTEBOOK, type Reader, Unreadable } from "./reading";
import { SearchIndex } from "./search";

/** Longest time in milliseconds that indexing keeps the window busy at a stretch. */
const SLICE = 8;

export interface Progress {
  done: number;
  total: number;
  /** Seconds to go, as far as the pace so far tells. */
  left: number;
}

/** Keeps the search index up to date, in slices between which the window stays alive. */
export class Indexer {
  readonly index = new SearchIndex();
  /** Notes that were left alone, with the reason. */
  readonly skipped = new Map<string, string>();
  private readonly waiting = new Set<string>();
  private running: Promise<void> | null = null;
  private stopped = false;
  private sliceBegan = 0;

  constructor(
    private readonly app: App,
    private readonly reader: Reader,
    private readonly told: (progress: Progress) => void = () => {},
  ) {}

  /** Index the whole vault; notes whose content is known cost only their hash. */
  all(): Promise<void> {
    for (const file of this.app.vault.getMarkdownFiles()) this.waiting.add(file.path);
    return this.flush();
  }

  /** A note is new or changed. */
  changed(path: string): Promise<void> {
    this.waiting.add(path);
    return this.flush();
  }

  removed(path: string): void {
    this.waiting.delete(path);
    this.skipped.delete(path);
    this.index.remove(path);
  }

  stop(): void {
    this.stopped = true;
    this.waiting.clear();
  }

  private flush(): Promise<void> {
    this.running ??= this.work().finally(() => (this.running = null));
    return this.running;
  }

  private async work(): Promise<void> {
    const began = performance.now();
    this.sliceBegan = began;
    for (let done = 1; this.waiting.size > 0 && !this.stopped; done++) {
      const [path] = this.waiting;
      if (path === undefined) return;
      this.waiting.delete(path);
      await this.one(path);
      await this.breathe();
      const left = ((performance.now() - began) / done) * this.waiting.size;
      this.told({ done, total: done + this.waiting.size, left: Math.ceil(left / 1000) });
    }
  }

  private async one(path: string): Promise<void> {
    const file = this.app.vault.getAbstractFileByPath(path);
    if (!(file instanceof TFile) || path.startsWith(`${NOTEBOOK}/`)) return;
    try {
      await this.index.put(path, await this.reader.text(file));
      this.skipped.delete(path);
    } catch (error) {
      // One note that cannot be read must not keep the others from being found.
      this.skipped.set(path, error instanceof Unreadable ? error.message : String(error));
      this.index.remove(path);
    }
  }

  private async breathe(): Promise<void> {
    if (performance.now() - this.sliceBegan < SLICE) return;
    await new Promise((resume) => window.setTimeout(resume, 0));
    this.sliceBegan = performance.now();
  }
}
