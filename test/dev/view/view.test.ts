import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeldLines } from '../../../src/dev/view/held-lines.ts';
import type { Screen } from '../../../src/dev/view/terminal-view.ts';
import { barText, lagText, lineOf, shortNumber } from '../../../src/dev/view/view-line.ts';
import type { ViewHeading, ViewSnapshot } from '../../../src/dev/view/view-model.ts';
import { startView, type View } from '../../../src/dev/view/view.ts';
import { manySegments, VIEW_SNAPSHOT } from '../../support/drawn.ts';
import { TestScreen } from '../../support/screen.ts';
import { until } from '../../support/until.ts';

const HEADING: ViewHeading = { title: ['sample shop'], connect: `psql 'postgres://127.0.0.1:5432/shop'` };
const MANY: ViewSnapshot = { ...VIEW_SNAPSHOT, segments: manySegments(30) };

/** A screen with a keyboard; what was written is kept. */
class Console extends EventEmitter implements Screen {
  readonly isTTY: boolean;
  readonly seen: TestScreen;
  text = '';
  writes = 0;
  readonly modes: boolean[] = [];

  constructor(terminal: boolean, columns = 80, rows = 24) {
    super();
    this.isTTY = terminal;
    this.seen = new TestScreen({ columns, rows });
  }
  get columns(): number {
    return this.seen.columns;
  }
  get rows(): number {
    return this.seen.rows;
  }
  write(text: string): void {
    this.text += text;
    this.writes += 1;
    this.seen.write(text.replaceAll('\n', '\r\n')); // as a terminal's driver does
  }
  setRawMode(raw: boolean): void {
    this.modes.push(raw);
  }
  resume(): void {}
  pause(): void {}
  type(keys: string): void {
    this.emit('data', keys);
  }
  async has(text: string | RegExp): Promise<boolean> {
    return (await this.seen.lines()).some((line) => (typeof text === 'string' ? line.includes(text) : text.test(line)));
  }
}

let view: View | undefined;
let noColor: string | undefined;
beforeEach(() => {
  noColor = process.env['NO_COLOR'];
  delete process.env['NO_COLOR'];
});
afterEach(async () => {
  await view?.stop();
  view = undefined;
  if (noColor === undefined) delete process.env['NO_COLOR'];
  else process.env['NO_COLOR'] = noColor;
});

test('without a terminal there are plain lines only, and the table at the end', async () => {
  const output = new Console(false);
  view = startView({
    snapshot: async () => VIEW_SNAPSHOT,
    heading: { ...HEADING, nextStep: { label: 'next:', command: 'create' } },
    screen: output,
    keys: output,
    every: 1,
  });
  await until(() => output.text.split('\n').length > 6);
  await view.stop();
  expect(output.text).not.toContain('\u001b');
  expect(output.text).toContain(
    `segmentd dev · sample shop · Ctrl-C ends everything\npsql 'postgres://127.0.0.1:5432/shop'\nnext:\ncreate\n` +
      '2 segments, 12,345 members, 3 entered and 1 left in the last minute, lag 12 ms, backlog 1,000, building café_lovers 50 %\n',
  );
  expect(output.text.trimEnd().split('\n').at(-1)).toBe('café_lovers          0  building');
  expect(output.modes).toEqual([]);
});

test('keys move the selection, and it stays on its segment when others come before it', async () => {
  const output = new Console(true);
  let segments = manySegments(30);
  view = startView({
    snapshot: async () => ({ ...MANY, segments }),
    heading: HEADING,
    screen: output,
    keys: output,
    every: 1,
  });
  await until(() => output.has('› segment_00'));
  for (const [keys, selected] of [
    ['j', '01'],
    ['\u001b[B\u001b[B', '03'],
    ['k', '02'],
    ['\u001b[6~', '10'],
    ['G', '29'],
    ['j', '29'],
    ['\u001b[5~', '21'],
    ['\u001b[H', '00'],
    ['\u001b[A', '00'],
    ['jjjjjjjjjjjj', '12'],
  ] as const) {
    output.type(keys);
    await until(() => output.has(`› segment_${selected}`), { message: `${selected} after ${JSON.stringify(keys)}` });
  }
  segments = [{ ...manySegments(1)[0], key: 'a_new_one', state: 'live', members: 1, entered: 0, left: 0 }, ...segments];
  await until(() => output.has('segments 31'));
  expect(await output.has('› segment_12')).toBe(true);
  segments = segments.filter((one) => one.key !== 'segment_12');
  await until(() => output.has('segments 30'));
  expect(await output.has('› segment_13')).toBe(true);
});

test('help comes and goes, q ends and gives the terminal back, keys afterwards do nothing', async () => {
  const output = new Console(true);
  let ends = 0;
  view = startView({
    snapshot: async () => VIEW_SNAPSHOT,
    heading: HEADING,
    screen: output,
    keys: output,
    onEnd: () => (ends += 1),
    every: 1,
  });
  await until(() => output.has('› loyal'));
  output.type('?');
  await until(() => output.has('end everything'));
  expect(await output.has('loyal')).toBe(false);
  output.type('x');
  await until(() => output.has('› loyal'));
  expect(await output.has('end everything')).toBe(false);
  output.type('q');
  output.type('q');
  expect(ends).toBe(1);
  expect(await output.seen.state()).toEqual({ cursorShown: true, alternate: false, wraps: true });
  await view.stop();
  expect(await output.seen.lines()).toEqual([
    'segment        members  state',
    'loyal           12,345  live',
    'café_lovers          0  building',
  ]);
  expect(output.modes).toEqual([true, false]);
});

test('a frame that is the same writes nothing, and one that differs writes its row only', async () => {
  const output = new Console(true);
  let lag = 12;
  let snapshots = 0;
  view = startView({
    snapshot: async () => {
      snapshots += 1;
      return { ...VIEW_SNAPSHOT, lag };
    },
    heading: HEADING,
    screen: output,
    every: 1,
  });
  await until(() => output.has('lag 12 ms'));
  const { writes, text } = output;
  const before = snapshots;
  await until(() => snapshots > before + 5);
  expect(output.writes).toBe(writes);
  lag = 34;
  await until(() => output.has('lag 34 ms'));
  expect(output.text.slice(text.length)).not.toContain('loyal');
  expect(output.text.slice(text.length)).not.toContain('\u001b[2J');
});

test('another size is drawn anew, at once and whole', async () => {
  const output = new Console(true);
  let goOn = (): void => {};
  const later = new Promise<void>((settle) => (goOn = settle));
  let asked = 0;
  view = startView({
    // Only one snapshot: what is drawn later is drawn from it.
    snapshot: async () => {
      asked += 1;
      if (asked > 1) await later;
      return MANY;
    },
    heading: HEADING,
    screen: output,
    keys: output,
    every: 1,
  });
  await until(() => output.has('› segment_00'));
  output.seen.resize(50, 12);
  output.emit('resize');
  expect((await output.seen.lines())[0]).toBe('segmentd dev · sample shop          ? help  q quit');
  expect(await output.has('+/− min')).toBe(true);
  goOn();
});

test('NO_COLOR leaves colours out, and the selection can still be seen', async () => {
  process.env['NO_COLOR'] = '1';
  const output = new Console(true);
  view = startView({ snapshot: async () => VIEW_SNAPSHOT, heading: HEADING, screen: output, keys: output, every: 1 });
  await until(() => output.has('› loyal'));
  await view.stop();
  expect(output.text).not.toMatch(/\[\d*m/);
});

test('the log waits while the view is there: its last line is shown, and all are written at the end', async () => {
  const output = new Console(true);
  const stderr = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true });
  const messages = new HeldLines(stderr);
  messages.write('before\n');
  view = startView({ snapshot: async () => VIEW_SNAPSHOT, heading: HEADING, screen: output, messages, every: 1 });
  await until(() => output.has('loyal'));
  messages.write('a warning\n');
  messages.write('another\u001b[2J\n');
  await until(() => output.has('another\\u001b[2J'));
  expect(stderr.read()).toBe('before\n');
  await view.stop();
  expect(output.text).toContain('\u001b[?1049la warning\nanother');
  messages.write('after\n');
  expect(stderr.read()).toBe('after\n');
});

test('a log that goes to a file does not wait', () => {
  const file = new PassThrough({ encoding: 'utf8' });
  const messages = new HeldLines(file);
  messages.hold(() => {});
  messages.write('line\n');
  expect(file.read()).toBe('line\n');
  expect(messages.release()).toBe('');
});

test('a terminal is given back at the end, also when snapshots fail, and no listener stays', async () => {
  const output = new Console(true);
  const listeners = (['exit', 'uncaughtExceptionMonitor', 'SIGCONT'] as const).map((name) =>
    process.listenerCount(name),
  );
  let calls = 0;
  view = startView({
    snapshot: async () => {
      calls += 1;
      throw new Error('the database is away');
    },
    heading: HEADING,
    screen: output,
    keys: output,
    every: 1,
  });
  await until(() => calls > 2);
  expect(await output.has('no view: the database is away')).toBe(true);
  expect(await output.has(HEADING.connect)).toBe(true);
  await view.stop();
  await view.stop();
  expect(output.text.endsWith('\u001b[?7h\u001b[?25h\u001b[?1049l')).toBe(true);
  expect((['exit', 'uncaughtExceptionMonitor', 'SIGCONT'] as const).map((name) => process.listenerCount(name))).toEqual(
    listeners,
  );
  expect(output.eventNames()).toEqual(['error']);
});

test.each([true, false])('what others typed never acts on the terminal (a terminal: %s)', async (terminal) => {
  const evil = 'e\u001b[2J\u001b]0;t\u0007\r\nforged\u009b31m\u202e\u2066';
  const output = new Console(terminal);
  let calls = 0;
  view = startView({
    snapshot: async () => {
      calls += 1;
      if (calls === 2) throw new Error(evil);
      return {
        ...VIEW_SNAPSHOT,
        segments: VIEW_SNAPSHOT.segments.map((one) => ({
          ...one,
          key: evil,
          name: evil,
          sentence: evil,
          problem: evil,
          state: evil,
        })),
        events: VIEW_SNAPSHOT.events.map((one) => ({ ...one, segment: evil, contact: evil })),
      };
    },
    heading: { title: [evil], connect: evil, nextStep: { label: evil, command: evil } },
    screen: output,
    keys: output,
    every: 1,
  });
  await until(() => calls > (terminal ? 3 : 1));
  output.type('?');
  await view.stop();
  // Ours are colours, the cursor, clearing, wrapping and the other screen.
  const ours = String.fromCharCode(27) + String.raw`\[(\?\d+[hl]|[\d;]*[mHKJG])`;
  const shown = output.text.replaceAll(new RegExp(ours, 'g'), '');
  expect(shown).not.toMatch(/(?!\n)[\p{Cc}\u202e\u2066]/u);
  expect(shown).not.toMatch(/^forged/m);
  expect(shown).toContain('e\\u001b[2J');
});

test('texts of the view', () => {
  expect(lineOf([{ text: 'a\u001b[2Jb', columns: 12 }], 20)).toBe('a\\u001b[2Jb ');
  expect(barText(2, 4)).toBe('[████] 100 %');
  expect([lagText(5), lagText(1_500), lagText(61_000)]).toEqual(['5 ms', '1.5 s', '1 min 1 s']);
  expect([shortNumber(999, 3), shortNumber(1_234, 5), shortNumber(1_234, 4), shortNumber(12_345_678, 4)]).toEqual([
    '999',
    '1,234',
    '1K',
    '12M',
  ]);
});
