import { type App, ButtonComponent, Modal, TextAreaComponent } from "obsidian";
import { said } from "./messages";

/** What the modal is told to do. */
export interface Asked {
  ask(question: string, modal: AskModal): Promise<void>;
  answerNow(): void;
  stop(): void;
}

/** A question, then the text of its answer as it is written. It shows plain text only: nothing of
 * what the model writes is rendered before it was made harmless. */
export class AskModal extends Modal {
  private question = "";
  private output: HTMLElement | null = null;
  private status: HTMLElement | null = null;
  private askButton: ButtonComponent | null = null;

  constructor(
    app: App,
    private readonly asked: Asked,
    /** The question of one that is resumed; it starts at once. */
    private readonly resumed: string | null = null,
  ) {
    super(app);
  }

  override onOpen(): void {
    this.setTitle(said("ask"));
    const area = new TextAreaComponent(this.contentEl);
    area.inputEl.addClass("lemmata-question");
    area.setPlaceholder(said("question")).onChange((text) => (this.question = text));
    this.output = this.contentEl.createDiv({ cls: "lemmata-output" });
    this.status = this.contentEl.createDiv({ cls: "lemmata-status" });
    const buttons = this.contentEl.createDiv({ cls: "modal-button-container" });
    this.askButton = new ButtonComponent(buttons).setButtonText(said("askButton")).setCta();
    this.askButton.onClick(() => void this.start());
    new ButtonComponent(buttons).setButtonText(said("now")).onClick(() => this.asked.answerNow());
    new ButtonComponent(buttons).setButtonText(said("stop")).onClick(() => this.close());
    if (this.resumed !== null) {
      area.setValue(this.resumed);
      this.question = this.resumed;
      void this.start();
    }
  }

  override onClose(): void {
    this.asked.stop();
    this.contentEl.empty();
  }

  wrote(text: string): void {
    this.output?.appendText(text);
  }

  progress(text: string): void {
    this.status?.setText(text);
  }

  /** One clear line; the question stays where it is. */
  failed(text: string): void {
    this.progress(text);
    this.askButton?.setDisabled(false);
  }

  private async start(): Promise<void> {
    if (!this.question.trim()) return this.failed(said("noQuestion"));
    this.askButton?.setDisabled(true);
    this.output?.empty();
    await this.asked.ask(this.question.trim(), this);
  }
}
