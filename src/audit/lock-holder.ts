/**
 * Which sessions hold advisory locks of segmentd for too long. Postgres lets every role that may connect take these
 * locks, and workers then wait. Sessions of segmentd are known by their `application_name` and may hold a lock longer
 * than others.
 */
import { lockClass, single } from '../postgres/advisory-lock.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface LockHolder {
  /** Process of the server; null for a prepared transaction. */
  readonly pid: number | null;
  readonly role: string | null;
  readonly application: string;
  /** Where the session comes from; null on a local socket, and where this role may not see it. */
  readonly address: string | null;
  /** Name of the prepared transaction. */
  readonly prepared: string | null;
  /** Such as `shard 3`, `slot 17`, `accept`. */
  readonly locks: readonly string[];
  /** False: it waits for the locks, and later sessions wait behind it. */
  readonly granted: boolean;
  /** Since its transaction began, or since its last statement; null where this role may not see it. */
  readonly seconds: number | null;
  /** What ends it. */
  readonly command: string;
}

type Kind = keyof typeof lockClass | keyof typeof single;

interface Row extends Omit<LockHolder, 'locks' | 'command'> {
  readonly locks: readonly (readonly [lockClass: number, second: number])[];
}

/**
 * Seconds for which a lock may be held. Others hold none of those that workers need; the API on a pool of the caller's
 * holds `accept` and `setup` for a moment, and `delta` and `consumer` for as long as it exports or reads.
 */
const PATIENCE = {
  ours: {
    shard: 60,
    link: 60,
    slot: 1_200,
    single: 60,
    doorbell: Infinity,
    setup: 3_600,
    accept: 60,
    clock: 60,
    audit: 600,
    rank: 1_200,
    delta: Infinity,
    consumer: Infinity,
  },
  others: {
    shard: 0,
    link: 0,
    slot: 0,
    single: 0,
    doorbell: 0,
    setup: 2,
    accept: 2,
    clock: 0,
    audit: 0,
    rank: 0,
    delta: Infinity,
    consumer: Infinity,
  },
} as const satisfies Record<string, Readonly<Record<Kind, number>>>;
const OURS = /^segmentd( |$)/;

/** Empty when no session is in the way. */
export async function lockHolders(database: Queryable): Promise<readonly LockHolder[]> {
  const { rows } = await database.query<Row>({ ...statement('lock-holder'), values: [Object.values(lockClass)] });
  return rows.flatMap((row) => {
    const patience = PATIENCE[OURS.test(row.application) ? 'ours' : 'others'];
    const held = row.locks.filter(
      ([first, second]) => (row.seconds ?? Number.MAX_VALUE) >= patience[kindOf(first, second)],
    );
    if (held.length === 0) return [];
    const { pid, role, application, address, prepared, granted, seconds } = row;
    const command =
      pid === null
        ? `rollback prepared '${(prepared ?? '').replaceAll("'", "''")}';`
        : `select pg_terminate_backend(${pid});`;
    return [
      {
        pid,
        role,
        application,
        address,
        prepared,
        granted,
        seconds,
        locks: held.map(([first, second]) => nameOf(first, second)),
        command,
      },
    ];
  });
}

/** For doctor and status. */
export function lockSentence(holder: LockHolder): string {
  const { pid, role, application, address, prepared, locks, granted, seconds } = holder;
  const who = pid === null ? `The prepared transaction ${JSON.stringify(prepared ?? '')}` : `Process ${pid}`;
  const facts = [
    `role ${JSON.stringify(role ?? '')}`,
    ...(application === '' ? [] : [`application ${JSON.stringify(application)}`]),
    ...(address === null ? [] : [`from ${address}`]),
  ].join(', ');
  const rest = locks.length - SHOWN;
  const which = `${locks.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const since = seconds === null ? '' : ` for ${Math.max(0, Math.round(seconds))} s`;
  return `${who} (${facts}) ${granted ? 'holds' : 'waits for'} locks of segmentd${since} (${which}): the work that needs them waits.`;
}

const SHOWN = 5;

const NAME_OF_CLASS = new Map<number, keyof typeof lockClass>(
  Object.entries(lockClass).map(([name, number]) => [number, name as keyof typeof lockClass]),
);
const NAME_OF_SINGLE = new Map<number, keyof typeof single>(
  Object.entries(single).map(([name, number]) => [number, name as keyof typeof single]),
);

function kindOf(first: number, second: number): Kind {
  const name = NAME_OF_CLASS.get(first) ?? 'single';
  return name === 'single' ? (NAME_OF_SINGLE.get(second) ?? 'single') : name;
}

function nameOf(first: number, second: number): string {
  const kind = kindOf(first, second);
  return kind in single ? kind : kind === 'single' ? `single ${second}` : `${kind} ${second}`;
}
