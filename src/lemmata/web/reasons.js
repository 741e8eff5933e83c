// What the server says of verdicts and steps, in Chinese. It says it in English, in fixed forms; a test holds each
// form against the sources, and what has none here is shown as it came.

import { current } from "./language.js";

const FORMS = [
  ["{a}/{b} derivations answer {c} (weight {d})", "{b} 次推导中有 {a} 次得出 {c}（权重 {d}）"],
  ["{a}/{b} derivations answer {c}", "{b} 次推导中有 {a} 次得出 {c}"],
  ["{a} of {b} steps could be checked and hold", "{b} 步中有 {a} 步可以检验，全部成立"],
  ["{a} of {b} steps could be checked", "{b} 步中有 {a} 步可以检验"],
  ["step {a} fails: {b}", "第 {a} 步不成立：{b}"],
  ["part {a}: {b}", "第 {a} 问：{b}"],
  ["{a}: the value is {b}, not {c}", "{a}：应为 {b}，不是 {c}"],
  ["{a}: the residue is {b}, not {c}", "{a}：余数应为 {b}，不是 {c}"],
  ["{a}: that is wrong", "{a}：这不成立"],
  ["{a} does not satisfy {b}", "{a} 不满足 {b}"],
  ["the derivation was cut at the token limit", "推导写到词元上限时被截断"],
  ["no final answer was given", "没有给出最终答案"],
  ["every step was checked and holds", "每一步都已检验，全部成立"],
  ["one derivation and no gold answer to compare with", "只有一次推导，也没有可对照的正确答案"],
  ["no two of {a} derivations agree", "{a} 次推导的答案各不相同"],
  ["a tie: answers with {a} of {b} derivations each", "并列：{b} 次推导中，几个答案各得 {a} 次"],
  ["stopped before it was settled", "尚未得出定论就停止了"],
  ["not asked: this is no reasoning problem", "没有求解：这不是推理题"],
  ["all votes are counted", "所有推导均已计票"],
  ["{a} more could not change it", "再推导 {a} 次也不会改变结果"],
  ["confidence {a} reached, {b} not needed", "置信度已达 {a}，其余 {b} 次不再需要"],
  ["no program was written", "没有写出程序"],
  ["nothing was run: {a}", "没有运行：{a}"],
  ["passes {a}/{b} examples", "通过 {b} 个样例中的 {a} 个"],
  ["there is no input to run it on", "没有可用来运行的输入"],
  ["{a}/{b} programs do the same on the generated inputs", "{b} 个程序中有 {a} 个在生成的输入上表现相同"],
  ["it ends well on {a}/{b} inputs, no example", "在 {b} 个输入中的 {a} 个上正常结束，题目没有样例"],
  ["there is no answer to compare", "没有可对照的答案"],
  ["different values", "数值不同"],
  ["the same text", "文字相同"],
  ["equal", "相等"],
].map(read);

function read([form, told]) {
  return { form: pattern(form), told };
}

/** Take in the forms of a part of the page that comes later. @param {[string, string][]} forms */
export const learnReasons = (forms) => FORMS.push(...forms.map(read));

function pattern(form) {
  const parts = form.split(/\{(\w)\}/).map((part, i) => (i % 2 ? `(?<${part}>.+?)` : part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")));
  return new RegExp(`^${parts.join("")}$`, "s");
}

/** @param {string} reason as the server gave it @returns {string} in the language of the page */
export function retold(reason) {
  return current() === "zh" && reason ? (inChinese(reason) ?? reason) : reason;
}

/** null where it has no form: of its own, of one question among several, or of a cause and its mend. */
function inChinese(reason) {
  const part = /^\((\d+)\) (.+)$/s.exec(reason);
  if (part) return `（${part[1]}）${retold(part[2])}`;
  for (const { form, told } of FORMS) {
    const found = form.exec(reason);
    if (found) return told.replace(/\{(\w)\}/g, (_, hole) => retold(found.groups[hole]));
  }
  for (let at = reason.lastIndexOf(". "); at > 0; at = reason.lastIndexOf(". ", at - 1)) {
    const mend = inChinese(reason.slice(at + 2));
    if (mend) return `${retold(reason.slice(0, at))}。${mend}`;
  }
  return null;
}
