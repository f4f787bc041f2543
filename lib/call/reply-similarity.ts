/**
 * From here on a turn counts as the reply. Chosen between the closest unrelated talk and the loosest paraphrase of
 * `reply-similarity.test.ts`: every line that a rep says in the recorded calls against every shipped reply stays
 * below, and so do other replies of the same type.
 */
export const saidThreshold = 0.68;
/** A sentence of a reply that says this much by itself is the reply, as when only its question is asked. */
const minSentenceWeight = 3;
/** Words that hold a sentence together weigh little: every sentence has them. */
const functionWeight = 0.2;
/** Fewer words of weight in common are chance; of a reply that has no more than these, one less. */
const minTellingWords = 3;
/** The reply may be spread over so many times its own length of talk. */
const windowFactor = 2;

const functionWords: ReadonlySet<string> = new Set(
  `a al algo ante asi aun bien con como cual cuales cuando de del desde donde e el ella ello en entre era es esa ese
   eso esta este esto estos fue ha hace han has hasta hay he la las le les lo los mas me mi muy nada ni no nos o para
   pero por porque pues que quien se sea ser si sin sobre son su sus tal te tiene tienen todo tu un una unas unos ya y
   yo usted ustedes vale bueno claro entiendo entendido acuerdo perfecto sentido normal supuesto parece falta
   entonces podemos puede empezar
   about am an and any are as at be been but by can could did do does for from had has have how i if in into is it its
   just me my not of off on or our out over right so some than that the their them then there these they this those to
   too up us was we well were what when which who why will with would yes you your okay ok let lets s t re ve ll d m
   makes sense course sure sorry fair enough understand understood happy thanks thank
   need month months`
    .split(/\s+/u)
    .filter((word) => word !== ""),
);

interface Word {
  readonly text: string;
  readonly weight: number;
}

function wordsOf(text: string): readonly Word[] {
  const plain = text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => ({
    text: word,
    weight: functionWords.has(word) ? functionWeight : 1,
  }));
}

/** Whether a recogniser, or another form of the same word, may have made one out of the other. */
function isAlike(a: string, b: string): boolean {
  if (a === b) return true;
  const shorter = Math.min(a.length, b.length);
  if (shorter < 4) return false;
  let common = 0;
  while (common < shorter && a[common] === b[common]) common += 1;
  if (common >= 4 && common >= 0.6 * Math.max(a.length, b.length)) return true;
  return shorter >= 5 && isWithinEdits(a, b, shorter < 7 ? 1 : 2);
}

/** Levenshtein distance, given up beyond `most`. */
function isWithinEdits(a: string, b: string, most: number): boolean {
  if (Math.abs(a.length - b.length) > most) return false;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swapped = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    if (Math.min(...next) > most) return false;
    row = next;
  }
  return (row[b.length] ?? most + 1) <= most;
}

function weightOf(words: readonly Word[]): number {
  return words.reduce((sum, { weight }) => sum + weight, 0);
}

/** The share of the reply's weight that is found in a stretch of talk, each word of the talk used once. */
function coverage(reply: readonly Word[], talk: readonly Word[]): number {
  const left = [...talk];
  let found = 0;
  let tellingWords = 0;
  for (const { text, weight } of reply) {
    const at = left.findIndex((word) => isAlike(word.text, text));
    if (at < 0) continue;
    left.splice(at, 1);
    found += weight;
    if (weight === 1) tellingWords += 1;
  }
  const telling = reply.filter(({ weight }) => weight === 1).length;
  const least = telling > minTellingWords ? minTellingWords : minTellingWords - 1;
  return tellingWords < least ? 0 : found / weightOf(reply);
}

/** Words of talk over which so long a reply may be spread. */
function windowOf(replyWords: number): number {
  return Math.max(6, Math.ceil(replyWords * windowFactor));
}

function inTalk(reply: readonly Word[], talk: readonly Word[]): number {
  const length = windowOf(reply.length);
  let best = 0;
  for (let from = 0; from === 0 || from + length <= talk.length + length / 2; from += 2) {
    best = Math.max(best, coverage(reply, talk.slice(from, from + length)));
    if (from + length >= talk.length) break;
  }
  return best;
}

/**
 * How much of a reply was said in a turn, 0 to 1: the weighted share of its words found close together in the turn,
 * of the whole reply or of one sentence of it that says enough by itself. Forms of a word and small mishearings
 * count as the word. Pure; order of words is not looked at.
 */
export function replySimilarity(reply: string, turn: string): number {
  const talk = wordsOf(turn);
  if (talk.length === 0) return 0;
  const sentences = reply
    .split(/[.?!:;]+/u)
    .map(wordsOf)
    .filter((words) => weightOf(words) >= minSentenceWeight);
  const whole = wordsOf(reply);
  const parts = whole.length === 0 ? [] : [whole, ...sentences];
  return parts.reduce((best, part) => Math.max(best, inTalk(part, talk)), 0);
}

/** A turn with the line that goes on with it, without what lies too far back to be part of the reply. */
export function recentTalk(reply: string, turn: string, line: string): string {
  const before = turn.split(/\s+/u).filter((word) => word !== "");
  return [...before.slice(-windowOf(wordsOf(reply).length)), line].join(" ");
}
