/** Texts to the words that are searched for; Chinese is segmented by the browser's dictionary. */

const RUN = /[\u3400-\u9fff\uf900-\ufaff]+|[\p{L}\p{N}]+/gu;
const HAN = /[\u3400-\u9fff\uf900-\ufaff]/;
const SPLIT = /[\u3400-\u9fff\uf900-\ufaff]+|[^\u3400-\u9fff\uf900-\ufaff]+/gu;
const COMMON =
  "a an and are as at be by can do does for from has have how if in into is it its let of on or so " +
  "such than that the then there these this to was we what when where which why will with you " +
  "的 了 是 在 和 与 或 有 为 也 都 就 这 那 个 对 中 吗 呢 吧 什么 怎么 如何 为什么";
const STOP = new Set(COMMON.split(" "));
const segmenter = new Intl.Segmenter("zh", { granularity: "word" });

/** In order and in lower case. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const run of text.toLowerCase().match(RUN) ?? []) {
    for (const part of run.match(SPLIT) ?? []) {
      if (HAN.test(part)) for (const { segment } of segmenter.segment(part)) found.push(segment);
      else found.push(part);
    }
  }
  return found;
}

/** Whether a word says nothing about a text. */
export function isCommon(word: string): boolean {
  return STOP.has(word);
}

/** The words that say what a text is about. */
export function telling(text: string): Set<string> {
  return new Set(words(text).filter((word) => !isCommon(word)));
}
