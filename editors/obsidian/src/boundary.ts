import { FileSystemAdapter, Platform, type App } from "obsidian";

interface Files {
  realpath(path: string): Promise<string>;
}

/** Tells which notes lie outside the vault, reached through a symbolic link: they are not read.
 * Only the desktop has such links. */
export class Boundary {
  private root: Promise<string> | null = null;

  constructor(
    private readonly app: App,
    private readonly files: Files | null = desktopFiles(),
  ) {}

  async isOutside(path: string): Promise<boolean> {
    const { adapter } = this.app.vault;
    if (!this.files || !(adapter instanceof FileSystemAdapter)) return false;
    try {
      this.root ??= this.files.realpath(adapter.getBasePath());
      const [root, real] = await Promise.all([
        this.root,
        this.files.realpath(adapter.getFullPath(path)),
      ]);
      return !real.startsWith(root.replace(/[\\/]*$/, real.includes("\\") ? "\\" : "/"));
    } catch {
      return true; // a broken link, or one that turns in a circle
    }
  }
}

function desktopFiles(): Files | null {
  if (Platform.isDesktop && Platform.isDesktopApp) {
    const { require } = window as { require?: (name: string) => unknown };
    return require ? (require("fs/promises") as Files) : null;
  }
  return null;
}
