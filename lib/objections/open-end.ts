/** Words that go on: no sentence ends with them, whatever mark a recogniser has put behind. As they are written. */
const openWords = {
  es: new Set(
    `el los las un su sus mis tus del al a en con por y e o u ni pero porque que aunque sino le les
    tan muy han hemos desde hasta entre cada`.split(/\s+/u),
  ),
  en: new Set(
    `the a an my your our their its and or but than every i'm we're they're you're it's that's i've we've
    you've i'd we'd i'll we'll there's whose unless although whether`.split(/\s+/u),
  ),
} as const;

/** Words at the end of `text`, with one mark behind them at most: who trails off ("es que…") has ended. */
const lastWord = /(?<![\p{L}\p{N}])([\p{L}\p{M}]+(?:['’]\p{L}+)?)\s*[.,;:-]?\s*$/u;

/** More than the longest of these words with what may stand behind it. */
const looksAt = 40;

/** Whether the sentence is not over: the recogniser has cut it at a breath. */
export function endsOpen(text: string, language: "es" | "en"): boolean {
  const [, word = ""] = lastWord.exec(text.slice(-looksAt)) ?? [];
  return openWords[language].has(word.toLowerCase().replace("’", "'"));
}
