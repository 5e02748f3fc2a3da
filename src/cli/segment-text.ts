/** How a segment is shown to a person; the fields are in the order one asks for them. */
import type { Segment } from '../index.ts';
import { plural, table } from './output.ts';

export function segmentText(segment: Segment): string {
  const lines: readonly (readonly [string, string | null])[] = [
    ['key', segment.key],
    ['name', segment.name],
    ['description', segment.description],
    ['kind', segment.kind],
    ['state', segment.state + (segment.wantedState === 'live' || segment.wantedState === segment.state ? '' : ` (${segment.wantedState} wanted)`)],
    ['members', plural(segment.members, 'contact')],
    ['version', segment.liveVersion === segment.version ? String(segment.version) : `${segment.version} (live: ${segment.liveVersion ?? 'none yet'})`],
    ['timezone', segment.timezone],
    ['tags', segment.tags.join(', ')],
    ['updated', `${segment.updatedAt} by ${segment.updatedBy}`],
    ['error', segment.error === null ? null : JSON.stringify(segment.error)],
    ['condition', segment.condition === null ? null : JSON.stringify(segment.condition)],
  ];
  return lines
    .filter(([, value]) => value !== null && value !== '')
    .map(([title, value]) => `${title.padEnd(12)}${value}`)
    .join('\n');
}

export function segmentTable(segments: readonly Segment[]): string {
  return table(segments, [
    { title: 'key', value: (row) => row.key },
    { title: 'state', value: (row) => row.state },
    { title: 'members', value: (row) => row.members, right: true },
    { title: 'version', value: (row) => (row.liveVersion === row.version ? row.version : `${row.liveVersion ?? '-'} → ${row.version}`), right: true },
    { title: 'name', value: (row) => row.name },
  ]);
}
