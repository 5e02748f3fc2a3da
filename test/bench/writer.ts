import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaptureSetting } from '../../src/catalogue/config.ts';
import type { Context, Figure, Row } from './figure.ts';
import { load } from './update-load.ts';
import { alternate, cpuMs, median, ratio } from './measure.ts';
import { createWorld, type World } from './bench-world.ts';

/**
 * CPU that sessions of the team spend in the server on a write of one row, by kind of trigger. The load ends its sessions,
 * so that their time is in the count of the server's children; the server's helpers do not end and are not in it.
 */
export const writer: Figure = {
  title: "CPU that capture adds to the team's update of one row, by kind of triggers",
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const size = { contacts, orders: 1_000 };
    const seconds = context.quick ? 1 : 4;
    const rounds = context.quick ? 2 : 4;
    const worlds: World[] = [];
    const world = async (set: 'bare' | 'captured', capture?: CaptureSetting): Promise<World> => {
      const made = await createWorld(context, size, { set, capture });
      worlds.push(made);
      return made;
    };
    try {
      const [bare, statement, row] = [
        await world('bare'),
        await world('captured', 'statement'),
        await world('captured', 'row'),
      ];
      const server = await serverProcess(bare);
      const cost = (of: World, clients: number) => async (): Promise<number> => {
        const before = await cpuMs(server, { children: true });
        const tps = await load({ url: of.url, contacts, clients, seconds });
        return (1_000 * ((await cpuMs(server, { children: true })) - before)) / (tps * seconds);
      };
      const rows: Row[] = [];
      for (const clients of [16, 1]) {
        const cpu = await alternate(rounds, {
          without: cost(bare, clients),
          statement: cost(statement, clients),
          row: cost(row, clients),
        });
        const added = (kind: 'statement' | 'row'): number[] =>
          cpu[kind].map((value, n) => value - (cpu.without[n] ?? NaN));
        const beside = `${median(cpu.without).toFixed(0)} without, ${median(cpu.statement).toFixed(0)} statement, ${median(cpu.row).toFixed(0)} row µs`;
        const name = clients === 1 ? '1 client' : `${clients} clients`;
        rows.push({
          measure: `added by a statement trigger, ${name}`,
          value: median(added('statement')),
          unit: 'µs',
          beside,
        });
        rows.push({ measure: `added by a row trigger, ${name}`, value: median(added('row')), unit: 'µs' });
        rows.push({
          measure: `row / statement, ${name}`,
          value: ratio(added('row'), added('statement')),
          unit: 'x',
          ...(clients === 16 ? { wanted: { atMost: 0.5 } } : {}),
        });
      }
      return rows;
    } finally {
      for (const made of worlds) await made.drop();
    }
  },
};

async function serverProcess({ pool }: World): Promise<number> {
  const { rows } = await pool.query<{ directory: string }>(`select current_setting('data_directory') as directory`);
  return Number((await readFile(join(rows[0]?.directory ?? '', 'postmaster.pid'), 'utf8')).split('\n', 1)[0]);
}
