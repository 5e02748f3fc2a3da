/** What differs between two sentences: the words in the middle, between those that both begin with and end with. Pure. */

export interface ChangedWords {
  readonly start: string;
  readonly before: string;
  readonly after: string;
  readonly end: string;
}

export function changedWords(before: string, after: string): ChangedWords {
  const [a, b] = [wordsOf(before), wordsOf(after)];
  const least = Math.min(a.length, b.length);
  let first = 0;
  while (first < least && a[first] === b[first]) first += 1;
  let last = 0;
  while (last < least - first && a.at(-1 - last) === b.at(-1 - last)) last += 1;
  return {
    start: a.slice(0, first).join(''),
    before: a.slice(first, a.length - last).join(''),
    after: b.slice(first, b.length - last).join(''),
    end: a.slice(a.length - last).join(''),
  };
}

/** Words and what stands between them. */
function wordsOf(text: string): readonly string[] {
  return text.split(/(\s+)/).filter((word) => word !== '');
}
