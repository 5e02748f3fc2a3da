/** SQL that an editor may send, and that means no good: rows of every table that the role may write. Each may be refused. */
import type { Random } from '../support/random.ts';

const DEEP = `('${'{"and":['.repeat(3_000)}true${']}'.repeat(3_000)}')`;
const LIST = `('${'['.repeat(3_000)}1${']'.repeat(3_000)}')`;

/** jsonb values, as SQL. */
const JSONB: readonly string[] = [
  `'null'`,
  `'{}'`,
  `'[]'`,
  `'"x"'`,
  `'0'`,
  `'true'`,
  `'{"and":[]}'`,
  `'{"a":1,"a":2}'`,
  `'{"__proto__":{"in_segment":["fine"]}}'`,
  `'{"in_segment":[null,1,{"in_segment":["fine"]}]}'`,
  `'{"in_segment":["hostile"]}'`,
  `'{"==":[{"var":"age"},1e400]}'`,
  `('{"==":[{"var":"age"},' || repeat('9', 130000) || ']}')::jsonb`,
  `'{"==":[{"var":"age"},1e-9999]}'`,
  `'{"==":[{"var":"country"},"\\ud800x"]}'`,
  `'{"==":[{"var":"country"},"\\u0000"]}'`,
  `jsonb_build_object('in', jsonb_build_array(jsonb_build_object('var', 'age'), (select jsonb_agg(n) from generate_series(1, 20000) n)))`,
  `(select jsonb_build_object('or', jsonb_agg(jsonb_build_object('==', jsonb_build_array(jsonb_build_object('var', 'age'), n)))) from generate_series(1, 498) n)`,
  `to_jsonb(repeat('x', 300000))`,
  DEEP,
  LIST,
  `jsonb_build_object('==', jsonb_build_array(jsonb_build_object('var', repeat('a.', 5000)), 1))`,
  `'{"some":[{"var":"orders"},{"==":[{"var":"status"},"paid"]}]}'`,
  `'{"in_last":[{"var":"last_seen_at"},99999999999,"day"]}'`,
];
const TEXTS: readonly string[] = [
  `''`,
  `' '`,
  `repeat('x', 100000)`,
  `E'\\x1b]0;x\\x07\\n'`,
  `U&'\\202E'`,
  `'Europe/Madrid'`,
  `'../../etc'`,
  `'%s %I $1 \\\\'`,
  `'null'`,
  `repeat('* ', 5000)`,
  `'* * * * *'`,
  `'@daily'`,
  `'61 25 * * *'`,
  `'0 0 31 2 *'`,
];
const INSTANTS: readonly string[] = [
  `'infinity'`,
  `'-infinity'`,
  `'294276-12-31'`,
  `'4713-01-01 BC'`,
  'null',
  `clock_timestamp()`,
  `clock_timestamp() - interval '1 day'`,
];
const NUMBERS: readonly string[] = ['0', '-1', '2147483647', '-2147483648', 'null', '1'];
const ARRAYS: readonly string[] = [
  `'{}'`,
  `array[null::text]`,
  `array['']`,
  `array_fill('x'::text, array[50000])`,
  `array[['a'],['b']]`,
  `'[5:6]={a,b}'::text[]`,
  `array['contact_id','contact_id']`,
  `array[repeat('x', 100000)]`,
  `array['a;b']`,
];

export function hostileRow(random: Random, key: string): string {
  const one = (list: readonly string[]): string => random.pick(list);
  const segment = `(select s.id from segmentd.segment s order by random() limit 1)`;
  const contact = `${1 + random.below(20)}`;
  const texts = (count: number): string => Array.from({ length: count }, () => one(TEXTS)).join(', ');
  switch (random.below(10)) {
    case 0:
    case 1:
      return `insert into segmentd.segment (key, condition) values ('${key}', ${one(JSONB)})`;
    case 2:
      return `insert into segmentd.segment (key, name, description, kind, condition, timezone, tags, wanted_state, confirmed_version)
        values ('${key}', ${texts(2)}, ${one([`'dynamic'`, `'static'`, `'snapshot'`, `'x'`])}, ${one([...JSONB, 'null'])}, ${one([...TEXTS, 'null'])}, ${one(ARRAYS)}, ${one([`'live'`, `'paused'`, `'archived'`, `'deleted'`])}, ${one(NUMBERS)})`;
    case 3:
      return `update segmentd.segment set condition = ${one(JSONB)}, tags = ${one(ARRAYS)}, timezone = ${one(TEXTS)}, wanted_state = ${one([`'live'`, `'paused'`, `'archived'`, `'deleted'`])} where key like 'hostile%' and random() < 0.3`;
    case 4:
      return `insert into segmentd.override (segment_id, contact_id, kind, note, expires_at) values (${segment}, ${one([contact, '-1', '9223372036854775807'])}, ${one([`'include'`, `'exclude'`, `'member'`, `'x'`])}, ${one(TEXTS)}, ${one(INSTANTS)}) on conflict do nothing`;
    case 5:
      return `insert into segmentd_internal.schedule (segment_id, cron, timezone, format, columns, folder, delta, passing, next_at, created_at)
        values (${one([segment, ...NUMBERS])}, ${texts(2)}, ${one([`'csv'`, `'x'`])}, ${one([...ARRAYS, 'null'])}, ${texts(2)}, true, ${one(INSTANTS)}, coalesce(${one(INSTANTS)}, now()))`;
    case 6:
      return `insert into segmentd_internal.export_run (segment_id, schedule_id, due_at, state, attempt, wait_until, owner, lease_until, file, manifest, error, requested_at)
        values (${one([segment, '-1'])}, ${one([...NUMBERS, `(select max(c.id) from segmentd_internal.schedule c)`])}, ${one(INSTANTS)}, ${one([`'waiting'`, `'running'`, `'x'`])}, coalesce(${one(NUMBERS)}, 0), ${one(INSTANTS)}, ${one(TEXTS)}, ${one(INSTANTS)}, ${one(TEXTS)}, ${one(JSONB)}, ${one(TEXTS)}, coalesce(${one(INSTANTS)}, now()))`;
    case 7:
      return `insert into segmentd_internal.rebuild_request (segment_id, reason) select ${one([segment, '-1', '2147483647'])}, ${one([...TEXTS, `'repair'`])} from generate_series(1, 20)`;
    case 8:
      return `insert into segmentd_internal.export_delta (segment_id, name, number, snapshot, pending_snapshot, pending, manifest) values (${one([segment, '-1'])}, '${key}', coalesce(${one(NUMBERS)}, 0), ${one([`'1:1:'`, `'10:20:10,14'`, 'null'])}, ${one([`'1:1:'`, 'null'])}, ${one(JSONB)}, ${one(JSONB)})`;
    default:
      return `insert into segmentd_internal.feed_consumer (name, snapshot, as_of, position) values ('${key}', '1:1:', coalesce(${one(INSTANTS)}, now()), ${one(NUMBERS)})`;
  }
}

/** Rows that the triggers refuse today: they may stand in a table from before. */
export const FROM_BEFORE: readonly string[] = [
  `insert into segmentd.segment (key, condition) values ('old-deep', ${DEEP}), ('old-list', ${LIST})`,
  `insert into segmentd.segment (key, condition, live_version, state) select 'old-live', ${DEEP}, 1, 'failed'`,
  `insert into segmentd.segment_version (segment_id, version, condition, state) select s.id, 1, s.condition, case s.key when 'old-live' then 'accepted' else 'proposed' end from segmentd.segment s where s.key like 'old-%'`,
];
