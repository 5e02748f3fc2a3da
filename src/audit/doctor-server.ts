/**
 * What doctor finds on the server: version, roles and rights, row security, replication, clocks, zones, held snapshots.
 * Reads only.
 */
import { missingAccess } from '../capture/column-access.ts';
import { hiddenFix, hiddenRows, hiddenSentence } from '../capture/hidden-rows.ts';
import type { SourcePlan } from '../capture/source.ts';
import { branchName } from '../capture/table-tree.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, render, sql } from '../compile/fragment.ts';
import { wallClock } from '../condition/local-time.ts';
import type { Queryable } from '../postgres/pool.ts';
import { createRoles, rolesAreLacking } from '../postgres/own-role.ts';
import { statement } from '../postgres/sql-file.ts';
import type { Finding } from './finding.ts';

export interface Patience {
  /** Seconds that a prepared transaction may wait; 600 by default. */
  readonly prepared?: number;
  /** Seconds that a transaction may be open; 3,600 by default. */
  readonly open?: number;
}

/** Newest major version that the tests run on. */
const NEWEST_TESTED = 18;
const PATIENCE = { prepared: 600, open: 3_600 } as const;

interface ServerRow {
  readonly version: string;
  readonly major: number;
  readonly standby: boolean;
  readonly lacking_roles: readonly string[];
  /** Whether `migrate` has made our tables here. */
  readonly migrated: boolean;
  readonly keeps: boolean;
  readonly subscribed: readonly string[];
  readonly replica_roles: readonly (string | null)[];
  readonly replication_role: string;
  readonly prepared: readonly string[];
  readonly long_running: readonly string[];
  readonly idle_slots: readonly string[];
  readonly sees_all: boolean;
  readonly role: string;
}

export async function server(
  database: Queryable,
  catalogue: Catalogue,
  plans: readonly SourcePlan[],
  patience: Patience,
): Promise<readonly Finding[]> {
  const { prepared, open } = { ...PATIENCE, ...patience };
  const { rows } = await database.query<ServerRow>({
    ...statement('doctor-server'),
    values: [plans.map((plan) => plan.table.schema), plans.map((plan) => plan.table.name), prepared, open],
  });
  const [row] = rows;
  if (!row) throw new Error('no row');
  const findings: Finding[] = [
    row.major > NEWEST_TESTED
      ? {
          level: 'warn',
          sentence: `The server is Postgres ${row.version}; segmentd was tested up to ${NEWEST_TESTED}.`,
        }
      : { level: 'ok', sentence: `The server is Postgres ${row.version}.` },
  ];
  const add = (bad: boolean, level: Finding['level'], sentence: string, fix?: string): void => {
    if (bad) findings.push({ level, sentence, ...(fix === undefined ? {} : { fix }) });
  };
  add(
    row.standby,
    'fail',
    'This server is a read-only replica: segmentd must run on the primary.',
    'point DATABASE_URL at the primary',
  );
  add(
    catalogue.foldCollation === undefined,
    'warn',
    'This server has no ICU collations: case-insensitive conditions fold case as the database does, not by Unicode.',
    'use a build of Postgres with ICU',
  );
  add(
    row.keeps,
    'warn',
    'Objects in the schemas of segmentd do not belong to segmentd_owner, so its other members cannot migrate them: a lock was held when they were to be handed over.',
    'segmentd migrate',
  );
  add(
    row.subscribed.length > 0,
    'ok',
    `${row.subscribed.join(', ')} is filled by logical replication: row triggers capture what it writes.`,
  );
  add(
    row.prepared.length > 0,
    'warn',
    `Prepared transactions have been waiting for more than ${span(prepared)} (${row.prepared.slice(0, 5).join(', ')}): what they changed is not visible, and vacuum waits for them.`,
    'select gid, owner, prepared from pg_catalog.pg_prepared_xacts where database = current_database() order by prepared;',
  );
  add(
    row.long_running.length > 0,
    'warn',
    `Transactions have been open for more than ${span(open)} (process ${row.long_running.slice(0, 5).join(', ')}): vacuum cannot clean up behind the outbox.`,
    `select pid, usename, application_name, state, xact_start from pg_catalog.pg_stat_activity where pid in (${row.long_running.slice(0, 5).join(', ')});`,
  );
  add(
    row.idle_slots.length > 0,
    'warn',
    `No process reads the replication slot ${row.idle_slots.join(', ')} now: vacuum and old WAL wait for it. Its reader may be a subscription that is disabled, or a replica that is down; ask its owner before you drop it.`,
    'select slot_name, slot_type, plugin, database, wal_status from pg_catalog.pg_replication_slots where not active;',
  );
  add(
    !row.sees_all,
    'ok',
    "This role does not see other roles' transactions, so long ones go unnoticed here.",
    textOf(sql`grant pg_read_all_stats to ${ident(row.role)};`),
  );
  return [...findings, ...replicationRole(row), ...roles(row), ...(await access(database, plans))];
}

/** The triggers on the team's tables fire always; those of segmentd.segment, as any trigger, do not for a replica. */
function replicationRole({ replica_roles, replication_role, role }: ServerRow): readonly Finding[] {
  const why = 'triggers do not fire then, so segmentd does not notice edits of segments';
  if (replica_roles.length > 0) {
    const [first] = replica_roles;
    const who = replica_roles.map((one) => one ?? 'all roles').join(', ');
    const fix =
      first === null || first === undefined
        ? 'alter role all reset session_replication_role;'
        : textOf(sql`alter role ${ident(first)} reset session_replication_role;`);
    return [{ level: 'warn', sentence: `session_replication_role is set to "replica" for ${who}: ${why}.`, fix }];
  }
  return replication_role === 'replica'
    ? [
        {
          level: 'warn',
          sentence: `This role ("${role}") works with session_replication_role = replica: ${why}.`,
          fix: 'set session_replication_role = origin;',
        },
      ]
    : [];
}

function roles({ lacking_roles: lacking, migrated }: ServerRow): readonly Finding[] {
  if (lacking.length === 0) return [];
  const one = lacking.length === 1;
  const absent = rolesAreLacking(lacking);
  if (!migrated)
    return [
      {
        level: 'warn',
        sentence: `${absent} yet; \`segmentd migrate\` creates ${one ? 'it' : 'them'} if this role may.`,
        fix: 'segmentd migrate',
      },
    ];
  return [
    {
      level: 'warn',
      sentence: `${absent}, and \`segmentd migrate\` could not create ${one ? 'it' : 'them'}.`,
      fix: `${createRoles(lacking)} -- then: segmentd migrate && segmentd install`,
    },
  ];
}

async function access(database: Queryable, plans: readonly SourcePlan[]): Promise<readonly Finding[]> {
  const hidden = (await hiddenRows(database, plans)).map((one): Finding => ({
    level: 'fail',
    sentence: hiddenSentence(one),
    fix: hiddenFix(one),
  }));
  const missing = (await missingAccess(database, plans)).map((one): Finding => {
    const what =
      one.columns.length === 0 ? branchName(one.table) : `${one.columns.join(', ')} of ${branchName(one.table)}`;
    const why = one.revoked ? ': the right was taken back, so `segmentd install` does not grant it again' : '';
    return { level: 'warn', sentence: `The role ${one.role} may not read ${what}${why}.`, fix: one.command };
  });
  return [...hidden, ...missing];
}

/** Seconds that the server's clock and this machine's may differ without a finding. */
const SKEW = 5;

/**
 * Only the server's clock counts, but logs have the time of this machine. Needs the functions that `migrate` creates.
 */
export async function clockSkew(database: Queryable): Promise<readonly Finding[]> {
  const before = Date.now();
  const { rows } = await database.query<{ now: number }>(
    'select extract(epoch from segmentd_internal.clock())::float8 as now',
  );
  const after = Date.now();
  const now = (rows[0]?.now ?? 0) * 1_000;
  const apart = now < before ? before - now : now > after ? now - after : 0;
  if (apart <= SKEW * 1_000) return [];
  const sentence = `The clocks of the server and of this machine are ${Math.round(apart / 1_000)} s apart: contacts enter and leave by the server's, logs have this machine's.`;
  return [{ level: 'warn', sentence, fix: 'timedatectl set-ntp true' }];
}

/** Seconds east of UTC, by this process's own time zone data. */
export type OffsetOf = (zone: string, at: Date) => number | undefined;

const ownOffset: OffsetOf = (zone, at) => {
  const micros = BigInt(at.getTime()) * 1_000n;
  try {
    return Number((wallClock(zone, micros) - micros) / 1_000_000n);
  } catch {
    return undefined;
  }
};

const MONTH_MS = 30.4 * 86_400_000;

/** Postgres decides who is in; `explain` and cron expressions go by this process's zones. */
export async function zones(
  database: Queryable,
  catalogue: Catalogue,
  offsetOf: OffsetOf = ownOffset,
): Promise<readonly Finding[]> {
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const instants = Array.from({ length: 37 }, (_, month) => new Date(now + (month - 12) * MONTH_MS).toISOString());
  const { rows } = await database.query<{ zone: string; at: string; seconds: number }>({
    ...statement('doctor-zone'),
    values: [[catalogue.timezone], instants],
  });
  const different = rows.filter(({ zone, at, seconds }) => offsetOf(zone, new Date(at)) !== seconds);
  return [...new Map(different.map((row) => [row.zone, row])).values()].map(({ zone, at }) => ({
    level: 'warn',
    sentence: `The server and this process have different time zone data for ${zone} (at ${at.slice(0, 10)}, for one): Postgres decides who is in, but \`explain\` and schedules may be off.`,
    fix: 'update the tzdata of the server, or Node',
  }));
}

function span(seconds: number): string {
  return seconds % 3_600 === 0 && seconds > 0
    ? seconds === 3_600
      ? 'an hour'
      : `${seconds / 3_600} hours`
    : seconds % 60 === 0 && seconds > 0
      ? `${seconds / 60} minutes`
      : `${seconds} s`;
}

function textOf(fragment: Parameters<typeof render>[0]): string {
  return render(fragment).text;
}
