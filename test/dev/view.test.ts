import { expect, test } from 'vitest';
import { startView, type Screen } from '../../src/dev/view.ts';
import { bar, duration, fit, frame, type ViewSnapshot } from '../../src/dev/view-frame.ts';
import { until } from '../support/until.ts';

const SNAPSHOT: ViewSnapshot = {
  segments: [
    { key: 'loyal', state: 'live', members: 12_345, entered: 3, left: 1 },
    { key: 'café_lovers', state: 'building', members: 0, entered: 0, left: 0, progress: 0.5 },
  ],
  lag: 12,
  backlog: 1_000,
  events: [
    { id: '2', at: '12:00:01', segment: 'loyal', contact: '42', kind: 'left', reason: 'related' },
    { id: '1', at: '12:00:00', segment: 'loyal', contact: '41', kind: 'entered', reason: 'contact' },
  ],
};

test('a frame shows members, flow, lag, backlog, events and the progress of a rebuild', () => {
  const lines = frame(SNAPSHOT, { columns: 100, rows: 30, color: false, heading: ['segmentd'] }).map((line) =>
    line.trimEnd(),
  );
  expect(lines).toEqual([
    'segmentd',
    '',
    'lag 12 ms   backlog 1,000   segments 2',
    '',
    'segment                        members  in/min out/min  state',
    'loyal                           12,345      +3      −1  live',
    'café_lovers                          0       ·       ·  building [█████░░░░░]  50 %',
    '',
    '12:00:01 − 42 left loyal (related)',
    '12:00:00 + 41 entered loyal (contact)',
  ]);
});

test('on 80 columns a rebuild still shows how far it is', () => {
  const lines = frame(SNAPSHOT, { columns: 80, rows: 24, color: false, heading: ['segmentd'] });
  expect(lines.find((line) => line.startsWith('café_lovers'))?.trimEnd()).toMatch(/ building \[███░░\]  50 %$/);
});

test.each([
  [40, 12],
  [80, 24],
  [200, 60],
])('a frame of %i × %i never scrolls the terminal', (columns, rows) => {
  const many: ViewSnapshot = {
    ...SNAPSHOT,
    segments: Array.from({ length: 100 }, (_, n) => ({
      key: `segment_${n}_with_a_very_long_name_indeed`,
      state: 'live',
      members: n,
      entered: 0,
      left: 0,
    })),
    events: Array.from({ length: 100 }, (_, n) => ({
      id: String(n),
      at: '12:00:00',
      segment: 's'.repeat(200),
      contact: String(n),
      kind: 'entered',
      reason: 'contact',
    })),
  };
  const lines = frame(many, { columns, rows, color: false, heading: ['x'.repeat(500)] });
  expect(lines.length).toBeLessThan(rows);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
});

test('text is cut by columns, not by code units, and control characters do not reach the terminal', () => {
  expect(fit('美咲さん', 5)).toBe('美咲…');
  expect(fit('e\u0301a', 4)).toBe('e\u0301a  ');
  expect(fit('a\u001b[2Jb', 12)).toBe('a\\u001b[2Jb ');
  expect(bar(2, 4)).toBe('[████] 100 %');
  expect([duration(5), duration(1_500), duration(61_000)]).toEqual(['5 ms', '1.5 s', '1 min 1 s']);
});

function collector(terminal: boolean): Screen & { text: string } {
  return {
    text: '',
    isTTY: terminal,
    columns: 80,
    rows: 24,
    write(text) {
      this.text += text;
    },
  };
}

test('without a terminal there are plain lines only, and the table at the end', async () => {
  const output = collector(false);
  const view = startView({ snapshot: async () => SNAPSHOT, heading: ['segmentd runs'], screen: output, every: 1 });
  await until(() => output.text.split('\n').length > 4);
  await view.stop();
  expect(output.text).not.toContain('\u001b');
  expect(output.text).toContain(
    'segmentd runs\n2 segments, 12,345 members, 3 entered and 1 left in the last minute, lag 12 ms, backlog 1,000, building café_lovers 50 %\n',
  );
  expect(output.text.trimEnd().split('\n').at(-1)).toBe('café_lovers          0  building');
});

test('a terminal is given back at the end, also when snapshots fail', async () => {
  const output = collector(true);
  let calls = 0;
  const view = startView({
    snapshot: async () => {
      calls += 1;
      throw new Error('the database is away');
    },
    heading: [],
    screen: output,
    every: 1,
  });
  await until(() => calls > 2);
  await view.stop();
  await view.stop();
  expect(output.text).toContain('no view: the database is away');
  expect(output.text.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
});

test.each([true, false])('what others typed never acts on the terminal (a terminal: %s)', async (terminal) => {
  const evil = 'e\u001b[2J\u001b]0;t\u0007\r\nforged\u009b31m\u202e\u2066';
  const output = collector(terminal);
  let calls = 0;
  const view = startView({
    snapshot: async () => {
      calls += 1;
      if (calls === 2) throw new Error(evil);
      return {
        ...SNAPSHOT,
        segments: SNAPSHOT.segments.map((one) => ({ ...one, key: evil })),
        events: SNAPSHOT.events.map((one) => ({ ...one, segment: evil, contact: evil })),
      };
    },
    heading: [evil],
    screen: output,
    every: 1,
  });
  await until(() => calls > (terminal ? 3 : 1));
  await view.stop();
  // Ours are colours, the cursor, clearing and the other screen.
  const ours = String.fromCharCode(27) + '\\[(\\?\\d+[hl]|\\d*[mHKJ])';
  const shown = output.text.replaceAll(new RegExp(ours, 'g'), '');
  expect(shown).not.toMatch(/(?!\n)[\p{Cc}\u202e\u2066]/u);
  expect(shown).not.toMatch(/^forged/m);
  expect(shown).toContain('e\\u001b[2J');
});
