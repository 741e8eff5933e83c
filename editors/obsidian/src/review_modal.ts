import { type App, ButtonComponent, Component, MarkdownRenderer, Modal, type TFile } from "obsidian";
import { said } from "./messages";
import { GRADES, type Notebook } from "./notebook";

/** The problems that are due, one after another: the problem, then what went wrong, then a grade. */
export class ReviewModal extends Modal {
  private readonly rendering = new Component();

  constructor(
    app: App,
    private readonly notebook: Notebook,
    private readonly due: TFile[],
  ) {
    super(app);
  }

  override onOpen(): void {
    this.rendering.load();
    void this.next();
  }

  override onClose(): void {
    this.rendering.unload();
    this.contentEl.empty();
  }

  private async next(): Promise<void> {
    const file = this.due.shift();
    if (!file) return this.close();
    this.contentEl.empty();
    this.setTitle(`${said("review")} (${this.due.length + 1})`);
    const [problem, rest] = halves(await this.app.vault.cachedRead(file));
    await this.show(problem, file);
    const buttons = this.contentEl.createDiv({ cls: "modal-button-container" });
    new ButtonComponent(buttons).setButtonText(said("show")).onClick(async () => {
      buttons.empty();
      await this.show(rest, file);
      this.contentEl.append(buttons);
      this.grades(buttons, file);
    });
  }

  private grades(buttons: HTMLElement, file: TFile): void {
    for (const grade of GRADES) {
      new ButtonComponent(buttons).setButtonText(said(grade)).onClick(async () => {
        await this.notebook.grade(file, grade, new Date());
        await this.next();
      });
    }
  }

  /** The person's own words, rendered as in the note itself. */
  private async show(markdown: string, file: TFile): Promise<void> {
    const place = this.contentEl.createDiv();
    await MarkdownRenderer.render(this.app, markdown, place, file.path, this.rendering);
  }
}

/** The problem, and everything behind it. */
export function halves(text: string): [string, string] {
  const body = text.replace(/^---\n[\s\S]*?\n---\n/, "");
  const at = body.search(/^## Attempt$/m);
  const [problem, rest] = at < 0 ? [body, ""] : [body.slice(0, at), body.slice(at)];
  return [problem.replace(/^[\s\S]*?## Problem\n/, "").trim(), rest.trim()];
}
