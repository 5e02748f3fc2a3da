/** Guesses the column that says when a row came, and the one that marks it as deleted. For `segmentd init` only: a person reads the result before it counts. Pure. */
import { nameKey, wordsOf } from './identifier-word.ts';

const CREATED_NAMES = [
  'created at',
  'createdat',
  'created',
  'created on',
  'created date',
  'create date',
  'creation date',
  'creation time',
  'creation timestamp',
  'date created',
  'created time',
  'created timestamp',
  'create time',
  'create timestamp',
  'inserted at',
  'inserted',
  'insert time',
  'date added',
  'added at',
  'added on',
];
const JOINED_NAMES = [
  'registered at',
  'registered on',
  'registration date',
  'signed up at',
  'signup at',
  'signup date',
  'sign up date',
  'date joined',
  'joined at',
  'joined on',
  'joined',
  'registered',
  'signed up',
  'member since',
  'customer since',
];
/** Times of what happened, which say more than when the row was written. */
const EVENT_NAMES = [
  'occurred at',
  'occurred on',
  'happened at',
  'happened on',
  'event at',
  'event time',
  'event timestamp',
  'event date',
  'event start time',
  'placed at',
  'placed on',
  'ordered at',
  'ordered on',
  'purchased at',
  'purchased on',
  'purchase date',
  'order date',
  'order time',
  'sold at',
  'booked at',
  'viewed at',
  'visited at',
  'clicked at',
  'opened at',
  'sent at',
  'received at',
  'paid at',
  'paid on',
  'payment date',
  'transaction date',
  'transaction time',
  'transacted at',
  'invoice date',
  'issuing date',
  'issued at',
  'issued on',
  'performed at',
  'logged at',
  'recorded at',
  'captured at',
  'submitted at',
  'posted at',
  'published at',
  'started at',
  'start time',
  'started on',
  'timestamp',
  'event ts',
  'ts',
];
/** What soft deletes write. */
const DELETED =
  /^(?:is |soft )?(?:deleted|archived|discarded|removed|trashed)(?: at| on| date| time)?$|^(?:date deleted|deletion date|deletion time)$/;
const PLAIN_NAMES = ['date', 'time', 'at', 'day', 'on', 'datetime', 'occurred', 'happened'];
/** Times that say what became of a row, or what is planned for it; not when it came. */
const OTHER_TIME =
  /^(?:modified|updated|changed|last)(?:date|time|at|on|update)$|^(updated?|deleted?|modified|modify|changed?|archived|discarded|expires?|expiry|expiration|expired|cancell?ed|last|synced|imported|next|due|ends?|ended|until|valid|trial|termination|terminated|retry|locked|reset|finali[sz]ed|voided|required|shipped|delivered|rev|snoozed|estimated|scheduled|birth|born|dob|finish|hire|refreshed|read|seen|approved|processed|completed)\b|^first \w|\b(until|expiry|expiration|birthday|birth|deadline|updated|update|modified|revoked|deleted|archived)\b/;

export interface TimeCandidate {
  readonly name: string;
  readonly base: { readonly name: string; readonly array: boolean };
}

interface Timed {
  readonly name: string;
  readonly words: string;
}

function timesOf(columns: Iterable<TimeCandidate>): readonly Timed[] {
  return [...columns]
    .filter(({ base }) => !base.array && ['timestamptz', 'timestamp', 'date'].includes(base.name))
    .map(({ name }) => ({ name, words: wordsOf(name).join(' ') }));
}

function named(times: readonly Timed[], names: readonly string[]): string | undefined {
  for (const wanted of names) {
    const squeezed = wanted.replaceAll(' ', '');
    const found = times.find(({ words }) => words === wanted || words === squeezed);
    if (found) return found.name;
  }
  return undefined;
}

/** Since when a contact exists. */
export function createdColumn(columns: Iterable<TimeCandidate>): string | undefined {
  const times = timesOf(columns);
  return named(times, JOINED_NAMES) ?? named(times, CREATED_NAMES);
}

/**
 * When a row of a relation happened: the time of the event rather than when it was written, never when it changed last.
 * @param table the table's name: `order_date` of `orders` is its event
 */
export function eventColumn(table: string, columns: Iterable<TimeCandidate>): string | undefined {
  const times = timesOf(columns);
  const own = nameKey(wordsOf(table));
  const ownWords = own.split(' ');
  const nouns = [own, ownWords.at(-1) ?? own];
  const ofTable = nouns.flatMap((noun) =>
    ['date', 'time', 'at', 'on', 'timestamp', 'ts'].map((end) => `${noun} ${end}`),
  );
  return (
    named(times, ofTable) ??
    named(times, EVENT_NAMES) ??
    named(times, CREATED_NAMES) ??
    named(times, JOINED_NAMES) ??
    named(times, PLAIN_NAMES) ??
    likely(times)
  );
}

/** The first that ends as an event does, or the only time there is. */
function likely(times: readonly Timed[]): string | undefined {
  const events = times.filter(({ words }) => !OTHER_TIME.test(words));
  return (events.find(({ words }) => /\b(at|on)$/.test(words)) ?? (events.length === 1 ? events[0] : undefined))?.name;
}

export interface DeletedMark {
  readonly column: string;
  /** The condition that holds for a row that is not deleted. */
  readonly where: unknown;
}

/** The column of soft deletes: a time that is empty until then, or a boolean. */
export function deletedMark(columns: Iterable<TimeCandidate & { readonly notNull: boolean }>): DeletedMark | undefined {
  const marks = [...columns].filter(({ name, base }) => !base.array && DELETED.test(wordsOf(name).join(' ')));
  const time = marks.find(({ base, notNull }) => !notNull && ['timestamptz', 'timestamp', 'date'].includes(base.name));
  if (time) return { column: time.name, where: { is_empty: [{ var: time.name }] } };
  const flag = marks.find(({ base }) => base.name === 'bool');
  return flag && { column: flag.name, where: { '!': [{ '==': [{ var: flag.name }, true] }] } };
}
