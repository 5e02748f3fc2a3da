/** The states have one owner: no other code writes them, and no list of states is written a second time. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as state from '../../src/lifecycle/state.ts';
import {
  BUILD_TRANSITIONS,
  SEGMENT_TRANSITIONS,
  VERSION_TRANSITIONS,
  type Transition,
} from '../../src/lifecycle/transition.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const files = ['src', 'sql'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|sql)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: relative(ROOT, path), text: readFileSync(path, 'utf8') })),
);

/** The columns that a file writes of a table: those that an `update` assigns, and those that an `insert` names. */
function columnsWritten(text: string, table: string): string[] {
  const update = new RegExp(
    `\\bupdate\\s+(?:segmentd(?:_internal)?\\.)?${table}\\b(?:\\s+\\w+)?\\s+set\\s+([^;\`]*)`,
    'gi',
  );
  const upsert = new RegExp(
    `\\binsert\\s+into\\s+(?:segmentd(?:_internal)?\\.)?${table}\\b[^(;]*\\(([^)]*)\\)[^;\`]*?(?:do\\s+update\\s+set\\s+([^;\`]*)|;|\`|$)`,
    'gi',
  );
  const assigned = (set: string): string[] =>
    [...set.matchAll(/(?<![.\w])(\w+)\s*=(?!=)/g)].map((match) => match[1] ?? '');
  return [
    ...[...text.matchAll(update)].flatMap(([, set = '']) => assigned(set.split(/\b(?:where|from)\b/i)[0] ?? '')),
    ...[...text.matchAll(upsert)].flatMap(([, named = '', set = '']) => [...named.split(/,\s*/), ...assigned(set)]),
  ];
}

const writers = (table: string, columns: readonly string[]): string[] =>
  files
    .filter(({ text }) => columnsWritten(text, table).some((column) => columns.includes(column)))
    .map(({ name }) => name);

describe('one writer', () => {
  test('the scan finds a write in every form that the sources use', () => {
    expect(
      columnsWritten(
        `update segmentd.segment s set state = 'live', error = x.error from x where s.key = '1'`,
        'segment',
      ),
    ).toEqual(['state', 'error']);
    expect(columnsWritten('update segmentd.segment\nset name = $1,\n  state = $2\nwhere id = 1', 'segment')).toEqual([
      'name',
      'state',
    ]);
    expect(
      columnsWritten(
        'insert into segmentd_internal.build as b (segment_id, phase) values (1, 2) on conflict (segment_id) do update set epoch = 1',
        'build',
      ),
    ).toEqual(['segment_id', 'phase', 'epoch']);
    expect(columnsWritten('insert into segmentd.segment (key, state) select 1, 2', 'segment')).toEqual([
      'key',
      'state',
    ]);
    expect(columnsWritten(`update segmentd.segment_version v set state = 'held'`, 'segment')).toEqual([]);
  });

  test('lifecycle/write-segment.ts alone writes what a segment is', () => {
    expect(writers('segment', ['state', 'live_version', 'frozen_at', 'error', 'retry_at', 'retries'])).toEqual([
      'src/lifecycle/write-segment.ts',
    ]);
  });

  test('lifecycle/write-version.ts alone writes what became of a version', () => {
    expect(writers('segment_version', ['state', 'error', 'fingerprint', 'sentence'])).toEqual([
      'src/lifecycle/write-version.ts',
    ]);
  });

  test('lifecycle/write-build.ts alone writes the phase and the epoch of a build', () => {
    expect(writers('build', ['phase', 'epoch'])).toEqual(['src/lifecycle/write-build.ts']);
  });

  test('the trigger of callers assigns the worker’s columns, and no other function does', () => {
    const assigning = files.filter(({ text }) => /\bnew\.(state|live_version|frozen_at|error)\s*:=/.test(text));
    expect(assigning.map(({ name }) => name)).toEqual(['sql/object/segment-trigger.sql']);
  });
});

/** The sets that statements may spell out: a statement takes no constants. */
const NAMED: readonly (readonly state.SegmentState[])[] = [
  state.FOLLOWED_STATES,
  state.BUILDABLE_STATES,
  state.FROZEN_STATES,
  state.AWAY_STATES,
  state.ACTIVE_STATES,
];

const sorted = (names: readonly string[]): string => names.toSorted().join(', ');

/** Lists of a segment's states; `r` and `x` are runs of exports, whose states are others. */
const lists = files.flatMap(({ name, text }) =>
  [...text.matchAll(/(?<![\w.])(?:[sw]\.)?state (?:not )?in \(('[^)]*')\)/g)].map((match) => ({
    name,
    states: sorted((match[1] ?? '').replaceAll("'", '').split(', ')),
  })),
);

describe('one list', () => {
  test('every list of states in a statement is a named set', () => {
    const sets = new Set(NAMED.map(sorted));
    expect(lists.length).toBeGreaterThan(10);
    expect(lists.filter(({ states }) => !sets.has(states))).toEqual([]);
  });

  test('the followed states are listed in segmentd_internal.is_followed alone', () => {
    const copies = lists.filter(({ states }) => states === sorted(state.FOLLOWED_STATES));
    expect(copies.map(({ name }) => name)).toEqual(['sql/object/segment-state.sql']);
  });

  test('a segment is either away or active', () => {
    expect(sorted([...state.AWAY_STATES, ...state.ACTIVE_STATES])).toBe(sorted(state.SEGMENT_STATES));
    expect(state.SEGMENT_STATES.filter((one) => state.isAway(one))).toEqual(state.AWAY_STATES);
  });
});

describe('the diagrams of src/lifecycle/README.md', () => {
  const sections = readFileSync(join(ROOT, 'src/lifecycle/README.md'), 'utf8').split(/^## /m);
  const drawn = (title: string): string[] =>
    [...(sections.find((one) => one.startsWith(title)) ?? '').matchAll(/^ {2}(\S+) --> (.*)$/gm)].map(
      ([, from = '', rest = '']) => `${from} --> ${rest}`,
    );
  const listed = (rows: readonly Transition<string, string>[]): string[] =>
    rows.map(({ from, to, by }) => `${from ?? '[*]'} --> ${to}: ${by.join(', ')}`);

  test.each([
    ['Segments', SEGMENT_TRANSITIONS],
    ['Versions', VERSION_TRANSITIONS],
    ['Builds', BUILD_TRANSITIONS],
  ] as const)('%s: the diagram draws the listed transitions and no others', (title, rows) => {
    expect(drawn(title).toSorted()).toEqual(listed(rows).toSorted());
  });

  test('every file that the README names is there', () => {
    const text = sections.join('');
    const named = [...text.matchAll(/`((?:[a-z-]+\/)*[a-z-]+\.(?:ts|sql))`/g)].map(([, name = '']) => name);
    const known = new Set(files.map(({ name }) => name));
    expect(
      named.filter((name) => !['', 'src/', 'src/lifecycle/'].some((folder) => known.has(`${folder}${name}`))),
    ).toEqual([]);
  });

  test('every state is drawn', () => {
    const states = (title: string): ReadonlySet<string> =>
      new Set(drawn(title).flatMap((line) => line.replace(/:.*/, '').split(' --> ')));
    expect([...states('Segments')].toSorted()).toEqual(['[*]', ...state.SEGMENT_STATES].toSorted());
    expect([...states('Versions')].toSorted()).toEqual(['[*]', ...state.VERSION_STATES].toSorted());
    expect([...states('Builds')].toSorted()).toEqual(['[*]', ...state.BUILD_PHASES].toSorted());
  });
});
