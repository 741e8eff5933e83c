import type { App, TFile } from "obsidian";
import type { Boundary } from "./boundary";

/** Where the error notebook is: notes of ours, which are no source of anything. */
export const NOTEBOOK = "Lemmata/Errors";
export const LARGEST = 4 * 1024 * 1024;

/** Why a note is left alone, in one line. */
export class Unreadable extends Error {}

/** Reads notes of the vault that may be read: inside it, in UTF-8, not too large. */
export class Reader {
  constructor(
    private readonly app: App,
    private readonly boundary: Boundary,
  ) {}

  /** Throws Unreadable. */
  async text(file: TFile): Promise<string> {
    if (file.stat.size > LARGEST) throw new Unreadable(`${file.path} is larger than 4 MiB`);
    if (await this.boundary.isOutside(file.path)) {
      throw new Unreadable(`${file.path} lies outside the vault`);
    }
    const text = await this.app.vault.cachedRead(file);
    // Obsidian puts a sign in place of what is not UTF-8; only the bytes tell whether it was there.
    if (text.includes("\ufffd") && !(await this.isUtf8(file))) {
      throw new Unreadable(`${file.path} is not UTF-8 text`);
    }
    return text;
  }

  private async isUtf8(file: TFile): Promise<boolean> {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(await this.app.vault.readBinary(file));
      return true;
    } catch {
      return false;
    }
  }
}
