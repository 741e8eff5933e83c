import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Proposal } from "../src/documents";
import { Progress } from "../src/progress";
import { headline, verdict } from "../src/told";
import { escaped, page } from "../src/page";

const t = (message: string, ...given: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, at: string) => String(given[Number(at)]));

const PROPOSAL: Proposal = {
  text: "",
  diff: "",
  edits: [],
  idea: "Sort.",
  verdict: { state: "checked", reason: "" },
  passed: 3,
  examples: 3,
  ran: 12,
  inputs: 12,
  alike: 2,
  complexity: "n",
  measured_by: "steps",
  claimed: "n",
  first_failure: "",
  unrun: "",
};

describe("what is said of a proposal", () => {
  it.each<[Partial<Proposal>, string]>([
    [{}, "3/3 examples pass · O(n) measured by steps"],
    [{ claimed: "1" }, "3/3 examples pass · O(n) measured by steps, O(1) claimed"],
    [{ complexity: "" }, "3/3 examples pass"],
    [{ examples: 0, passed: 0, complexity: "" }, "no example; 12/12 generated inputs end well"],
    [{ unrun: "javascript is not run here" }, "not run: javascript is not run here"],
  ])("%j", (change, said) => {
    expect(headline({ ...PROPOSAL, ...change }, t)).toBe(said);
  });

  it("names the failure where it is refuted", () => {
    const refuted = { ...PROPOSAL, verdict: { state: "refuted", reason: "" }, first_failure: "WA" };
    expect(verdict(refuted, 4, t)).toBe("refuted · 2 of 4 candidates do this; WA");
    expect(verdict(PROPOSAL, 4, t)).toBe("checked · 2 of 4 candidates do this");
  });
});

describe("the budget", () => {
  it("tells the share and the seconds that are left at this pace", () => {
    let now = 0;
    const progress = new Progress({ tokens: 100, seconds: 60 }, () => now);
    now = 10_000;
    progress.add(50);
    expect(progress.standing()).toEqual({ tokens: 50, seconds: 10, share: 0.5, left: 10 });
    now = 59_000;
    expect(progress.standing().left).toBe(1);
    now = 70_000;
    expect(progress.standing()).toMatchObject({ share: 1, left: 0 });
  });

  it("has neither without a limit", () => {
    const standing = new Progress({ tokens: 0, seconds: 0 }, () => 5).standing();
    expect(standing).toMatchObject({ share: undefined, left: undefined });
  });
});

it("the side view's page lets in nothing from elsewhere, and no markup", () => {
  const words = {
    idle: '<img src=x onerror="1">',
    answerNow: "a",
    stop: "b",
    accept: "c",
    next: "d",
  };
  const html = page("N", { ...words, reject: "e" });
  expect(html).toContain("default-src 'none'; style-src 'nonce-N'; script-src 'nonce-N'");
  expect(html).toContain(escaped(words.idle));
  expect(html).not.toContain("<img");
  expect(html).not.toMatch(/innerHTML|https?:/);
});

const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;

it("every word has its Chinese, and none is left over", () => {
  expect(Object.keys(read("package.nls.zh-cn.json"))).toEqual(
    Object.keys(read("package.nls.json")),
  );
  const chinese = Object.keys(read("l10n/bundle.l10n.zh-cn.json"));
  const files = ["complete", "grade", "proposals", "settings", "steps", "told", "view"];
  const source = files.map((name) => readFileSync(`src/${name}.ts`, "utf8")).join("");
  const said = [...source.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? "");
  const states = ["steps", "seconds", "checked", "agreed", "refuted", "unverified"];
  expect(new Set([...said, ...states])).toEqual(new Set(chinese));
});
