/** The examples of help that only read run on the sample shop, as they are written. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXAMPLES } from '../../src/cli/example.ts';
import { splitLine } from '../../src/cli/split-line.ts';
import { loadShop } from '../../src/dev/shop/load-shop.ts';
import { SAMPLE_SEGMENTS } from '../../src/dev/shop/sample-segments.ts';
import { SHOP_CONFIG, SHOP_RANKS } from '../../src/dev/shop/shop-table.ts';
import { createWorld, type World } from './cli-world.ts';

/** Verbs whose examples read, and change nothing that another one reads. */
const READING =
  'list show describe members explain status history overlap segments-of overrides where-used sql fields preview verify completion'.split(
    ' ',
  );
/** What the examples name. */
const NAMED = ['iberia', 'vip', 'names'];

let world: World;
beforeAll(async () => {
  world = await createWorld({ tables: 'select 1', config: `${SHOP_CONFIG}${SHOP_RANKS}` });
  await loadShop(world.database.pool, { contacts: 500, orders: 1_000, pageViews: 500 });
  await world.ok('migrate');
  await world.ok('install');
  for (const { key, condition } of SAMPLE_SEGMENTS.filter((one) => NAMED.includes(one.key)))
    await world.ok('create', key, '--condition', await world.file(`${key}.json`, condition));
  await world.ok('run', '--once');
});
afterAll(() => world.end());

const examples = READING.flatMap((verb) => EXAMPLES[verb] ?? []).filter(
  (one) => one !== 'segmentd versions iberia 1 2',
);

test.each(examples)('%s', async (example) => {
  const [, input, line = ''] = /^(?:echo '([^']*)' \| )?(segmentd .*?)(?: (?:\||>>?) .*)?$/.exec(example) ?? [];
  const { code, stdout, stderr } = await world.runWith(
    input === undefined ? {} : { stdin: input },
    ...splitLine(line).slice(1),
  );
  expect(code, stderr).toBe(0);
  // A list that is empty says so on stderr.
  expect(stdout + stderr).toMatch(/\w/);
});
