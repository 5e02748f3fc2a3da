/** Errors of our DDL name their cause: an event trigger of the team by its name, others with Postgres' own words. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runStep } from '../../src/capture/run-step.ts';
import { sql } from '../../src/compile/fragment.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { createWorld, type World } from './cli-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

async function guarded(body: string, work: () => Promise<void>): Promise<void> {
  await world.database.query(
    `create function public.no_ddl() returns event_trigger language plpgsql as $$ begin ${body}; end $$`,
  );
  await world.database.query(
    `create event trigger "guard of DDL" on ddl_command_start execute function public.no_ddl()`,
  );
  try {
    await work();
  } finally {
    await world.database.query('drop event trigger "guard of DDL"');
    await world.database.query('drop function public.no_ddl()');
  }
}

const BODIES = [
  ['P0001', `raise exception 'no DDL on Fridays'`, 'no DDL on Fridays'],
  ['42P01', 'perform 1 from ddl_log', 'relation "ddl_log" does not exist'],
  ['42501', `raise insufficient_privilege using message = 'ask the DBA'`, 'ask the DBA'],
  ['22012', 'perform 1 / 0', 'division by zero'],
] as const;

test.each(BODIES)(
  'migrate: an event trigger that raises %s is named, with its words and what to do',
  async (code, body, words) => {
    await guarded(body, async () => {
      const { code: exit, stderr } = await world.run('migrate');
      expect(exit).toBe(1);
      expect(stderr).toContain(
        `The event trigger "guard of DDL" of this database failed in public.no_ddl() (SQLSTATE ${code}): ${words}`,
      );
      expect(stderr).toContain('alter event trigger "guard of DDL" disable;');
      expect(stderr).not.toContain('migrate` first');
    });
  },
);

test.each(BODIES)('install and uninstall: the same for %s', async (code, body, words) => {
  expect((await world.run('migrate')).code).toBe(0);
  await guarded(body, async () => {
    expect((await world.run('install')).stderr).toContain(
      `The event trigger "guard of DDL" of this database failed in public.no_ddl() (SQLSTATE ${code}): ${words}`,
    );
  });
  expect((await world.run('install')).code).toBe(0);
  await guarded(body, async () => {
    expect((await world.run('uninstall')).stderr).toContain(`(SQLSTATE ${code}): ${words}`);
  });
  expect((await world.run('uninstall')).code).toBe(0);
});

test('an internal error is not tried again, nor blamed on a transaction that holds the table', async () => {
  const pool = await openPool(world.database.url, { max: 1 });
  const client = await pool.connect();
  let tries = 0;
  const finish = (): Promise<never> => {
    tries += 1;
    return Promise.reject(
      Object.assign(new Error('cache lookup failed for function 7'), { code: 'XX000', routine: 'fmgr_info' }),
    );
  };
  try {
    const step = {
      title: 'public.contacts',
      tables: [],
      locksOutWriters: false,
      commands: [sql`select`],
      changes: [],
      finish,
      closing: undefined,
    };
    await expect(runStep(client, step, 60_000)).rejects.toThrow('cache lookup failed for function 7');
    expect(tries).toBe(1);
  } finally {
    client.release();
    await pool.end();
  }
});
