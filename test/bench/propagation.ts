import type { Context, Figure, Row } from './figure.ts';
import { lateness } from './lateness.ts';
import { percentile } from './measure.ts';
import { benchSegments, type BenchSegment } from './segments.ts';
import { createWorld } from './bench-world.ts';

const LEVELS = 3;

/** Chains above both probes: each level reads the one below. */
function chains(): BenchSegment[] {
  return ['probe-contact', 'probe-order'].flatMap((probe) =>
    Array.from({ length: LEVELS }, (_, level) => ({
      key: `${probe}-${level + 1}`,
      condition: { and: [{ in_segment: [level === 0 ? probe : `${probe}-${level}`] }, { '>=': [{ var: 'id' }, 0] }] },
    })),
  );
}

export const propagation: Figure = {
  title: `Commit of a change → visible through ${LEVELS} levels of in_segment, 100,000 contacts, 200 changes/s`,
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const stream = { contacts, perSecond: 200, seconds: context.quick ? 4 : 10 };
    const world = await createWorld(context, { contacts, orders: contacts * 3 });
    try {
      await world.startWorker();
      await world.createSegments([...benchSegments(100), ...chains()]);
      const values: number[] = [];
      for (let round = 0; round < (context.quick ? 2 : 4); round++) {
        const late = await lateness({
          url: world.url,
          ...stream,
          watched: [`probe-contact-${LEVELS}`, `probe-order-${LEVELS}`],
        });
        if (round > 0) values.push(...late);
      }
      return [
        { measure: 'p50', value: percentile(values, 0.5), unit: 'ms' },
        {
          measure: 'p95',
          value: percentile(values, 0.95),
          unit: 'ms',
          wanted: { atMost: 300 },
          beside: `worst ${percentile(values, 1).toFixed(0)} ms of ${values.length}`,
        },
      ] satisfies Row[];
    } finally {
      await world.drop();
    }
  },
};
