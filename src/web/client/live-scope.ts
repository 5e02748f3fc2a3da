/** Which queries a hint of the server concerns, by the first parts of their keys. Pure. */

/** The data of an event `change` of the stream: the client's generator writes no types of events. */
export interface PageChange {
  /** Keys; null: any segment may have changed. */
  readonly segments: readonly string[] | null;
  readonly kinds: readonly Kind[];
}
type Kind = 'members' | 'definition' | 'state' | 'override' | 'export' | 'schedule' | 'status';

/** The kinds of changes that each kind of query shows; a kind of query that is not here shows all. */
const SHOWS: Readonly<Record<string, readonly Kind[]>> = {
  me: [],
  catalogue: [],
  segment: ['members', 'definition', 'state', 'override', 'export', 'schedule'],
  segments: ['members', 'definition', 'state', 'schedule'],
  contact: ['members', 'definition', 'override'],
  contacts: [],
  overlap: ['members', 'definition', 'state'],
  status: ['state', 'status', 'schedule', 'members', 'definition'],
  schedules: ['schedule', 'definition'],
  findings: ['status'],
  audit: [],
};

/** Those of one segment: the second part of their key is its key. */
const OF_ONE: ReadonlySet<unknown> = new Set(['segment']);

export function concerns({ segments, kinds }: PageChange, key: readonly unknown[]): boolean {
  const [first, second, third] = key;
  const shows = SHOWS[String(first)];
  if (shows && !kinds.some((kind) => shows.includes(kind))) return false;
  if (segments === null) return true;
  if (OF_ONE.has(first)) return segments.includes(String(second));
  if (first === 'overlap') return segments.includes(String(second)) || segments.includes(String(third));
  return true;
}
