/**
 * The README's picture is the live view itself: its frame of the sample segments with numbers that do not change, drawn on a
 * screen of 80 × 24. `npm test -- test/dev/view/picture -u` renews it.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../../src/catalogue/resolve-catalogue.ts';
import { checkCondition } from '../../../src/condition/check/check-condition.ts';
import { describe } from '../../../src/condition/describe/describe.ts';
import { createCommand } from '../../../src/dev/next-step.ts';
import { SAMPLE_SEGMENTS } from '../../../src/dev/shop/sample-segments.ts';
import { SHOP_CONFIG, SHOP_INDEXES, SHOP_TABLES } from '../../../src/dev/shop/shop-table.ts';
import { frame } from '../../../src/dev/view/view-frame.ts';
import type { ViewEvent, ViewSegment } from '../../../src/dev/view/view-model.ts';
import { createDatabase } from '../../support/database.ts';
import { drawn } from '../../support/drawn.ts';
import { screenSvg } from '../../support/svg-screen.ts';

const PICTURE = fileURLToPath(new URL('../../../src/picture/live-view.svg', import.meta.url));
const SIZE = { columns: 80, rows: 24 };

/** Members, entered and left in the last minute. */
const NUMBERS: Readonly<Record<string, readonly [number, number, number]>> = {
  iberia: [5_111, 2, 5],
  just_looked: [1_412, 31, 18],
  loyal: [783, 1, 0],
  names: [10_243, 0, 1],
};

const EVENTS: readonly ViewEvent[] = [
  ['12:34:56', 'entered', '12533', 'just_looked', 'related'],
  ['12:34:56', 'left', '5787', 'just_looked', 'time'],
  ['12:34:55', 'entered', '3441', 'iberia', 'contact'],
  ['12:34:55', 'entered', '3441', 'loyal', 'related'],
].map(([at = '', kind, contact = '', segment = '', reason = ''], id) => ({
  id: String(id),
  at,
  kind: kind === 'left' ? 'left' : 'entered',
  contact,
  segment,
  reason,
}));

test('the picture of the README shows what the live view shows', async () => {
  const db = await createDatabase();
  try {
    await db.query(SHOP_TABLES);
    for (const index of SHOP_INDEXES) await db.query(index);
    const catalogue = await resolveCatalogue(db.pool, parseConfig(SHOP_CONFIG, 'the sample shop'));
    const segments = SAMPLE_SEGMENTS.map(({ key, name, condition }): ViewSegment => {
      const checked = checkCondition(condition, { catalogue });
      const [members, entered, left] = NUMBERS[key] ?? [0, 0, 0];
      if (!checked.ok) throw new Error(`${key} is not valid`);
      return { key, name, sentence: describe(checked.condition, catalogue), state: 'live', members, entered, left };
    }).toSorted((one, other) => (one.key < other.key ? -1 : 1));
    const shown = frame(
      { segments, lag: 38, backlog: 2, events: EVENTS },
      {
        ...SIZE,
        color: true,
        heading: {
          title: ['sample shop', 'queue on Postgres'],
          connect: `psql 'postgres://postgres:made-at-the-first-start@127.0.0.1:54321/postgres'`,
          nextStep: {
            label: 'make your own segment, in a second terminal:',
            command:
              createCommand({
                command: 'npm run -s segmentd --',
                config: '.segmentd/segmentd.yaml',
                catalogue,
                taken: new Set(),
              }) ?? '',
          },
        },
        keys: true,
        selected: segments.findIndex(({ key }) => key === 'loyal'),
        top: segments.findIndex(({ key }) => key === 'iberia'),
      },
    );
    const screen = await drawn(shown, SIZE);
    expect((await screen.lines()).filter((line) => line.endsWith(' live')).map((line) => line.split(/\s+/)[1])).toEqual(
      Object.keys(NUMBERS),
    );
    const svg = screenSvg(
      await screen.cells(),
      'The live view of npm start: segments with their members, what each means, and who enters and leaves.',
    );
    screen.dispose();
    await expect(svg, 'renew it: npm test -- test/dev/view/picture -u').toMatchFileSnapshot(PICTURE);
    expect(Buffer.byteLength(svg)).toBeLessThan(40_000);
  } finally {
    await db.drop();
  }
});
