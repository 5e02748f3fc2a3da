/** What a worker logs: each line of each event names version, database and worker, and the time as ISO 8601. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Failure } from '../../src/base/error.ts';
import { createLog, withFields } from '../../src/base/log.ts';
import { CatalogueBehind } from '../../src/followed/catalogue-behind.ts';
import { createEvents, type WorkerEvents } from '../../src/worker/event.ts';
import { keepJournal } from '../../src/worker/journal.ts';

const IDENTITY = { worker: '0b6f6d0e-0000-4000-8000-000000000000', version: '9.9.9', database: 'shop' } as const;

/** One of each; the versions and workers of these are not those of the line. */
const EVENTS: { readonly [Name in keyof WorkerEvents]: WorkerEvents[Name] } = {
  drained: [{ changes: 1, contacts: 1, written: [], ms: 1 }],
  idle: [{ asOf: '2026-01-01T00:00:00.000000Z' }],
  asleep: [],
  swept: [{ edges: 1, queued: 1, rebuilds: 0, ms: 1 }],
  audited: [{ contacts: 1, segments: [1], differences: 2, finished: false, ms: 1 }],
  rebuilt: [{ key: 'spain', segmentId: 1, version: 3, entered: 1, left: 0 }],
  built: [{ live: 1, ms: 1 }],
  held: [{ key: 'spain', segmentId: 1, version: 4, entering: 5_000, leaving: 0, members: 10 }],
  progress: [{ spain: 0.5 }],
  frozen: [{ segments: [1] }],
  exported: [{ schedule: 1, run: '1', segment: 'spain', count: 1, bytes: 1, ms: 1 }],
  exportFailed: [{ schedule: 1, run: '1', again: true, error: new Error('no space') }],
  ranked: [{ name: 'monetary', ranked: 10, moved: 1, ms: 1 }],
  rankFailed: [{ name: 'monetary', error: new Error('no such segment') }],
  catalogue: [{ published: true, rebuilt: ['spain'] }],
  drift: [{ sentences: ['Capture is off.'] }],
  outdated: [new Failure('incompatible', 'A newer segmentd set up this database: update segmentd.')],
  queue: [{ up: false, place: 'redis:6379', reason: 'refused' }],
  error: [{ during: 'batch', error: new Error('cut') }],
};

/** Events of every moment, which metrics count and the log leaves out. */
const QUIET: readonly string[] = ['drained', 'idle', 'asleep', 'swept', 'built', 'progress'];

test('each line of each event names worker, version and database', () => {
  const stream = new PassThrough();
  const events = createEvents();
  const end = keepJournal(events, withFields(createLog({ stream }), IDENTITY));
  const silent: string[] = [];
  for (const [name, args] of Object.entries(EVENTS)) {
    (events.emit as (event: string, ...args: readonly unknown[]) => boolean).call(events, name, ...args);
    const text = String(stream.read() ?? '');
    if (text === '') silent.push(name);
    for (const line of text.trim().split('\n').filter(Boolean)) {
      const read = JSON.parse(line) as Record<string, unknown>;
      expect(read, name).toMatchObject(IDENTITY);
      expect(read['time'], name).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(read['level'], name).toMatch(/^(info|warn|error)$/);
      if (name === 'rebuilt' || name === 'held') expect(read['segmentVersion']).toBe(EVENTS[name][0].version);
    }
  }
  expect(silent).toEqual(QUIET);
  end();
});

test('a catalogue that is behind is one line of information without a stack', () => {
  const stream = new PassThrough();
  const events = createEvents();
  const end = keepJournal(events, createLog({ stream }));
  for (let time = 0; time < 3; time += 1) events.emit('error', { during: 'watch', error: new CatalogueBehind([1, 2]) });
  const lines = String(stream.read()).trim().split('\n');
  expect(lines).toHaveLength(1);
  const [line] = lines.map((text) => JSON.parse(text) as Record<string, unknown>);
  expect(line).toMatchObject({
    level: 'info',
    during: 'watch',
    msg: 'the catalogue does not fit the segments 1, 2; the catalogue is read again',
  });
  expect(line).not.toHaveProperty('err');
  end();
});
