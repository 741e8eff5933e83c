import { getLinkpath, parseLinktext, type ReferenceCache, TFile, type App } from "obsidian";
import { type Block, blocks, prose } from "./blocks";
import { type Passage, passage, type Via } from "./passage";
import { NOTEBOOK, type Reader } from "./reading";
import type { SearchIndex } from "./search";
import { telling } from "./words";

/** Passages handed to the server; its token budget decides how many are read. */
const MOST = 48;
/** Blocks taken of a note that is linked to as a whole. */
const OF_A_NOTE = 3;
const HITS = 8;
/** Links that are followed at most, so that a note with thousands is no longer waited for. */
const REACH = 96;
const OURS = /^>\s*\[!(?:lemmata\]|[\w-]+\|lemmata\])/;
const ORDER: Via[] = ["selection", "embed", "link", "note", "backlink", "search"];

export interface Asking {
  question: string;
  note: string;
  selection: string;
  depth: number;
}

export interface Context {
  passages: Passage[];
  broken: string[];
}

interface Step {
  other: TFile;
  sub: string;
  line: number;
  via: Via;
}

type Rank = [number, number, number, number];

/** What of the vault a question is answered with: what the selection's note embeds and links to,
 * what links to it, to a depth, then what the search finds. The same as `lemmata notes ask`. */
export async function gather(
  app: App,
  index: SearchIndex,
  reader: Reader,
  asking: Asking,
): Promise<Context> {
  return new Gathering(app, index, reader, asking).context();
}

class Gathering {
  private readonly about: Set<string>;
  private readonly found = new Map<string, { rank: Rank; note: string; block: Block; via: Via }>();
  private readonly known = new Map<string, Block[]>();
  private readonly broken = new Set<string>();
  private followed = 0;

  constructor(
    private readonly app: App,
    private readonly index: SearchIndex,
    private readonly reader: Reader,
    private readonly asking: Asking,
  ) {
    this.about = telling(`${asking.question} ${asking.selection}`);
  }

  async context(): Promise<Context> {
    const { question, selection, note, depth } = this.asking;
    const own = this.app.vault.getAbstractFileByPath(note);
    if (own instanceof TFile) await this.linked(own);
    for (const path of this.index.search(`${question} ${selection}`, HITS)) {
      const file = this.app.vault.getAbstractFileByPath(path);
      if (!(file instanceof TFile)) continue;
      const best = this.nearest(await this.read(file)).filter((block) => this.shared(block) > 0);
      this.take(file, best, "search", depth + 1);
    }
    const ranked = [...this.found.values()].sort((a, b) => compare(a.rank, b.rank)).slice(0, MOST);
    const passages = await Promise.all(
      ranked.map(({ rank, note, block, via }) => passage(note, block, via, rank[0])),
    );
    return { passages, broken: [...this.broken] };
  }

  private async linked(note: TFile): Promise<void> {
    const reached = new Set([note.path]);
    const own = (await this.read(note)).filter((b) => !this.asking.selection.includes(b.text));
    this.take(note, this.nearest(own), "note", 0);
    let fringe = [note];
    for (let distance = 1; distance <= this.asking.depth; distance++) {
      const onward: TFile[] = [];
      for (const source of fringe) {
        for (const step of this.around(source, distance === 1)) {
          if (this.followed === REACH) return;
          this.followed += 1;
          await this.follow(source, step, distance);
          if (reached.has(step.other.path)) continue;
          reached.add(step.other.path);
          onward.push(step.other);
        }
      }
      fringe = onward;
    }
  }

  /** The notes next to this one. A selection's own links stand for those of its note. */
  private around(note: TFile, first: boolean): Step[] {
    const { resolvedLinks } = this.app.metadataCache;
    const steps = this.onward(note, first);
    for (const source of Object.keys(resolvedLinks).sort()) {
      const file = this.app.vault.getAbstractFileByPath(source);
      if (source === note.path || !resolvedLinks[source]?.[note.path]) continue;
      if (source.startsWith(`${NOTEBOOK}/`)) continue;
      if (!(file instanceof TFile)) continue;
      for (const step of this.onward(file, false)) {
        if (step.other.path === note.path) {
          steps.push({ other: file, sub: "", line: step.line, via: "backlink" });
        }
      }
    }
    return steps;
  }

  private onward(note: TFile, first: boolean): Step[] {
    const cache = this.app.metadataCache.getFileCache(note);
    const marked = (via: Via) => (link: ReferenceCache) => ({ ...link, via });
    const all = [
      ...(cache?.links ?? []).map(marked("link")),
      ...(cache?.embeds ?? []).map(marked("embed")),
    ].sort((a, b) => a.position.start.offset - b.position.start.offset);
    const chosen = first
      ? all.filter((link) => link.link && this.asking.selection.includes(link.original))
      : [];
    const steps: Step[] = [];
    for (const { link, via, position } of chosen.length ? chosen : all) {
      const { path, subpath } = parseLinktext(link);
      const other = path
        ? this.app.metadataCache.getFirstLinkpathDest(getLinkpath(link), note.path)
        : note;
      if (!other) {
        if (first) this.broken.add(path);
      } else if (other.extension === "md") {
        steps.push({ other, sub: subpath.replace(/^#/, ""), line: position.start.line, via });
      }
    }
    return steps;
  }

  private async follow(source: TFile, step: Step, distance: number): Promise<void> {
    const there = await this.read(step.other);
    const chosen =
      step.via === "backlink"
        ? there.filter((block) => block.first <= step.line && step.line < block.last)
        : step.sub
          ? part(there, step.sub)
          : this.nearest(there);
    if (step.other.path !== source.path || step.sub) this.take(step.other, chosen, step.via, distance);
  }

  /** The blocks that share most words with what is asked, at least the first. */
  private nearest(found: Block[]): Block[] {
    return found
      .filter((block) => block.kind !== "heading" && block.text.trim())
      .sort((a, b) => this.shared(b) - this.shared(a) || a.first - b.first)
      .slice(0, OF_A_NOTE);
  }

  private shared(block: Block): number {
    let count = 0;
    for (const word of telling(`${block.heading} ${block.text}`)) if (this.about.has(word)) count++;
    return count;
  }

  private take(file: TFile, chosen: Block[], via: Via, distance: number): void {
    for (const block of chosen) {
      if (!prose(block)) continue;
      const rank: Rank = [distance, ORDER.indexOf(via), -this.shared(block), block.first];
      const key = `${file.path}\n${block.first}`;
      const before = this.found.get(key);
      if (!before || compare(rank, before.rank) < 0) {
        this.found.set(key, { rank, note: file.path, block, via });
      }
    }
  }

  private async read(file: TFile): Promise<Block[]> {
    const known = this.known.get(file.path);
    if (known) return known;
    const cache = this.app.metadataCache.getFileCache(file);
    let found: Block[] = [];
    try {
      const all = cache ? blocks(await this.reader.text(file), cache) : [];
      // What was answered or found before is no source, nor is a mistake.
      found = all.filter((block) => block.kind !== "quote" || !OURS.test(block.text));
    } catch {
      // What cannot be read is no context; the indexer tells why.
    }
    this.known.set(file.path, found);
    return found;
  }
}

/** The block `^id`, or what stands under a heading. */
function part(found: Block[], sub: string): Block[] {
  if (sub.startsWith("^")) return found.filter((block) => block.id === sub.slice(1));
  const wanted = (sub.split("#").pop() ?? "").trim().toLowerCase();
  const under = found.filter((block) => block.heading.toLowerCase() === wanted);
  const body = under.filter((block) => block.kind !== "heading");
  return body.length ? body : under;
}

function compare(a: Rank, b: Rank): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3];
}
