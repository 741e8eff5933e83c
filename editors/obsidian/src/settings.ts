import { type App, PluginSettingTab, Setting } from "obsidian";
import type LemmataNotes from "./main";
import { type Message, said } from "./messages";

export interface Settings {
  url: string;
  key: string;
  model: string;
  depth: number;
  budget: number;
  votes: number;
  blockIds: boolean;
  notebook: boolean;
}

export const DEFAULTS: Settings = {
  url: "http://127.0.0.1:8080",
  key: "",
  model: "",
  depth: 2,
  budget: 1024,
  votes: 1,
  blockIds: true,
  notebook: true,
};

export class SettingsTab extends PluginSettingTab {
  constructor(
    app: App,
    private readonly plugin: LemmataNotes,
  ) {
    super(app, plugin);
  }

  override display(): void {
    this.containerEl.empty();
    this.text("url", "url", "urlWhat");
    this.text("key", "apiKey", "apiKeyWhat", true);
    this.text("model", "model", "modelWhat");
    this.slider("depth", 0, 4, "depth", "depthWhat");
    this.slider("budget", 0, 8192, "budget", "budgetWhat", 128);
    this.slider("votes", 1, 16, "votesName", "votesWhat");
    this.toggle("blockIds", "ids", "idsWhat");
    this.toggle("notebook", "notebook", "notebookWhat");
  }

  private text(key: "url" | "key" | "model", name: Message, what: Message, secret = false): void {
    this.setting(name, what).addText((field) => {
      if (secret) field.inputEl.type = "password";
      field.setValue(this.plugin.settings[key]).onChange((value) => this.keep(key, value.trim()));
    });
  }

  private slider(
    key: "depth" | "budget" | "votes",
    low: number,
    high: number,
    name: Message,
    what: Message,
    step = 1,
  ): void {
    this.setting(name, what).addSlider((field) =>
      field
        .setLimits(low, high, step)
        .setValue(this.plugin.settings[key])
        .setDynamicTooltip()
        .onChange((value) => this.keep(key, value)),
    );
  }

  private toggle(key: "blockIds" | "notebook", name: Message, what: Message): void {
    this.setting(name, what).addToggle((field) =>
      field.setValue(this.plugin.settings[key]).onChange((value) => this.keep(key, value)),
    );
  }

  private setting(name: Message, what: Message): Setting {
    return new Setting(this.containerEl).setName(said(name)).setDesc(said(what));
  }

  private async keep<K extends keyof Settings>(key: K, value: Settings[K]): Promise<void> {
    this.plugin.settings[key] = value;
    await this.plugin.save();
  }
}
