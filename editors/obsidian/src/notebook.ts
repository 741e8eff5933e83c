import { type App, normalizePath, TFile, TFolder } from "obsidian";
import { type Card, createEmptyCard, fsrs, type Grade, Rating, State } from "ts-fsrs";
import { NOTEBOOK } from "./reading";
import type { Section, Server, TuningSet } from "./server";

export const EXPORTED = "Lemmata/mistakes.jsonl";
export const GRADES = ["again", "hard", "good", "easy"] as const;
export type GradeName = (typeof GRADES)[number];

/** The memory state in the front matter of an entry; the command line writes the same words. */
export interface Memory {
  due: string;
  state: "new" | "learning" | "review" | "relearning";
  step: number;
  stability: number;
  difficulty: number;
  reps: number;
  lapses: number;
  last_review: string;
}

const STATES = {
  new: State.New,
  learning: State.Learning,
  review: State.Review,
  relearning: State.Relearning,
};
const RATINGS: Record<GradeName, Grade> = {
  again: Rating.Again,
  hard: Rating.Hard,
  good: Rating.Good,
  easy: Rating.Easy,
};
// No fuzz: the command line must come to the same dates.
const scheduler = fsrs({ enable_fuzz: false });

/** The memory state after a review. */
export function graded(memory: Memory, grade: GradeName, now: Date): Memory {
  const { card } = scheduler.next(cardOf(memory), now, RATINGS[grade]);
  const state = (Object.keys(STATES) as (keyof typeof STATES)[]).find(
    (name) => STATES[name] === card.state,
  );
  return {
    due: stamp(card.due),
    state: state ?? "new",
    step: card.learning_steps,
    stability: rounded(card.stability),
    difficulty: rounded(card.difficulty),
    reps: card.reps,
    lapses: card.lapses,
    last_review: stamp(now),
  };
}

function cardOf(memory: Memory): Card {
  const last = memory.last_review ? new Date(memory.last_review) : undefined;
  return {
    ...createEmptyCard(),
    due: new Date(memory.due),
    state: STATES[memory.state] ?? State.New,
    learning_steps: Number(memory.step) || 0,
    stability: Number(memory.stability) || 0,
    difficulty: Number(memory.difficulty) || 0,
    reps: Number(memory.reps) || 0,
    lapses: Number(memory.lapses) || 0,
    last_review: last,
  };
}

function stamp(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, "Z");
}

function rounded(value: number): number {
  return Math.round(value * 1e8) / 1e8;
}

/** The error notebook of a vault: a note for each problem that failed a check. */
export class Notebook {
  constructor(
    private readonly app: App,
    private readonly server: Server,
  ) {}

  /** Entries whose time has come, the longest overdue first. */
  due(now: Date): TFile[] {
    const waiting = this.entries()
      .map((file) => ({ file, at: Date.parse(String(this.memory(file).due)) }))
      .filter(({ at }) => !(at > now.getTime()));
    return waiting.sort((a, b) => a.at - b.at).map(({ file }) => file);
  }

  /** Write down how a review went. */
  async grade(file: TFile, grade: GradeName, now: Date): Promise<void> {
    await this.app.fileManager.processFrontMatter(file, (front: Memory) => {
      Object.assign(front, graded(front, grade, now));
    });
  }

  /** What failed gets an entry; what has one and holds now gives it its correction. */
  async record(sections: Section[]): Promise<{ new: number; mended: number }> {
    const counts = { new: 0, mended: 0 };
    for (const { path, entry, correction } of sections) {
      const file = this.app.vault.getAbstractFileByPath(path);
      if (entry !== null && !file) {
        await this.folder(path.slice(0, path.lastIndexOf("/")));
        await this.app.vault.create(path, entry);
        counts.new += 1;
      } else if (correction !== null && file instanceof TFile) {
        if (await this.mend(file, correction)) counts.mended += 1;
      }
    }
    return counts;
  }

  private async mend(file: TFile, correction: string): Promise<boolean> {
    let mended = false;
    await this.app.vault.process(file, (text) => {
      const open = /\n## Correction\s*$/.exec(text);
      mended = open !== null;
      return open ? `${text.slice(0, open.index)}\n## Correction\n\n${correction}\n` : text;
    });
    return mended;
  }

  /** Write the corrected problems as a tuning set into the vault; null where there is none. */
  async export(): Promise<TuningSet | null> {
    const texts = await Promise.all(this.entries().map((file) => this.app.vault.read(file)));
    const made = await this.server.export(texts);
    if (made.lines.length === 0) return null;
    const path = normalizePath(EXPORTED);
    const file = this.app.vault.getAbstractFileByPath(path);
    if (file instanceof TFile) await this.app.vault.modify(file, made.lines.join(""));
    else await this.app.vault.create(path, made.lines.join(""));
    return made;
  }

  private entries(): TFile[] {
    return this.app.vault
      .getMarkdownFiles()
      .filter((file) => file.path.startsWith(`${NOTEBOOK}/`))
      .filter((file) => this.front(file)?.lemmata === "error");
  }

  private memory(file: TFile): Memory {
    return this.front(file) as unknown as Memory;
  }

  private front(file: TFile): Record<string, unknown> | undefined {
    return this.app.metadataCache.getFileCache(file)?.frontmatter;
  }

  private async folder(path: string): Promise<void> {
    const parts = path.split("/");
    for (let depth = 1; depth <= parts.length; depth++) {
      const here = parts.slice(0, depth).join("/");
      if (!(this.app.vault.getAbstractFileByPath(here) instanceof TFolder)) {
        await this.app.vault.createFolder(here);
      }
    }
  }
}
