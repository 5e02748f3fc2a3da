/** A partitioned contacts table with orders, segments over both, and the rolling audit step by step. */
import { auditStep, type Audited, type AuditOptions } from '../../src/audit/rolling.ts';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { Registry } from '../../src/followed/registry.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, country text, age integer) partition by range (id);
  create table public.contacts_a partition of public.contacts for values from (0) to (1000);
  create table public.contacts_b partition of public.contacts for values from (1000) to (2000);
  create table public.orders (id bigint generated always as identity primary key, contact_id bigint not null, status text);
  create index on public.orders (contact_id);
  insert into public.contacts select n, (array['ES', 'PT', 'fr'])[n % 3 + 1], n % 50 from generate_series(1, 20) n;
  insert into public.contacts select n, (array['ES', 'PT', 'fr'])[n % 3 + 1], n % 50 from generate_series(1001, 1020) n;
  insert into public.orders (contact_id, status) select n, case when n % 2 = 0 then 'paid' else 'open' end from generate_series(1, 20) n`;

const CONFIG = `
contacts: { table: public.contacts, key: id }
relations: { orders: { table: public.orders, contact: contact_id } }
`;

const SEGMENTS = {
  spain: { '==': [{ var: 'country' }, 'ES'] },
  not_spain: { '!=': [{ var: 'country' }, 'ES'] },
  minors: { '<': [{ var: 'age' }, 18] },
  payers: { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] },
};

export interface AuditWorld extends World {
  /** An API that remembers nothing of how the tables were. */
  segmentd(): Segmentd;
  /** Drains and builds what is owed. */
  settle(): Promise<void>;
  /** Differences that `verify` finds. */
  drift(): Promise<number>;
  /** One step, whether it is due or not, by a worker that has just started. */
  step(options?: Partial<AuditOptions>): Promise<Audited | undefined>;
  /** Steps until all contacts were compared; what they found, added up. */
  pass(
    options?: Partial<AuditOptions>,
  ): Promise<{ readonly differences: number; readonly steps: number; readonly contacts: number }>;
}

export async function createAuditWorld(
  options: {
    readonly tables?: string;
    readonly config?: string;
    readonly segments?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<AuditWorld> {
  const { tables = TABLES, config = CONFIG, segments = SEGMENTS } = options;
  const world = await createWorld({ tables, config });
  // The team's tables change in these tests: no API may remember how they were.
  const open = () => createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  const settle = async (): Promise<void> => {
    await using segmentd = open();
    await using worker = segmentd.worker();
    await worker.once();
  };
  {
    await using segmentd = open();
    await segmentd.admin.migrate();
    await segmentd.admin.install();
    for (const [key, condition] of Object.entries(segments)) await segmentd.segments.create({ key, condition });
  }
  await settle();
  const step: AuditWorld['step'] = async (given) => {
    await using segmentd = open();
    const catalogue = await segmentd.catalogue();
    const pool = await openPool(world.database.url, { max: 1, applicationName: 'audit' });
    const client = await pool.connect();
    try {
      await client.query(
        `insert into segmentd_internal.audit (one) values (true) on conflict (one) do update set next_at = '-infinity'`,
      );
      return (await auditStep(client, new Registry(catalogue), { period: 60_000, ...given })).done;
    } finally {
      client.release();
      await pool.end();
    }
  };
  return {
    ...world,
    segmentd: open,
    settle,
    async drift() {
      await using segmentd = open();
      return (await segmentd.admin.verify()).reduce(
        (sum, { missing, extra }) => sum + missing.length + extra.length,
        0,
      );
    },
    step,
    async pass(given) {
      for (let [differences, steps, contacts] = [0, 1, 0]; ; steps += 1) {
        const done = await step(given);
        if (!done) throw new Error('no step was taken');
        differences += done.differences;
        contacts += done.contacts;
        if (done.finished) return { differences, steps, contacts };
      }
    },
  };
}
