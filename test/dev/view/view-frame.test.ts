import { expect, test } from 'vitest';
import { frame, helpFrame, type FrameOptions } from '../../../src/dev/view/view-frame.ts';
import type { ViewHeading, ViewSnapshot } from '../../../src/dev/view/view-model.ts';
import { drawn, manySegments, seen, VIEW_SNAPSHOT } from '../../support/drawn.ts';

const HEADING: ViewHeading = {
  title: ['sample shop', 'queue on Postgres'],
  connect: `psql 'postgres://postgres:a-password-of-24-letters@127.0.0.1:33615/postgres'`,
  nextStep: {
    label: 'make your own segment, in a second terminal:',
    command: `echo '{"==":[{"var":"country"},"ES"]}' | npm run -s segmentd -- create spain --condition - --config .segmentd/segmentd.yaml`,
  },
  more: [{ label: 'how each segment stands:', command: 'npm run -s segmentd -- status' }],
};

function options(size: { columns: number; rows: number }, own: Partial<FrameOptions> = {}): FrameOptions {
  return { ...size, color: false, heading: HEADING, keys: true, selected: 0, top: 0, ...own };
}

test('80 × 24: heading, commands, state, segments with what they mean, events', async () => {
  const size = { columns: 80, rows: 24 };
  expect(await seen(frame(VIEW_SNAPSHOT, options(size)), size)).toEqual([
    'segmentd dev · sample shop · queue on Postgres                    ? help  q quit',
    `psql 'postgres://postgres:a-password-of-24-letters@127.0.0.1:33615/postgres'`,
    'make your own segment, in a second terminal:',
    `echo '{"==":[{"var":"country"},"ES"]}' | npm run -s segmentd -- create spain --c`,
    'ondition - --config .segmentd/segmentd.yaml',
    'lag 12 ms   backlog 1,000   segments 2   members 12,345',
    '  segment       members   in/min  out/min  state',
    '› loyal          12,345       +3       −1  live',
    '    Loyal buyers: the number of rows of orders where (status is paid) is at',
    '    least 3 and country is ES or PT',
    '  café_lovers         0        ·        ·  building [█████░░░░░]  50 %',
    '    category is café',
    '',
    '12:00:01 − 42 left loyal (related)',
    '12:00:00 + 41 entered loyal (contact)',
  ]);
});

test('50 columns: commands wrap, entered and left share a column, a rebuild shows how far it is', async () => {
  const size = { columns: 50, rows: 24 };
  expect(await seen(frame(VIEW_SNAPSHOT, options(size)), size)).toEqual(
    [
      'segmentd dev · sample shop          ? help  q quit',
      `psql 'postgres://postgres:a-password-of-24-letters`,
      `@127.0.0.1:33615/postgres'`,
      'make your own segment, in a second terminal:',
      `echo '{"==":[{"var":"country"},"ES"]}' | npm run -`,
      's segmentd -- create spain --condition - --config ',
      '.segmentd/segmentd.yaml',
      'lag 12 ms  backlog 1,000  segments 2  members 12,…',
      '  segment       members  +/− min  state',
      '› loyal          12,345   +3  −1  live',
      '    Loyal buyers: the number of rows of orders',
      '    where (status is paid) is at least 3 and',
      '    country is ES or PT',
      '  café_lovers         0    ·   ·  building 50 %',
      '    category is café',
      '',
      '12:00:01 − 42 left loyal (related)',
      '12:00:00 + 41 entered loyal (contact)',
    ].map((line) => line.trimEnd()),
  );
});

test('140 columns: the meaning stands beside the key', async () => {
  const size = { columns: 140, rows: 24 };
  const lines = await seen(frame(VIEW_SNAPSHOT, options(size, { selected: 1 })), size);
  expect(lines).toContain(
    '  loyal          12,345       +3       −1  live              Loyal buyers: the number of rows of orders where (status is paid) is at least …',
  );
});

test('a command that wraps is one line for who copies it', async () => {
  const screen = await drawn(frame(VIEW_SNAPSHOT, options({ columns: 50, rows: 24 })), { columns: 50, rows: 24 });
  expect(await screen.history()).toEqual(expect.arrayContaining([HEADING.connect, HEADING.nextStep?.command]));
});

test('when not all segments fit, a line says how many are above and below', async () => {
  const size = { columns: 80, rows: 24 };
  const many: ViewSnapshot = { ...VIEW_SNAPSHOT, segments: manySegments(30) };
  const first = frame(many, options(size));
  expect((await seen(first, size)).filter((line) => /^.\s\S*segment_|more/.test(line))).toEqual([
    expect.stringMatching(/^› segment_00 /),
    expect.stringMatching(/^ {2}segment_01 /),
    expect.stringMatching(/^ {2}segment_02 /),
    expect.stringMatching(/^ {2}segment_03 /),
    expect.stringMatching(/^ {2}segment_04 /),
    expect.stringMatching(/^ {2}segment_05 /),
    '↓ 24 more below',
  ]);
  expect(first).toMatchObject({ top: 0, shown: 6 });
  const middle = frame(many, options(size, { selected: 12, top: 0 }));
  expect(await seen(middle, size)).toContain('↑ 7 more above   ↓ 17 more below');
  const last = frame(many, options(size, { selected: 29, top: middle.top }));
  expect(await seen(last, size)).toContain('↑ 24 more above');
});

test('why a segment does not follow stands before what it means', async () => {
  const size = { columns: 80, rows: 24 };
  const broken: ViewSnapshot = {
    ...VIEW_SNAPSHOT,
    segments: manySegments(1).map((one) => ({ ...one, state: 'invalid', problem: 'There is no field `contry`.' })),
  };
  expect(await seen(frame(broken, options(size)), size)).toContain(
    '    There is no field `contry`. · Number 0: points is at least 0',
  );
});

test('before the first snapshot and after a failed one the heading stands', async () => {
  const size = { columns: 80, rows: 24 };
  expect((await seen(frame(undefined, options(size)), size)).at(-1)).toBe('reading the segments');
  expect((await seen(frame(undefined, options(size, { message: 'no view: away', keys: false })), size)).at(-1)).toBe(
    'no view: away',
  );
  expect((await seen(frame(undefined, options(size, { keys: false })), size))[0]).toMatch(/ Ctrl-C ends$/);
});

test.each([
  [80, 24],
  [50, 24],
])('the page of help fits %i × %i, and its commands are whole', async (columns, rows) => {
  const screen = await drawn(helpFrame(options({ columns, rows })), { columns, rows });
  const lines = await screen.history();
  expect(lines).toEqual(
    expect.arrayContaining(
      ['Keys', 'Words', 'In a second terminal', HEADING.connect].map(
        (text) => expect.stringMatching(new RegExp(`^${text.slice(0, 20)}`)) as unknown,
      ),
    ),
  );
  expect(lines.join('\n')).toContain('q  Ctrl-C');
  expect(lines).toContain(HEADING.nextStep?.command);
});

test.each([
  [20, 4],
  [40, 12],
  [50, 24],
  [80, 24],
  [200, 60],
])('a frame of %i × %i never scrolls the terminal, and no row is wider than it', async (columns, rows) => {
  const size = { columns, rows };
  const wild = '長い名前🙂👨‍👩‍👧‍👦 café'.repeat(30);
  const many: ViewSnapshot = {
    ...VIEW_SNAPSHOT,
    segments: manySegments(100).map((one) => ({ ...one, key: one.key + wild, name: wild, sentence: wild })),
    events: Array.from({ length: 100 }, (_, at) => ({
      id: String(at),
      at: '12:00:00',
      segment: wild,
      contact: String(at),
      kind: 'entered',
      reason: 'contact',
    })),
  };
  for (const draw of [frame(many, options(size, { selected: 50 })), helpFrame(options(size))]) {
    const screen = await drawn(draw, size);
    expect(draw.rows.reduce((sum, row) => sum + row.height, 0)).toBeLessThanOrEqual(rows);
    expect((await screen.lines()).length).toBeLessThanOrEqual(rows);
    expect((await screen.history()).length).toBeLessThanOrEqual(rows);
    if (draw.rows.length > 0) expect((await screen.lines()).join('')).not.toBe('');
    screen.dispose();
  }
});

test('columns stay aligned behind characters that a terminal draws wider than others do', async () => {
  const size = { columns: 80, rows: 24 };
  const keys = ['plain', '美咲さん', '👨‍👩‍👧‍👦', 'e\u0301'];
  const [one] = manySegments(1);
  if (!one) throw new Error('no segment');
  const wide: ViewSnapshot = { ...VIEW_SNAPSHOT, segments: keys.map((key) => ({ ...one, key })) };
  const screen = await drawn(frame(wide, options(size)), size);
  const cells = await screen.cells();
  const rows = cells.filter((row) =>
    row
      .map((cell) => cell.text)
      .join('')
      .includes('live'),
  );
  const at = rows.map((row) =>
    row.findIndex((cell, x) => cell.text === 'l' && row[x + 1]?.text === 'i' && row[x + 2]?.text === 'v'),
  );
  expect(rows.length).toBe(keys.length);
  expect(new Set(at).size).toBe(1);
});
