/**
 * How late membership is: a steady stream of changes, half of contacts, half of their orders, each of which moves its
 * contact into or out of a probe segment; a watcher sees when. The time runs from the commit as its client saw it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const WRITERS = 8;
/** The watcher asks this often (ms), which is how coarse the ruler is. */
const WATCH_MS = 2;
const GIVE_UP_MS = 30_000;

/** Columns that a third of the segments read, besides the probe's. */
const CHANGE_CONTACT =
  'update public.contacts set credit_limit = $2, points = coalesce(points, 0) + 1, last_seen_at = clock_timestamp() where id = $1';
const ADD_ORDER = `insert into public.orders (contact_id, status, total, placed_at) values ($1, 'probe', 20, clock_timestamp())`;
const CANCEL_ORDER = `update public.orders set status = 'cancelled' where contact_id = $1 and status = 'probe'`;

interface Outstanding {
  readonly committed: number;
  readonly member: boolean;
}

export interface LatenessOptions {
  readonly url: string;
  readonly contacts: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** The segments watched for changes of contacts and of orders; default the probes themselves. */
  readonly watched?: readonly [contact: string, order: string];
}

/** Milliseconds from commit to visible, one for each change. */
export async function lateness(options: LatenessOptions): Promise<number[]> {
  const pool = new pg.Pool({ connectionString: options.url, max: WRITERS });
  const watcher = new pg.Client({ connectionString: options.url });
  await watcher.connect();
  const { watched = ['probe-contact', 'probe-order'] } = options;
  const probes = await watcher.query<{ id: number }>(
    'select s.id from segmentd.segment s where s.key = any ($1::text[])',
    [watched],
  );
  const [contactProbe = 0, orderProbe = 0] = probes.rows.map((row) => row.id);
  const outstanding = new Map<string, Outstanding>();
  const values: number[] = [];
  const stream = { open: true };

  const watch = async (): Promise<void> => {
    for (
      const end = performance.now() + options.seconds * 1000 + GIVE_UP_MS;
      (stream.open || outstanding.size > 0) && performance.now() < end;
    ) {
      const asked = [...outstanding.entries()];
      if (asked.length > 0) {
        const { rows } = await watcher.query<{ contact_id: string }>({
          name: 'watch',
          text: 'select contact_id::text as contact_id from segmentd.membership where segment_id in ($1, $2) and contact_id = any ($3::segmentd.contact_key[])',
          values: [contactProbe, orderProbe, asked.map(([contact]) => contact)],
        });
        const seen = performance.now();
        const members = new Set(rows.map((row) => row.contact_id));
        for (const [contact, { committed, member }] of asked) {
          if (members.has(contact) !== member) continue;
          outstanding.delete(contact);
          values.push(Math.max(0, seen - committed));
        }
      }
      await delay(WATCH_MS);
    }
    for (const { committed } of outstanding.values()) values.push(performance.now() - committed);
  };

  const inside = new Set<string>();
  const change = async (n: number): Promise<void> => {
    const half = Math.floor(options.contacts / 2);
    const byOrder = n % 2 === 1;
    const contact = String((byOrder ? half : 0) + 1 + Math.floor(Math.random() * half));
    if (outstanding.has(contact) || busy.has(contact)) return;
    busy.add(contact);
    const member = !inside.has(contact);
    if (!byOrder)
      await pool.query({ name: 'contact', text: CHANGE_CONTACT, values: [contact, member ? 1_000_000 : 100] });
    else if (member) await pool.query({ name: 'order', text: ADD_ORDER, values: [contact] });
    else await pool.query({ name: 'cancel', text: CANCEL_ORDER, values: [contact] });
    outstanding.set(contact, { committed: performance.now(), member });
    if (member) inside.add(contact);
    else inside.delete(contact);
    busy.delete(contact);
  };
  const busy = new Set<string>();

  const watching = watch();
  const start = performance.now();
  const running = new Set<Promise<void>>();
  for (let n = 0; n < options.perSecond * options.seconds; n++) {
    const due = start + (n * 1000) / options.perSecond;
    const early = due - performance.now();
    if (early > 0) await delay(early);
    const one = change(n).finally(() => running.delete(one));
    running.add(one);
    if (running.size >= WRITERS) await Promise.race(running);
  }
  await Promise.all(running);
  stream.open = false;
  await watching;
  // Everybody out, so that the next stream begins like this one.
  await watcher.query('update public.contacts set credit_limit = 100 where credit_limit = 1000000');
  await watcher.query(`update public.orders set status = 'cancelled' where status = 'probe'`);
  await watcher.end();
  await pool.end();
  return values;
}
