/** Files validated all together, and against the segments that no file has. */
import { expect, test } from 'vitest';
import { issuesOf } from '../../src/definition/apply-plan.ts';
import type { SegmentState } from '../../src/lifecycle/state.ts';
import { WHOLE_LOG } from '../../src/segment/log-reach.ts';
import type { Segment } from '../../src/segment/read-segment.ts';
import { shop } from '../condition/catalogue.ts';

const reads = (key: string): unknown => ({ in_segment: [key] });
const everybody = true;

function stored(key: string, condition: unknown, state: SegmentState = 'live'): Segment {
  const now = '2024-05-15T12:00:00.000000Z';
  return {
    key,
    name: key,
    description: null,
    kind: 'dynamic',
    condition,
    sentence: null,
    timezone: null,
    tags: [],
    state,
    wantedState: 'live',
    version: 1,
    liveVersion: state === 'live' ? 1 : null,
    error: null,
    members: 0,
    createdAt: now,
    updatedAt: now,
    databaseRole: 'app',
    updatedBy: 'me',
  };
}

function issues(key: string, condition: unknown, current: readonly Segment[]): readonly string[] {
  const definition = {
    key,
    name: key,
    description: null,
    kind: 'dynamic',
    timezone: null,
    tags: [],
    condition,
  } as const;
  return issuesOf(shop, [{ file: `${key}.yaml`, format: 'yaml', definition }], current, false, {
    zones: new Set(),
    log: WHOLE_LOG,
  }).map(({ code }) => code);
}

test('a reader that no file has and that was refused is no reader', () => {
  const chain = (top: SegmentState): readonly Segment[] => [
    stored('s0', everybody),
    ...[1, 2, 3, 4, 5].map((n) => stored(`s${n}`, reads(`s${n - 1}`))),
    stored('s6', reads('s5'), top),
  ];
  expect(issues('s5', { and: [reads('s4'), { '==': [{ var: 'country' }, 'ES'] }] }, chain('live'))).toEqual([
    'too-deep',
  ]);
  expect(issues('s5', { and: [reads('s4'), { '==': [{ var: 'country' }, 'ES'] }] }, chain('invalid'))).toEqual([]);
});
