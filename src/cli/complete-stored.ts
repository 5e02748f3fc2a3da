/** Candidates for completion that only the database knows, or none when it does not answer in time. */
import { setTimeout as after } from 'node:timers/promises';
import { fieldsOfScope } from '../condition/scope-field.ts';
import type { Io } from './io.ts';
import type { Session } from './verb-session.ts';

export type StoredKind = 'segments' | 'schedules' | 'columns' | 'tags';

interface Candidate {
  readonly value: string;
  readonly says?: string;
}

/** @param part what is typed of the value @param flags those on the line, so that --database-url and --config count */
export async function stored(
  kind: StoredKind,
  part: string,
  flags: Readonly<Record<string, string>>,
  io: Io,
): Promise<readonly Candidate[]> {
  const { openSession } = await import('./verb-session.ts');
  const session = await openSession(io, { ...flags, logLevel: 'silent' }, { verb: '__complete' });
  const asked = READ[kind](session, part);
  try {
    return await Promise.race([asked, after(session.settings.completionTimeout, [], { ref: false })]);
  } finally {
    // The process ends whether or not the connection does.
    asked.catch(() => {});
    session.close().catch(() => {});
  }
}

const READ: Readonly<Record<StoredKind, (session: Session, part: string) => Promise<readonly Candidate[]>>> = {
  async segments(session) {
    const segments = await session.segmentd().segments.list();
    return segments.map(({ key, name }) => ({ value: key, says: name ?? '' }));
  },
  async tags(session) {
    const segments = await session.segmentd().segments.list();
    return [...new Set(segments.flatMap(({ tags }) => tags))].toSorted().map((value) => ({ value }));
  },
  async schedules(session) {
    const schedules = await session.segmentd().schedules.list();
    return schedules.map(({ id, key, cron }) => ({ value: String(id), says: `${key}, ${cron}` }));
  },
  columns,
};

/** The last of the names between commas, behind those that stand already. */
async function columns(session: Session, part: string): Promise<readonly Candidate[]> {
  const { catalogue } = await session.segmentd().admin.fields();
  const fields = [...fieldsOfScope(catalogue)].map(([name, { family }]) => ({ value: name, says: family }));
  const rows = [...catalogue.relations.values()].filter(({ valuesOnly }) => valuesOnly !== true);
  const related = rows.flatMap(({ name, fields: own }) => [
    { value: `${name}.count`, says: 'how many' },
    ...[...own.values()]
      .filter(({ family, array }) => family === 'number' && !array)
      .map((field) => ({ value: `${name}.sum:${field.name}`, says: 'the sum' })),
  ]);
  const before = part.slice(0, part.lastIndexOf(',') + 1);
  const named = new Set(before.split(','));
  return [{ value: 'contact_id' }, { value: 'entered_at' }, ...fields, ...related]
    .filter(({ value }) => !named.has(value))
    .map((one) => ({ ...one, value: before + one.value }));
}
