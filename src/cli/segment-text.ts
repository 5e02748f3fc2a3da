/** How a segment is shown to a person; the fields are in the order one asks for them. */
import type { Segment, Timeliness } from '../index.ts';
import { plural, table } from './printed-output.ts';

export function segmentText(segment: Segment): readonly string[] {
  const lines: readonly (readonly [string, string | null])[] = [
    ['key', segment.key],
    ['name', segment.name],
    ['description', segment.description],
    ['kind', segment.kind],
    [
      'state',
      segment.state +
        (segment.wantedState === 'live' || segment.wantedState === segment.state
          ? ''
          : ` (${segment.wantedState} wanted)`),
    ],
    ['members', plural(segment.members, 'contact')],
    [
      'version',
      segment.liveVersion === segment.version
        ? String(segment.version)
        : `${segment.version} (live: ${segment.liveVersion ?? 'none yet'})`,
    ],
    ['timezone', segment.timezone],
    ['tags', segment.tags.join(', ')],
    ['updated', `${segment.updatedAt} by ${segment.updatedBy}`],
    ['error', segment.error === null ? null : JSON.stringify(segment.error)],
    ['condition', segment.condition === null ? null : JSON.stringify(segment.condition)],
  ];
  return lines
    .filter(([, value]) => value !== null && value !== '')
    .map(([title, value]) => `${title.padEnd(12)}${value}`);
}

/** How promptly its members change by time, a line for each field. */
export function timeText(rows: readonly Timeliness[]): readonly string[] {
  return rows.map(({ table: of, column, path, daily, every }, index) => {
    const field = [`${of}.${column}`, ...(path ?? [])].join('.');
    const when =
      every !== null
        ? `up to ${Math.ceil(every / 1000)} s late: no usable index`
        : daily
          ? 'at local midnight'
          : 'within a second';
    return (index === 0 ? 'time' : '').padEnd(12) + `${field}: ${when}`;
  });
}

export function segmentTable(segments: readonly Segment[]): readonly string[] {
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
