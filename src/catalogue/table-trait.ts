/** What a table or a link is, by its name and shape, where an owner would hardly ask for it first. Pure. */
import { wordsOf } from './identifier-word.ts';
import { secretReason } from './guess-secret.ts';
import type { SurveyTable } from './survey.ts';

export interface Trait {
  /** How much further away it counts. */
  readonly cost: number;
  /** For the comment; absent where the order alone is enough. */
  readonly reason?: string;
  /** It is proposed as a comment only. */
  readonly spare: boolean;
}

/** Link columns that say who wrote a row, not whose it is. */
const AUDIT =
  /^(created|creator|updated|updater|modified|modifier|deleted|deleter|approved|approver|edited|editor|changed|last (modified|updated|edited|changed)|archived|resolved|locked|invited|inviter|reviewed|reviewer|verified|rejected|published|granted|assigned|closed|revoked|hidden)\b/;
/** Link columns that mark one row for the program's own use, not all that belong together. */
const MARKS = /^(last|max|min|first|next|previous|prev|current|latest|default)\b/;
const LOGS: ReadonlySet<string> = new Set([
  'log',
  'logs',
  'audit',
  'audits',
  'version',
  'versions',
  'history',
  'histories',
  'changelog',
  'revision',
  'revisions',
  'migrations',
  'job',
  'jobs',
]);
const SECRETS =
  /\b(tokens?|secrets?|passwords?|credentials?|api keys?|oauth|webauthn|passkeys?|otps?|two factor|2fa|recovery codes?|private keys?|access grants?)\b/;

/**
 * @param column the column that refers to the other table
 * @param isIndexed whether the index is there that the link needs
 * @param contactsHaveRows an empty table says something only beside contacts that exist
 */
export function linkTraits(
  table: SurveyTable,
  column: string,
  isIndexed: boolean,
  contactsHaveRows: boolean,
): readonly Trait[] {
  const traits: Trait[] = [];
  const words = wordsOf(table.name);
  if (AUDIT.test(wordsOf(column).join(' '))) traits.push({ cost: 2, spare: true, reason: 'says who changed the row' });
  if (MARKS.test(wordsOf(column).join(' ')))
    traits.push({ cost: 1, spare: true, reason: 'marks one row, by its name' });
  if (SECRETS.test(words.join(' '))) traits.push({ cost: 1.5, spare: true, reason: 'looks as if it held credentials' });
  else if (words.some((word) => LOGS.has(word))) traits.push({ cost: 0.75, spare: false });
  if (contactsHaveRows && table.rows === 0) traits.push({ cost: 0.75, spare: false });
  if (!isIndexed) traits.push({ cost: 0.3, spare: false });
  return traits;
}

/** How much nearer it counts: of tables as near, an owner asks first for those that hold much and to which others refer. */
export function sizeBonus(table: SurveyTable, referring: number): number {
  return 0.03 * Math.min(referring, 10) + 0.04 * Math.log10((table.rows ?? 0) + 1);
}

/** Whether a table is there only to join two others: two links, and hardly a column of its own. */
export function isJunction(table: SurveyTable, links: ReadonlySet<string>): boolean {
  if (links.size < 2) return false;
  const own = [...table.columns.values()].filter(
    ({ name, base }) =>
      !links.has(name) &&
      !(table.primaryKey.length === 1 && table.primaryKey[0] === name) &&
      !['date', 'timestamp', 'timestamptz'].includes(base.name) &&
      secretReason({ name, base }) === undefined,
  );
  // One more may say in what way they are joined: a role, a position.
  const [first, ...more] = own;
  return first === undefined || (more.length === 0 && !['text', 'varchar', 'json', 'jsonb'].includes(first.base.name));
}
