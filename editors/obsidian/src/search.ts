import MiniSearch from "minisearch";
import { isCommon, words } from "./words";

interface Indexed {
  path: string;
  title: string;
  body: string;
}

/** The search index of a vault: BM25 over titles and bodies, a note at a time, by content hash. */
export class SearchIndex {
  private readonly hashes = new Map<string, string>();
  private readonly search_ = new MiniSearch<Indexed>({
    idField: "path",
    fields: ["title", "body"],
    tokenize: words,
    processTerm: (term) => (isCommon(term) ? null : term),
    searchOptions: { boost: { title: 3 }, combineWith: "OR" },
    autoVacuum: { minDirtCount: 200, minDirtFactor: 0.1, batchSize: 50, batchWait: 20 },
  });

  get size(): number {
    return this.hashes.size;
  }

  /** Index a note; gives whether its content was new. */
  async put(path: string, text: string): Promise<boolean> {
    const hash = await digest(text);
    if (this.hashes.get(path) === hash) return false;
    this.remove(path);
    this.search_.add({ path, title: path.replace(/\.md$/, ""), body: text });
    this.hashes.set(path, hash);
    return true;
  }

  remove(path: string): void {
    if (this.hashes.delete(path)) this.search_.discard(path);
  }

  /** Paths of notes, the best first. */
  search(query: string, limit: number): string[] {
    return this.search_
      .search(query)
      .slice(0, limit)
      .map((hit) => String(hit.id));
  }
}

/** SHA-256, in hexadecimal. */
export async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
