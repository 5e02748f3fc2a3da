/** The board of hints: one look for all pages, none without pages, nothing missed, and a slow page gets one message. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { silentLog as log } from '../../src/base/log.ts';
import { createHintBoard } from '../../src/http/hint-board.ts';
import type { Look, PageChange } from '../../src/index.ts';
import { until } from '../support/until.ts';

/** A board over a database whose changes the test gives. */
function boardOver(interval = 1) {
  const queue: PageChange[] = [];
  let looks = 0;
  let fails = false;
  let clock = 0;
  const board = createHintBoard({
    log,
    interval,
    now: () => clock,
    watch: {
      async look(cursor) {
        looks += 1;
        await turn();
        if (fails) throw new Error('away');
        const look: Look = {
          cursor: { snapshot: '1:1:', building: {}, mark: '' },
          changes: cursor ? queue.splice(0) : [],
          freshAsOf: null,
          at: '2026-11-30T00:00:00.000000Z',
        };
        return look;
      },
    },
  });
  return {
    board,
    changed: (...changes: PageChange[]) => queue.push(...changes),
    looks: () => looks,
    fail: (now: boolean) => (fails = now),
    pass: (milliseconds: number) => (clock += milliseconds),
  };
}

const moved = (...segments: string[]): PageChange => ({ segments, kinds: ['members'] });

test('a hundred pages cost one look each time, and none is made while no page listens', async () => {
  const { board, looks, changed, pass } = boardOver();
  expect(looks()).toBe(0);
  const pages = await Promise.all(Array.from({ length: 100 }, () => board.listen()));
  expect(looks()).toBe(1);
  for (const page of pages) expect(await page.next()).toMatchObject({ changes: [] });
  changed(moved('a'));
  pass(10);
  const heard = await Promise.all(pages.map((page) => page.next()));
  expect(heard.every((one) => one?.changes[0]?.segments?.[0] === 'a')).toBe(true);
  expect(new Set(heard.map((one) => one?.id)).size).toBe(1);
  for (const page of pages) page.end();
  expect(board.listeners).toBe(0);
  await board.stop();
  const before = looks();
  pass(10_000);
  await turn();
  expect(looks()).toBe(before);
});

test('a page that is slow gets its changes in one message', async () => {
  const { board, changed, looks, pass } = boardOver();
  const [slow, quick] = [await board.listen(), await board.listen()];
  await quick.next();
  for (const key of ['a', 'b', 'c']) {
    changed(moved(key));
    pass(10);
    expect((await quick.next())?.changes).toEqual([moved(key)]);
  }
  changed({ segments: ['a'], kinds: ['state'] });
  pass(10);
  await quick.next();
  expect(looks()).toBeGreaterThan(4);
  expect((await slow.next())?.changes).toEqual([
    { segments: ['a'], kinds: ['members', 'state'] },
    { segments: ['b', 'c'], kinds: ['members'] },
  ]);
  await board.stop();
  expect(await slow.next()).toBeUndefined();
});

test('who comes back gets what it missed; an id that the board does not know means anything', async () => {
  const { board, changed, pass } = boardOver();
  const first = await board.listen();
  const { id = '' } = (await first.next()) ?? {};
  changed(moved('a'));
  pass(10);
  await first.next();
  first.end();
  // No page listens while b moves.
  changed(moved('b'));
  pass(60_000);
  const again = await board.listen(id);
  const seen: PageChange[] = [];
  while (!seen.some(({ segments }) => segments?.includes('b'))) seen.push(...((await again.next())?.changes ?? []));
  expect(seen).toEqual([moved('a'), moved('b')]);
  for (const odd of ['', 'x', `${id}9`, 'abcdefgh-0', '-1', id.replace(/-\d+$/, '-999')]) {
    const one = await board.listen(odd);
    expect((await one.next())?.changes, odd).toMatchObject([{ segments: null }]);
    one.end();
  }
  // After so long the hints in Postgres may be deleted.
  again.end();
  pass(20 * 60_000);
  const late = await board.listen(id);
  expect((await late.next())?.changes).toMatchObject([{ segments: null }]);
  await board.stop();
});

test('a database that does not answer is one message, and the news go on behind it', async () => {
  const { board, changed, fail, pass } = boardOver();
  const page = await board.listen();
  await page.next();
  fail(true);
  pass(10);
  expect(await page.next()).toMatchObject({ changes: [], freshness: { reachable: false } });
  changed(moved('a'));
  fail(false);
  pass(10);
  expect(await page.next()).toMatchObject({ changes: [moved('a')], freshness: { reachable: true } });
  fail(true);
  pass(20 * 60_000);
  await expect(board.listen()).rejects.toThrow('away');
  await board.stop();
  await until(() => board.listeners === 0);
});
