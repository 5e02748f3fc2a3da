/** How a segment is shown to a person: labels and values, in the order in which one asks for them. */
import { RefusedCondition, Failure, type Segment, type Timeliness } from '../index.ts';
import { authorText } from './author-text.ts';
import { printIssue } from './error-text.ts';
import { plural } from './printed-output.ts';
import { readStoredError } from './stored-error.ts';
import { table, type Line } from './table.ts';
import type { Session } from './verb-session.ts';

type Row = readonly [label: string, value: string | null];

/** `Condition   country is ES`; what is missing has no line. */
export function labelled(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(([label, value]) => (value === null || value === '' ? [] : [`${label.padEnd(12)}${value}`]));
}

/** Its condition in words; undefined when it has none, or does not fit the tables. */
export async function wordsOf(session: Session, { key, kind }: Segment): Promise<string | undefined> {
  if (kind !== 'dynamic') return undefined;
  try {
    return await session.segmentd().segments.describe({ key });
  } catch (error) {
    if (error instanceof RefusedCondition || error instanceof Failure) return undefined;
    throw error;
  }
}

/** @param words its condition in words; without, a condition is shown as it is written */
export function segmentText(segment: Segment, words: string | undefined): readonly string[] {
  const { condition } = segment;
  return [
    ...labelled([
      ['Key', segment.key],
      ['Name', segment.name],
      ['Description', segment.description],
      ['Kind', segment.kind],
      ['State', stateText(segment)],
      ['Members', plural(segment.members, 'contact')],
      ['Condition', words ?? (condition === null ? null : JSON.stringify(condition))],
      ['Zone', segment.timezone],
      ['Version', versionText(segment)],
      ['Tags', segment.tags.join(', ')],
      ['Updated', `${segment.updatedAt} by ${authorText({ ...segment, createdBy: segment.updatedBy })}`],
    ]),
    ...errorLines(segment.error),
  ];
}

function stateText({ state, wantedState }: Segment): string {
  return wantedState === 'live' || wantedState === state ? state : `${state} (${wantedState} wanted)`;
}

function versionText({ version, liveVersion }: Segment): string {
  return liveVersion === version ? String(version) : `${version} (live: ${liveVersion ?? 'none yet'})`;
}

function errorLines(error: unknown): readonly string[] {
  const stored = readStoredError(error);
  if (stored.issues.length > 0) return ['Error', ...stored.issues.map(printIssue)];
  return labelled([['Error', stored.message]]);
}

/** How promptly its members change by time, a line for each field. */
export function timeText(rows: readonly Timeliness[]): readonly string[] {
  return rows.flatMap(({ table: of, column, path, daily, every }, index) => {
    const field = [`${of}.${column}`, ...(path ?? [])].join('.');
    const when =
      every !== null
        ? `up to ${Math.ceil(every / 1000)} s late: no usable index`
        : daily
          ? 'at local midnight'
          : 'within a second';
    return labelled([[index === 0 ? 'Time' : '', `${field}: ${when}`]]);
  });
}

export function segmentTable(segments: readonly Segment[]): readonly Line[] {
  return table(segments, [
    { title: 'key', value: (row) => row.key },
    { title: 'state', value: (row) => row.state },
    { title: 'members', value: (row) => row.members, right: true },
    {
      title: 'version',
      value: (row) => (row.liveVersion === row.version ? row.version : `${row.liveVersion ?? '-'} → ${row.version}`),
      right: true,
    },
    { title: 'name', value: (row) => row.name },
  ]);
}
