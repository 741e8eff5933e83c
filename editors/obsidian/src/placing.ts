import { Text } from "@codemirror/state";
import { TFile, type App } from "obsidian";
import { endOfBlock } from "./anchors";
import { type Block, blocks, nameOf, withId } from "./blocks";
import type { Passage } from "./passage";

/** A note with a callout behind the block where the selection ends, else at its end. */
export function placed(text: string, markdown: string, selection: string): string {
  const wanted = selection.trim();
  const at = wanted ? text.lastIndexOf(wanted) : -1;
  const end = at < 0 ? text.trimEnd().length : endOfBlock(Text.of(text.split("\n")), at + wanted.length);
  const tail = text.slice(end).replace(/^\n+/, "");
  return `${text.slice(0, end)}\n\n${markdown.trimEnd()}\n${tail.trim() ? `\n${tail}` : ""}`;
}

/** Give cited blocks that have no id the one that the links to them name; gives the notes in which
 * a block is no longer what it was. */
export async function nameBlocks(app: App, cited: Passage[]): Promise<string[]> {
  const missed = new Set<string>();
  for (const { note, target } of cited) {
    const name = target.split("#^")[1];
    const file = app.vault.getAbstractFileByPath(note);
    if (!name) continue;
    if (!(file instanceof TFile) || !(await nameBlock(app, file, name))) missed.add(note);
  }
  return [...missed];
}

async function nameBlock(app: App, file: TFile, name: string): Promise<boolean> {
  const cache = app.metadataCache.getFileCache(file);
  if (!cache) return false;
  const before = await app.vault.cachedRead(file);
  const block = await named(blocks(before, cache), name);
  if (!block) return false;
  if (block.id) return true;
  let done = false;
  await app.vault.process(file, (now) => {
    done = now === before;
    return done ? withId(now, block, name) : now;
  });
  return done;
}

async function named(found: Block[], name: string): Promise<Block | null> {
  for (const block of found) if ((await nameOf(block)) === name) return block;
  return null;
}
