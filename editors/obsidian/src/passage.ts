import { type Block, nameOf, prose } from "./blocks";

export type Via = "selection" | "note" | "embed" | "link" | "backlink" | "search";

/** A block as `/api/notes` takes it; `target` is what a wiki link to it says. */
export interface Passage {
  note: string;
  target: string;
  heading: string;
  text: string;
  via: Via;
  distance: number;
  line: number;
}

export async function passage(
  note: string,
  block: Block,
  via: Via,
  distance: number,
): Promise<Passage> {
  const path = note.replace(/\.md$/, "");
  const part = block.kind === "heading" ? block.heading : `^${await nameOf(block)}`;
  const { heading, first: line } = block;
  return { note, target: `${path}#${part}`, heading, text: prose(block), via, distance, line };
}
