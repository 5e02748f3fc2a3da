/** Takes the names of tables and columns apart, so that `billingAddressID`, `billing_address_id` and `"BillingAddresses"` can be compared. Pure. */

/** Words in lower case. */
export function wordsOf(identifier: string): readonly string[] {
  return identifier
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

const IRREGULAR: Readonly<Record<string, string>> = {
  people: 'person',
  persons: 'person',
  children: 'child',
  men: 'man',
  women: 'woman',
  data: 'data',
  news: 'news',
  series: 'series',
  movies: 'movie',
  cookies: 'cookie',
};

export function singular(word: string): string {
  const known = IRREGULAR[word];
  if (known !== undefined) return known;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ss|sh|ch|x)es$/.test(word)) return word.slice(0, -2);
  if (/(status|bonus|campus|virus|alias|bus)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith('s') && !/(ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}

/** The words as one name, the last in the singular: `order_items` and `"OrderItem"` are both `order item`. */
export function nameKey(words: readonly string[]): string {
  return words.map((word, index) => (index === words.length - 1 ? singular(word) : word)).join(' ');
}

/** What a link column is about, and the word that ends it: `customer_id` and `customerId` are about `customer`. */
export interface LinkName {
  readonly words: readonly string[];
  readonly end: string;
}

const LINK_ENDS: ReadonlySet<string> = new Set([
  'id',
  'uuid',
  'guid',
  'fk',
  'ref',
  'key',
  'pk',
  'no',
  'number',
  'code',
  'num',
]);
/** Words that end as a link does and are none. */
const NO_LINKS: ReadonlySet<string> = new Set([
  'invalid',
  'prepaid',
  'unpaid',
  'android',
  'solid',
  'hybrid',
  'liquid',
  'orchid',
  'avoid',
]);

/** Undefined for a name without such an end. */
export function linkName(column: string): LinkName | undefined {
  const words = wordsOf(column);
  const end = words.at(-1);
  if (end === undefined) return undefined;
  if (words.length > 1 && LINK_ENDS.has(end)) return { words: words.slice(0, -1), end };
  // `customerid` has no border between its words.
  const joined = NO_LINKS.has(end) ? null : /^(.{4,})(id|uuid|fk)$/.exec(end);
  const [, about, its] = joined ?? [];
  return about === undefined || its === undefined ? undefined : { words: [...words.slice(0, -1), about], end: its };
}

/** Ends that say nothing but "the key of": others must be the name of the key too, as `code` in `country_code`. */
export function isPlainEnd(end: string): boolean {
  return end === 'id' || end === 'uuid' || end === 'guid' || end === 'fk';
}
