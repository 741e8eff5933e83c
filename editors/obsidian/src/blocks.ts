import type { CachedMetadata, Pos } from "obsidian";
import { digest } from "./search";

export type Kind = "paragraph" | "item" | "heading" | "code" | "quote" | "table" | "html";

/** Lines `first` to `last` (half open, from 0) of a note, as the command line's `Block`. */
export interface Block {
  kind: Kind;
  text: string;
  first: number;
  last: number;
  heading: string;
  id: string;
}

const KINDS: Record<string, Kind> = {
  paragraph: "paragraph",
  math: "paragraph",
  heading: "heading",
  code: "code",
  blockquote: "quote",
  callout: "quote",
  table: "table",
  html: "html",
};
const ITEM = /^\s*(?:[-*+]|\d+[.)])\s+(?:\[.\]\s+)?/;
const ID = /(?:^|[ \t])\^([A-Za-z0-9-]{1,64})[ \t]*$/;

/** The blocks of a note in order, from what Obsidian knows of it; lists are cut into items. */
export function blocks(text: string, cache: CachedMetadata): Block[] {
  const lines = text.split("\n");
  const found: Block[] = [];
  let heading = "";
  for (const section of cache.sections ?? []) {
    const spans = section.type === "list" ? items(cache, section.position) : [span(section.position)];
    const kind = section.type === "list" ? "item" : KINDS[section.type];
    if (!kind) continue;
    for (const [first, last] of spans) {
      const body = lines.slice(first, last).join("\n");
      if (kind === "heading") heading = body.replace(/^[# ]+/, "").trim();
      const id = kind === "item" ? idOf(own(body, kind)) : (section.id ?? idOf(body));
      const before = found.at(-1);
      if (before && id && body.trim() === `^${id}`) {
        before.id = id; // a line of its own names the block above
        continue;
      }
      found.push({ kind, text: body, first, last, heading, id });
    }
  }
  return found;
}

function span(position: Pos): [number, number] {
  return [position.start.line, position.end.line + 1];
}

/** Items of the outermost level, each with what is nested in it. */
function items(cache: CachedMetadata, list: Pos): [number, number][] {
  const starts = (cache.listItems ?? [])
    .filter((item) => item.parent < 0)
    .map((item) => item.position.start.line)
    .filter((line) => line >= list.start.line && line <= list.end.line);
  return starts.map((first, at) => [first, starts[at + 1] ?? list.end.line + 1]);
}

/** A list item without what is nested in it; any other block as it is. */
function own(body: string, kind: Kind): string {
  const lines = body.split("\n");
  const nested = lines.findIndex((line, at) => at > 0 && (!line.trim() || ITEM.test(line)));
  return kind === "item" && nested > 0 ? lines.slice(0, nested).join("\n") : body;
}

function idOf(body: string): string {
  const last = body.trimEnd().split("\n").pop() ?? "";
  return ID.exec(last)?.[1] ?? "";
}

/** The text of a block without its id and the signs that make it a heading or an item. */
export function prose(block: Block): string {
  const mine = own(block.text, block.kind);
  const text = mine.replace(ID, "") + block.text.slice(mine.length);
  if (block.kind === "heading") return text.replace(/^[# ]+/, "").trim();
  return text.replace(ITEM, "").trim();
}

/** The id a block has, or the one that it would get: the same for the same text. */
export async function nameOf(block: Block): Promise<string> {
  return block.id || `lm-${(await digest(block.text)).slice(0, 8)}`;
}

/** The note with `name` written behind the block, where it has no id. */
export function withId(text: string, block: Block, name: string): string {
  if (block.id || block.kind === "heading") return text;
  const lines = text.split("\n");
  if (block.kind === "paragraph" || block.kind === "item") {
    const end = block.first + own(block.text, block.kind).split("\n").length - 1;
    lines[end] = `${(lines[end] ?? "").trimEnd()} ^${name}`;
  } else {
    lines.splice(block.last, 0, "", `^${name}`);
  }
  return lines.join("\n");
}
