/** What Obsidian knows of a note, computed from its text: sections, list items, links, properties. */

import { parse } from "yaml";

interface Loc {
  line: number;
  col: number;
  offset: number;
}

interface Pos {
  start: Loc;
  end: Loc;
}

interface Section {
  type: string;
  position: Pos;
  id?: string;
}

interface Link {
  link: string;
  original: string;
  position: Pos;
}

export interface Cache {
  sections: Section[];
  listItems: { position: Pos; parent: number }[];
  links: Link[];
  embeds: Link[];
  frontmatter?: Record<string, unknown>;
}

const ID = /(?:^|\s)\^([A-Za-z0-9-]+)\s*$/;
const ITEM = /^(\s*)(?:[-*+]|\d+[.)])\s/;

export function cacheOf(text: string): Cache {
  const lines = text.split("\n");
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  const at = (line: number, col: number): Loc => ({ line, col, offset: (starts[line] ?? 0) + col });
  const span = (first: number, last: number): Pos => ({
    start: at(first, 0),
    end: at(last - 1, (lines[last - 1] ?? "").length),
  });
  const cache: Cache = { sections: [], listItems: [], links: [], embeds: [] };
  let masked = text;
  let line = 0;
  const front = /^---\n([\s\S]*?)\n---(?:\n|$)/.exec(text);
  if (front) {
    try {
      cache.frontmatter = parse(front[1] ?? "") as Record<string, unknown>;
    } catch {
      // Obsidian shows broken properties as such, and has none of them in its cache.
    }
    line = front[0].trimEnd().split("\n").length;
    cache.sections.push({ type: "yaml", position: span(0, line) });
  }
  while (line < lines.length) {
    const text = lines[line] ?? "";
    if (!text.trim()) {
      line += 1;
      continue;
    }
    const type = typeOf(lines, line);
    let end = line + 1;
    if (type === "code") {
      const fence = /^\s*(`{3,}|~{3,})/.exec(text)?.[1] ?? "";
      while (end < lines.length && (lines[end] ?? "").trim() !== fence) end += 1;
      end = Math.min(end + 1, lines.length);
      const [from, to] = [starts[line] ?? 0, (starts[end] ?? 0) - 1];
      masked = masked.slice(0, from) + masked.slice(from, to).replace(/[^\n]/g, " ") + masked.slice(to);
    } else if (type !== "heading") {
      while (end < lines.length && (lines[end] ?? "").trim()) {
        const next = typeOf(lines, end);
        if (next !== "paragraph" && next !== type) break;
        end += 1;
      }
    }
    const id = type === "list" || type === "code" ? undefined : ID.exec(lines[end - 1] ?? "")?.[1];
    cache.sections.push({ type, position: span(line, end), ...(id ? { id } : {}) });
    if (type === "list") items(cache, lines, line, end, span);
    line = end;
  }
  masked = masked.replace(/`[^`\n]+`/g, (code) => " ".repeat(code.length));
  links(cache, masked, (offset) => {
    const line = masked.slice(0, offset).split("\n").length - 1;
    return at(line, offset - (starts[line] ?? 0));
  });
  return cache;
}

function typeOf(lines: string[], line: number): string {
  const text = lines[line] ?? "";
  if (/^#{1,6}\s/.test(text)) return "heading";
  if (/^\s*(`{3,}|~{3,})/.test(text)) return "code";
  if (/^>\s*\[!/.test(text)) return "callout";
  if (/^>/.test(text)) return (line && typeOf(lines, line - 1)) === "callout" ? "callout" : "blockquote";
  if (/^\|/.test(text)) return "table";
  if (/^\$\$/.test(text)) return "math";
  return ITEM.test(text) ? "list" : "paragraph";
}

function items(
  cache: Cache,
  lines: string[],
  first: number,
  last: number,
  span: (first: number, last: number) => Pos,
): void {
  for (let line = first; line < last; line++) {
    const match = ITEM.exec(lines[line] ?? "");
    if (!match) continue;
    cache.listItems.push({ position: span(line, line + 1), parent: match[1] ? line - 1 : -first - 1 });
  }
}

function links(cache: Cache, text: string, at: (offset: number) => Loc): void {
  const found = /(!?)\[\[([^\]\n]*)\]\]|(!?)\[[^\]\n]*\]\(<?([^()<>\n]*)>?\)/g;
  for (const match of text.matchAll(found)) {
    const wiki = match[2] !== undefined;
    const link = wiki ? (match[2] ?? "").split("|")[0] ?? "" : decodeURI(match[4] ?? "");
    if (!wiki && !/\.md(#|$)/.test(link)) continue;
    const start = match.index;
    const position = { start: at(start), end: at(start + match[0].length) };
    const place = match[1] || match[3] ? cache.embeds : cache.links;
    place.push({ link, original: match[0], position });
  }
}
