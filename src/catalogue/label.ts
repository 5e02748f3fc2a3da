/**
 * What people read in place of a name: the label of the config, else a short comment, else the name in words. Invariant: among the
 * names of one table no two labels are equal, whatever their case; otherwise a sentence could mean either. Pure.
 */
import { wordsOf } from './identifier-word.ts';

/** A name with what may become its label. */
export interface Labelled {
  readonly name: string;
  /** As the config says. */
  readonly label?: string | undefined;
  readonly comment?: string | null | undefined;
  /** Keys into jsonb: they say more than the column before them. */
  readonly path?: readonly string[] | undefined;
}

const SHORT_COMMENT = 30;
/** Written in capitals in a label. */
const CAPITALS: ReadonlySet<string> = new Set(
  'id vip url sku ip utm api sms crm erp vat iban isbn ean uuid csv pdf kpi ltv clv rfm nps gdpr b2b b2c tv usd eur gbp ios'.split(
    ' ',
  ),
);

/** A comment that reads as a label: short, one line, no sentence. */
export function labelOfComment(comment: string | null | undefined): string | undefined {
  const text = comment?.trim() ?? '';
  const isLabel = text !== '' && text.length <= SHORT_COMMENT && /^[^\p{C}\p{Zl}\p{Zp}.:;!?()[\]{}`"]+$/u.test(text);
  return isLabel ? text : undefined;
}

/** What a comment says beside the label. */
export function describedBy(comment: string | null | undefined, label: string): { readonly description?: string } {
  const text = comment?.trim() ?? '';
  return text === '' || text === label ? {} : { description: text };
}

/** `last_seen_at` is `Last seen at`. */
export function nameInWords(name: string): string {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `page_views` is `page views`: relations stand inside of sentences. */
export function relationInWords(name: string): string {
  return words(name);
}

function words(name: string): string {
  const found = wordsOf(name).map((word) => (CAPITALS.has(word) ? word.toUpperCase() : word));
  return found.length === 0 ? name : found.join(' ');
}

/** The label of each name. @param inWords how a name reads that has no label and no comment */
export function labelsOf(
  given: readonly Labelled[],
  inWords: (name: string) => string = nameInWords,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const taken = new Set<string>();
  const settle = (name: string, label: string): void => {
    found.set(name, label);
    taken.add(label.toLowerCase());
  };
  for (const { name, label } of given) if (label !== undefined && !taken.has(label.toLowerCase())) settle(name, label);
  const candidates: readonly ((one: Labelled) => string | undefined)[] = [
    ({ comment }) => labelOfComment(comment),
    ({ path }) => (path === undefined ? undefined : inWords(path.join(' '))),
    ({ name }) => inWords(name),
    ({ name }) => name,
  ];
  for (const candidate of candidates) {
    const open = given.filter(({ name }) => !found.has(name));
    const wanted = open.map((one) => ({ name: one.name, label: candidate(one) }));
    const count = new Map<string, number>();
    for (const { label } of wanted)
      if (label !== undefined) count.set(label.toLowerCase(), (count.get(label.toLowerCase()) ?? 0) + 1);
    for (const { name, label } of wanted)
      if (label !== undefined && count.get(label.toLowerCase()) === 1 && !taken.has(label.toLowerCase()))
        settle(name, label);
  }
  // The label of another is this one's name, or names differ only in case.
  for (const { name } of given)
    for (let number = 1; !found.has(name); number += 1) {
      const label = number === 1 ? `${name} (column)` : `${name} (column ${number})`;
      if (!taken.has(label.toLowerCase())) settle(name, label);
    }
  return new Map(given.map(({ name }) => [name, found.get(name) ?? name]));
}
