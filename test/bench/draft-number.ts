import type { Context, Figure, Row } from './figure.ts';
import type { PreviewNode } from '../../src/index.ts';
import { MILLION, QUICK_MILLION } from './builder.ts';
import { createWorld, type World } from './bench-world.ts';
import { countingScan, median, percentile, timed } from './measure.ts';

const field = (name: string) => ({ var: name });
const paid = { '==': [field('status'), 'paid'] };
const spend = { sum: [{ map: [field('orders'), field('total')] }] };
const recent = (days: number) => ({
  filter: [field('orders'), { and: [paid, { in_last: [field('placed_at'), days, 'day'] }] }],
});
const press = { '!': [{ has_any: [field('tags'), ['press']] }] };
const iberia = { in: [field('country'), ['ES', 'PT']] };

/** Drafts as people build them, from fields alone to two aggregates in an `or`, and one that next to no contact satisfies. */
export const DRAFTS: Readonly<Record<string, unknown>> = {
  fields: { and: [iberia, { '>=': [field('points'), 100] }, press] },
  buyers: { and: [iberia, { '>=': [field('points'), 10] }, { some: [field('orders'), paid] }] },
  loyal: {
    and: [
      iberia,
      { '>=': [field('attributes.score'), 40] },
      { '>=': [{ count: [recent(90)] }, 1] },
      { none: [field('orders'), { '==': [field('status'), 'refunded'] }] },
      press,
    ],
  },
  either: { or: [{ '>=': [{ count: [recent(365)] }, 3] }, { and: [{ '>': [spend, '500.00'] }, press] }] },
  rare: { and: [{ '>=': [{ count: [recent(365)] }, 9] }, { '==': [field('vip'), true] }] },
};
/** The longest that a person waits. */
const TIMEOUT = 60_000;

export const draftNumber: Figure = {
  title: 'Numbers of a draft beside the builder, on 1,000,000 contacts and 3,000,000 orders',
  async run(context: Context) {
    const world = await createWorld(context, context.quick ? QUICK_MILLION : MILLION);
    const rounds = context.quick ? 2 : 8;
    try {
      const scan = await countingScan(world.pool);
      return [
        { measure: 'counting scan of the contacts', value: scan, unit: 'ms' },
        ...(await estimates(world, rounds)),
        ...(await counts(world, rounds)),
        ...(await effects(world, rounds)),
      ];
    } finally {
      await world.drop();
    }
  },
};

/** Every number of the tree, by its place. */
function numbersOf(node: PreviewNode): readonly PreviewNode['amounts'][] {
  return [node.amounts, ...node.children.flatMap(numbersOf)];
}

/** Each draft is tried with a value that differs from round to round, as a person who types tries it. */
async function measured(
  measure: string,
  atMost: number,
  rounds: number,
  run: (condition: unknown) => Promise<void>,
): Promise<Row> {
  const all: number[] = [];
  const medians: string[] = [];
  for (const [name, condition] of Object.entries(DRAFTS)) {
    const times: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const ms = await timed(() => run({ and: [condition, { '>': [field('id'), round] }] }));
      if (round > 0) times.push(ms);
    }
    all.push(...times);
    medians.push(`${name} ${median(times).toFixed(0)}`);
  }
  const beside = `medians: ${medians.join(', ')} ms`;
  return { measure, value: percentile(all, 0.95), unit: 'ms', wanted: { atMost }, beside };
}

async function estimates({ segmentd }: World, rounds: number): Promise<readonly Row[]> {
  const row = await measured('an estimate of every row, p95', 700, rounds, async (condition) => {
    await segmentd.segments.preview({ condition }, { mode: 'estimate', timeout: TIMEOUT });
  });
  const errors: number[] = [];
  let bounded = 0;
  for (const condition of Object.values(DRAFTS)) {
    const estimate = await segmentd.segments.preview({ condition }, { mode: 'estimate', timeout: TIMEOUT });
    const truth = await segmentd.segments.preview({ condition }, { mode: 'rows', timeout: TIMEOUT });
    const counted = numbersOf(truth.condition);
    for (const [at, { alone, left }] of numbersOf(estimate.condition).entries())
      for (const [guess, exact] of [
        [alone, counted[at]?.alone],
        [left, counted[at]?.left],
      ])
        if (guess && exact) {
          errors.push((100 * Math.abs(guess.value - exact.value)) / truth.contacts);
          if (Number(guess.low) <= exact.value && exact.value <= Number(guess.high)) bounded += 1;
        }
  }
  return [
    row,
    {
      measure: 'its error, p95',
      value: percentile(errors, 0.95),
      unit: '% of the contacts',
      wanted: { atMost: 5 },
      beside: `worst ${Math.max(...errors).toFixed(2)}, ${bounded} of ${errors.length} within the bounds that it names`,
    },
  ];
}

async function counts({ segmentd }: World, rounds: number): Promise<readonly Row[]> {
  const modes = [
    ['in and out, counted, p95', 'exact', 3_000],
    ['each row, counted, p95', 'rows', 10_000],
  ] as const;
  const rows: Row[] = [];
  for (const [measure, mode, atMost] of modes)
    rows.push(
      await measured(measure, atMost, Math.ceil(rounds / 2), async (condition) => {
        const {
          basis,
          condition: root,
          in: inside,
        } = await segmentd.segments.preview({ condition }, { mode, timeout: TIMEOUT });
        if (basis !== 'exact' || root.alone !== inside) throw new Error('the count is not exact');
      }),
    );
  return rows;
}

async function effects(world: World, rounds: number): Promise<readonly Row[]> {
  const { segmentd } = world;
  const worker = await world.startWorker();
  await world.createSegments([{ key: 'draft', condition: iberia }]);
  await worker.stop();
  const rows: Row[] = [];
  for (const [measure, mode, atMost] of [
    ['an estimate of who an edit moves, with names, p95', 'estimate', 700],
    ['who an edit moves, counted, with names, p95', 'exact', 4_000],
  ] as const)
    rows.push(
      await measured(measure, atMost, Math.ceil(rounds / 2), async (condition) => {
        const { basis, sample } = await segmentd.segments.previewEdit(
          'draft',
          { condition },
          { mode, timeout: TIMEOUT },
        );
        if (sample.leaving.length === 0 || (mode === 'exact' && basis !== 'exact')) throw new Error('no names');
      }),
    );
  return rows;
}
