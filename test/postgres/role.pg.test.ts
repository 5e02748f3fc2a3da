/**
 * The whole of what each role may do to each object, asked of the catalogue and held against a table that is written
 * here: a new table, view, function or sequence without a line fails. Then a worker, an editor and a reader at work.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { createSegmentd, Failure } from '../../src/index.ts';
import { statement } from '../../src/postgres/sql-file.ts';
import { cli } from '../cli/in-process.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { until } from '../support/until.ts';

const ROLES = ['owner', 'worker', 'editor', 'viewer', 'reader', 'public'] as const;
const COLUMNS = 'name,description,kind,condition,timezone,tags,wanted_state,confirmed_version';

const CONTACT_COLUMNS = 'r(id,email,country,age,tags,created_at)';
const ORDER_COLUMNS = 'r(id,contact_id,status,total,placed_at)';

/** Of each role in the order of ROLES. r select, a insert, w update, d delete, D truncate; in brackets: these columns alone. */
const RELATIONS: Readonly<Record<string, string>> = {
  'internal.action_log': 'rawdD - - - - -',
  'internal.api_token': 'rawdD - - - - -',
  'internal.audit': 'rawdD rawd r r - -',
  'internal.build': 'rawdD rawd r r - -',
  catalogue: 'rawdD r r r r -',
  'internal.catalogue': 'rawdD r r r - -',
  'internal.change': 'rawdD rawd r r - -',
  'internal.clock': 'rawdD rw r r - -',
  'internal.column_grant': 'rawdD r r - - -',
  'internal.edge': 'rawdD rawd r r - -',
  'internal.export_change': 'rawdD rawd rawd - - -',
  'internal.export_delta': 'rawdD rawd rawd r - -',
  'internal.export_run': 'rawdD rawd rawd r - -',
  'internal.feed_consumer': 'rawdD r rawd - - -',
  'internal.installation': 'rawdD rw r r - -',
  'internal.key_change': 'rawdD rawd r - - -',
  member: 'rawdD r r r r -',
  'internal.member_count': 'rawdD rawd r r - -',
  member_event: 'rawdD r r r r -',
  membership: 'rawdD rawd r r r -',
  membership_event: 'rawdD ra r r r -',
  'internal.membership_event_YYYYMM': 'rawdD r r - - -',
  'internal.membership_event_rest': 'rawdD r r - - -',
  membership_period: 'rawdD r r r r -',
  'internal.migration': 'rawdD r r r - -',
  'internal.object_file': 'rawdD r r - - -',
  contact_rank: 'rawdD rawd r r r -',
  'internal.rank': 'rawdD rawd ra(name,asked,asked_at)w(asked,asked_at) r - -',
  rank_status: 'rawdD r r r r -',
  'internal.rebuild_request': 'rawdD rawd ra r - -',
  'internal.recheck': 'rawdD rawd r r - -',
  'internal.schedule': 'rawdD rawd rawd r - -',
  segment: `rawdD rw ra(key,${COLUMNS})w(${COLUMNS})d r r -`,
  'internal.segment_edge': 'rawdD rawd r r - -',
  segment_size: 'rawdD r r r r -',
  segment_status: 'rawdD r r r r -',
  segment_version: 'rawdD rawd r r r -',
  'internal.day_change': 'rawdD r r r - -',
  'internal.size_day': 'rawdD r r r - -',
  'internal.source': 'rawdD rw r r - -',
  'internal.source_column': 'rawdD r r r - -',
  'internal.stage': 'rawdD radD r - - -',
  'internal.stage_chunk': 'rawdD radD r - - -',
  'internal.trouble': 'rawdD rawd r r - -',
  override: 'rawdD rawd rawd r r -',
  'internal.web_session': 'rawdD - - - - -',
  'internal.worker': 'rawdD rawd r r - -',
  'internal.page_hint': 'rawdD rawd r - - -',
  'internal.repeatable_request': 'rawdD r(created_at)d - - - -',
  // The team's: none of the roles may write them.
  'public.contacts': `${CONTACT_COLUMNS} ${CONTACT_COLUMNS} ${CONTACT_COLUMNS} ${CONTACT_COLUMNS} - -`,
  'public.orders': `${ORDER_COLUMNS} ${ORDER_COLUMNS} ${ORDER_COLUMNS} ${ORDER_COLUMNS} - -`,
  'public.payroll': '- - - - - -',
};

/** Who may execute it. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  'internal.author()': 'owner',
  'internal.capture_N_delete_row()': 'owner',
  'internal.capture_N_insert_row()': 'owner',
  'internal.capture_N_truncate()': 'owner',
  'internal.capture_N_update_row()': 'owner',
  'internal.clock()': 'owner worker editor viewer',
  'internal.condition_fault(condition jsonb)': 'owner worker editor viewer reader public',
  // One for each type.
  'internal.differs(T)': 'owner',
  'internal.doorbell()': 'owner worker editor',
  'internal.events_reach(at timestamp with time zone)': 'owner worker editor viewer reader',
  'internal.hand_over()': 'owner',
  'instant()': 'owner worker editor viewer',
  'internal.is_followed(state text)': 'owner worker editor viewer reader public',
  'internal.is_worker()': 'owner',
  'json_date(value text)': 'owner worker editor viewer reader public',
  'internal.json_depth(brackets text)': 'owner worker editor viewer reader public',
  'json_instant(value text)': 'owner worker editor viewer reader public',
  'text_number(value text)': 'owner worker editor viewer reader public',
  'text_timestamp(value text, format text)': 'owner worker editor viewer reader public',
  'internal.link_shard(link text)': 'owner',
  'members_as_of(key text, at timestamp with time zone)': 'owner worker editor viewer reader',
  'move_decisions(from_contact segmentd.contact_key, to_contact segmentd.contact_key)': 'owner editor',
  'internal.note_action(action text, segment text, contact segmentd.contact_key, detail jsonb)': 'owner editor viewer',
  'internal.export_noted()': 'owner',
  'internal.override_noted()': 'owner',
  'internal.schedule_noted()': 'owner',
  'internal.segment_noted()': 'owner',
  'internal.token_noted()': 'owner',
  'internal.prune_actions(keep_days integer)': 'owner worker',
  'internal.open_event_months(at timestamp with time zone)': 'owner worker',
  'internal.events_needed(condition jsonb)': 'owner worker editor viewer reader public',
  'internal.events_needed_since()': 'owner',
  'internal.prune_events(keep_months integer, OUT dropped integer, OUT deleted integer)': 'owner worker',
  'internal.request_before()': 'owner',
  'internal.row_hint()': 'owner',
  'internal.segment_after()': 'owner',
  'internal.segment_before()': 'owner',
  'internal.segment_delete()': 'owner',
  'internal.segment_hint()': 'owner',
  'segment_exists(key text)': 'owner worker editor viewer reader',
  'internal.segment_in_use()': 'owner',
  'internal.segment_truncate()': 'owner',
  'internal.segments_read(condition jsonb)': 'owner worker editor viewer reader public',
  'internal.shard(key text)': 'owner worker editor viewer',
  'internal.close_size_day()': 'owner',
  'internal.fold_size_days(most integer)': 'owner worker',
  'size_at(key text, at timestamp with time zone)': 'owner worker editor viewer reader',
  'size_series(key text, first_day date, last_day date)': 'owner worker editor viewer reader',
  'internal.slot(id integer)': 'owner worker editor',
  'internal.override_truncate()': 'owner',
  'internal.override_written()': 'owner',
};

let world: World;
/** A login role that is a member of segmentd_… */
const login = (role: string): string => `${role}_${world.database.name}`;
const urlOf = (role: string): string => {
  const url = new URL(world.database.url);
  url.username = login(role);
  url.password = 'p';
  return url.href;
};

beforeAll(async () => {
  world = await createWorld();
  await world.database.query('create table public.payroll (id int primary key, salary int)');
  for (const verb of ['migrate', 'install', 'migrate'])
    expect(await world.run(verb)).toMatchObject({ code: 0, stderr: '' });
  // Roles belong to the server: other databases of this run are not for these.
  for (const role of ['worker', 'editor', 'reader', 'stranger'])
    await world.database.query(`create role ${login(role)} login password 'p'`);
  for (const role of ['worker', 'editor', 'reader'])
    await world.database.query(`grant segmentd_${role} to ${login(role)}`);
});
afterAll(async () => {
  for (const role of ['worker', 'editor', 'reader', 'stranger'])
    await world.database.query(`drop owned by ${login(role)}; drop role ${login(role)}`);
  await world.end();
});

/** What everybody may is asked of a role that was granted nothing. */
const grantee = (role: string): string => (role === 'public' ? login('stranger') : `segmentd_${role}`);
const plainName = (name: string): string =>
  name
    .replace(/_\d{6}$/, '_YYYYMM')
    .replace(/^internal\.capture_\d+_/, 'internal.capture_N_')
    .replace(/^internal\.differs\(.*$/, 'internal.differs(T)');

describe('the matrix', () => {
  test('tables and views', async () => {
    const found = new Map<string, Map<string, string>>();
    for (const role of ROLES) {
      const rows = await world.database.query<{ name: string; rights: string }>(
        `select case n.nspname when 'segmentd' then '' when 'segmentd_internal' then 'internal.' else 'public.' end || c.relname as name,
           concat_ws('', case when has_table_privilege($1, c.oid, 'select') then 'r' else (
               select 'r(' || string_agg(a.attname, ',' order by a.attnum) || ')' from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and has_column_privilege($1, c.oid, a.attnum, 'select')) end, w.insert, w.update,
             case when has_table_privilege($1, c.oid, 'delete') then 'd' end, case when has_table_privilege($1, c.oid, 'truncate') then 'D' end) as rights
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         cross join lateral (
           select case when has_table_privilege($1, c.oid, 'insert') then 'a' else (
               select 'a(' || string_agg(a.attname, ',' order by array_position(array['key','name','description','kind','condition','timezone','tags','wanted_state','confirmed_version'], a.attname::text), a.attname) || ')'
               from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and has_column_privilege($1, c.oid, a.attnum, 'insert')) end as insert,
             case when has_table_privilege($1, c.oid, 'update') then 'w' else (
               select 'w(' || string_agg(a.attname, ',' order by array_position(array['key','name','description','kind','condition','timezone','tags','wanted_state','confirmed_version'], a.attname::text), a.attname) || ')'
               from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and has_column_privilege($1, c.oid, a.attnum, 'update')) end as update
         ) w
         where n.nspname in ('segmentd', 'segmentd_internal', 'public') and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
        [grantee(role)],
      );
      for (const { name, rights } of rows)
        found.set(plainName(name), (found.get(plainName(name)) ?? new Map<string, string>()).set(role, rights || '-'));
    }
    const matrix = Object.fromEntries(
      [...found].map(([name, rights]) => [name, ROLES.map((role) => rights.get(role)).join(' ')]),
    );
    expect(matrix).toEqual(RELATIONS);
  });

  test('functions, sequences, the schema', async () => {
    const functions = new Map<string, string[]>();
    for (const role of ROLES) {
      const rows = await world.database.query<{ name: string; may: boolean }>(
        `select case p.pronamespace when 'segmentd'::regnamespace then '' else 'internal.' end || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
           has_function_privilege($1, p.oid, 'execute') as may
         from pg_proc p where p.pronamespace in ('segmentd'::regnamespace, 'segmentd_internal'::regnamespace)`,
        [grantee(role)],
      );
      for (const { name, may } of rows) {
        const plain = plainName(name);
        functions.set(plain, [...new Set([...(functions.get(plain) ?? []), ...(may ? [role] : [])])]);
      }
      const sequences = await world.database.query<{ may: boolean }>(
        `select has_sequence_privilege($1, c.oid, 'usage') or has_sequence_privilege($1, c.oid, 'update') as may
         from pg_class c where c.relnamespace in ('segmentd'::regnamespace, 'segmentd_internal'::regnamespace) and c.relkind = 'S'`,
        [grantee(role)],
      );
      expect([role, new Set(sequences.map((row) => row.may))]).toEqual([role, new Set([role === 'owner'])]);
      const [schema] = await world.database.query(
        `select has_schema_privilege($1, 'segmentd', 'usage') as usage, has_schema_privilege($1, 'segmentd_internal', 'usage') as internal,
        has_schema_privilege($1, 'segmentd', 'create') or has_schema_privilege($1, 'segmentd_internal', 'create') as create,
        has_schema_privilege($1, 'segmentd_queue', 'usage') as queue`,
        [grantee(role)],
      );
      expect([role, schema]).toEqual([
        role,
        {
          usage: role !== 'public',
          internal: role !== 'public' && role !== 'reader',
          create: role === 'owner',
          queue: role === 'owner' || role === 'worker',
        },
      ]);
    }
    expect(Object.fromEntries([...functions].map(([name, roles]) => [name, roles.join(' ')]))).toEqual(FUNCTIONS);
  });

  test('no role may take over, maintain or refer to objects of others', async () => {
    const rights = [
      'references',
      'trigger',
      ...(Number(
        (await world.database.query<{ n: string }>(`select current_setting('server_version_num') as n`))[0]?.n,
      ) >= 170_000
        ? ['maintain']
        : []),
    ];
    for (const role of ['worker', 'editor', 'viewer', 'reader', 'public']) {
      const rows = await world.database.query(
        `select c.relname from pg_class c where c.relnamespace in ('segmentd'::regnamespace, 'segmentd_internal'::regnamespace, 'public'::regnamespace) and c.relkind in ('r', 'p', 'v')
           and has_table_privilege($1, c.oid, $2)`,
        [grantee(role), rights.join(', ')],
      );
      expect([role, rows]).toEqual([role, []]);
    }
  });
});

describe('at work', () => {
  const as = (role: string, ...argv: string[]) =>
    cli(argv, { cwd: world.folder, env: { DATABASE_URL: urlOf(role), SEGMENTD_LOG_LEVEL: 'warn' } });

  test("a build of another worker's login is not taken for dead", async () => {
    await world.database.query(
      `create role ${login('deputy')} login password 'p'; grant segmentd_worker to ${login('deputy')}`,
    );
    const [mine, theirs] = [
      new pg.Client({ connectionString: urlOf('worker') }),
      new pg.Client({ connectionString: urlOf('deputy') }),
    ];
    try {
      await Promise.all([mine.connect(), theirs.connect()]);
      await world.database.query(`insert into segmentd.segment (key, condition) values ('shared', 'true')`);
      await world.database.query(`update segmentd.segment_version set state = 'accepted'`);
      const owed = async (): Promise<unknown[]> =>
        (await theirs.query<{ key: string }>({ ...statement('owed-build'), values: [[], 10] })).rows.map(
          ({ key }) => key,
        );
      expect(await owed()).toEqual(['shared']);
      await mine.query(`insert into segmentd_internal.build (segment_id, epoch, version, owner, lease_until, phase)
        select s.id, 1, 1, a.pid || ' ' || a.backend_start, clock_timestamp() + interval '1 hour', 'staging'
        from segmentd.segment s, pg_stat_activity a where s.key = 'shared' and a.pid = pg_backend_pid()`);
      expect(await owed()).toEqual([]);
      await mine.end();
      await until(async () => (await owed()).length > 0);
    } finally {
      await Promise.allSettled([mine.end(), theirs.end()]);
      await world.database.query(
        `delete from segmentd_internal.build; delete from segmentd.segment_version; alter table segmentd.segment disable trigger all; delete from segmentd.segment; alter table segmentd.segment enable trigger all`,
      );
      await world.database.query(`drop owned by ${login('deputy')}; drop role ${login('deputy')}`);
    }
  });

  test(
    'an editor makes and edits segments, a worker keeps them, a reader reads them',
    { timeout: 60_000 },
    async () => {
      const config = `${world.folder}/segmentd.yaml`;
      await using worker = createSegmentd({ databaseUrl: urlOf('worker'), config }).worker({
        auditPeriod: 1_000,
        exportFolder: world.folder,
      });
      const errors: unknown[] = [];
      worker.events.on('error', ({ error }) => errors.push(error));
      await worker.start();
      await world.file('es.json', {
        and: [
          { '==': [{ var: 'country' }, 'ES'] },
          { some: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 3, 'day'] }] },
        ],
      });
      await world.file('pt.json', { '==': [{ var: 'country' }, 'PT'] });
      expect(await as('editor', 'create', 'es', '--condition', 'es.json', '--wait')).toMatchObject({ code: 0 });
      await using editor = createSegmentd({ databaseUrl: urlOf('editor'), config });
      await (
        await editor.pool()
      ).query(`insert into segmentd.segment (key, name, condition) values ('everybody', 'Everybody', 'true')`);
      await editor.segments.untilLive('everybody');
      expect(await as('editor', 'edit', 'es', '--condition', 'pt.json', '--wait')).toMatchObject({
        code: 0,
        stderr: '',
      });
      await world.database.query(`insert into public.contacts (country) values ('PT')`);
      await editor.admin.wait();
      await using reader = createSegmentd({ databaseUrl: urlOf('reader') });
      const pool = await reader.pool();
      expect((await pool.query('select members::int from segmentd.segment_status order by key')).rows).toEqual([
        { members: 2 },
        { members: 5 },
      ]);
      expect(
        (await pool.query(`select contact_id from segmentd.member where segment_key = 'es' order by 1`)).rows,
      ).toHaveLength(2);
      expect((await pool.query(`select segmentd.members_as_of('es', clock_timestamp())`)).rows).toHaveLength(2);
      for (const verb of [
        ['rebuild', 'es'],
        ['preview', '--condition', 'es.json'],
        ['explain', 'es', '1'],
        ['pause', 'es'],
        ['resume', 'es'],
        ['export', 'es', '--columns', 'contact_id,email'],
        ['list'],
        ['show', 'es'],
        ['verify'],
      ]) {
        expect([verb, await as('editor', ...verb)]).toEqual([verb, expect.objectContaining({ code: 0, stderr: '' })]);
        // The worker carries out a resume; before that an export says that the segment is paused.
        if (verb[0] === 'resume') await editor.segments.untilLive('es');
      }
      await editor.schedules.add({ key: 'everybody', cron: '0 6 * * *' });
      await editor.schedules.untilRun(await editor.schedules.run(1));
      await editor.admin.wait();
      await editor.segments.delete('es');
      await until(
        async () => (await pool.query(`select from segmentd.segment where key = 'es' and state = 'deleted'`)).rowCount,
      );
      expect((await editor.admin.verify()).map(({ key, missing, extra }) => ({ key, missing, extra }))).toEqual([
        { key: 'everybody', missing: [], extra: [] },
      ]);
      expect(errors).toEqual([]);
      expect(await as('worker', 'run', '--once')).toMatchObject({ code: 0, stderr: '' });
    },
  );

  test('a queue that a role may not read is not reported as broken', async () => {
    for (const role of ['editor', 'reader']) {
      const status = await as(role, 'status');
      expect(
        status.stdout.split('\n').filter((line) => line.startsWith('queue:')),
        role,
      ).toEqual(role === 'editor' ? ['queue: postgres, this role may not look into it'] : []);
    }
    expect(JSON.parse((await as('editor', 'status', '--json')).stdout)).toMatchObject({
      queue: { backend: 'postgres', ok: false, hidden: true, waiting: 0 },
    });
    const doctor = await as('editor', 'doctor');
    expect(doctor.stdout).toMatch(
      /^ok {4}The queue of rebuilds is on Postgres; this role may not read it; the role of the worker must\.\n(?! )/m,
    );
    expect(doctor.stdout).not.toMatch(/42501/);
    expect(doctor.stdout).not.toMatch(/^fail/m);
    expect(JSON.parse((await as('worker', 'status', '--json')).stdout)).toMatchObject({ queue: { ok: true } });
  });

  test('an editor cannot pass for a worker, and no role but the worker writes membership', async () => {
    const pool = await createSegmentd({ databaseUrl: urlOf('editor') }).pool();
    try {
      const client = await pool.connect();
      try {
        await client.query(`set segmentd.worker = 'on'`);
        await client.query(`insert into segmentd.segment (key, condition) values ('sly', 'true')`);
        await client.query(`delete from segmentd.segment where key = 'sly'`);
        expect((await client.query(`select wanted_state from segmentd.segment where key = 'sly'`)).rows).toEqual([
          { wanted_state: 'deleted' },
        ]);
        for (const text of [
          `update segmentd.segment set state = 'live'`,
          `insert into segmentd.membership (segment_id, contact_id, entered_at) values (1, 1, now())`,
          'delete from segmentd.membership',
          'delete from segmentd.membership_event',
          'update segmentd_internal.member_count set members = 0',
          'truncate segmentd.segment',
          'select segmentd_internal.prune_events(0)',
          `update public.contacts set country = 'ES'`,
        ]) {
          await expect(client.query(text), text).rejects.toMatchObject({ code: '42501' });
        }
      } finally {
        client.release();
      }
    } finally {
      await pool.end();
    }
  });

  test('an editor cannot set the author or the time of an override', async () => {
    await world.database.query(`insert into segmentd.segment (key, kind) values ('chosen', 'static')`);
    const pool = await createSegmentd({ databaseUrl: urlOf('editor') }).pool();
    try {
      await pool.query(`insert into segmentd.override (segment_id, contact_id, kind, created_by, created_at)
        select s.id, c, 'member', 'the boss', timestamptz '2000-01-01' + c * interval '50 years' from segmentd.segment s, generate_series(1, 2) c where s.key = 'chosen'`);
      const decided = async () =>
        (
          await pool.query<{
            contact: number;
            created_by: string;
            recent: boolean;
          }>(`select w.contact_id::int as contact, w.created_by, w.created_at between clock_timestamp() - interval '1 hour' and clock_timestamp() as recent
          from segmentd.override w join segmentd.segment s on s.id = w.segment_id where s.key = 'chosen' order by 1`)
        ).rows;
      const honest = [1, 2].map((contact) => ({ contact, created_by: login('editor'), recent: true }));
      expect(await decided()).toEqual(honest);
      await pool.query(
        `update segmentd.override set created_by = 'the boss'; update segmentd.override set created_at = '2000-01-01'`,
      );
      expect(await decided()).toEqual(honest);
      await world.database.query(`update segmentd.override set note = 'seen' where contact_id = 2`);
      const [first, second] = await decided();
      expect([first, second?.created_by === login('editor')]).toEqual([honest[0], false]);
    } finally {
      await pool.end();
    }
  });

  test('a role on its own table cannot use our triggers to write the outbox', async () => {
    await world.database.query(`create schema lab authorization ${login('reader')}`);
    const pool = await createSegmentd({ databaseUrl: urlOf('reader') }).pool();
    try {
      await pool.query('create table lab.contacts (id bigint)');
      for (const [event, name] of [
        ['insert on lab.contacts for each row', 'capture_1_insert_row'],
        ['truncate on lab.contacts for each statement', 'capture_1_truncate'],
      ])
        await expect(
          pool.query(`create trigger t after ${event} execute function segmentd_internal.${name}()`),
          name,
        ).rejects.toMatchObject({ code: '42501' });
      for (const text of [
        'select segmentd_internal.prune_events(0)',
        'select segmentd_internal.open_event_months()',
        'select from segmentd_internal.change',
      ])
        await expect(pool.query(text), text).rejects.toMatchObject({ code: '42501' });
    } finally {
      await pool.end();
    }
  });

  test("the team's own roles need no right: not for captured tables, nor where they index our functions", async () => {
    await world.database
      .query(`create table public.note (id int, body jsonb); create index on public.note (segmentd.json_instant(body ->> 'at'));
      create index on public.note (segmentd.text_number(body ->> 'at'), (segmentd.text_timestamp(body ->> 'at', 'YYYY-MM-DD HH:MI:SS')::date));
      grant select, insert, update, delete on public.note, public.contacts to ${login('stranger')}`);
    const pool = await createSegmentd({ databaseUrl: urlOf('stranger') }).pool();
    try {
      await pool.query(
        `insert into public.note values (1, '{"at": "2024-02-29T10:00:00Z"}'), (2, '{"at": "2023-02-29T10:00:00Z"}')`,
      );
      await pool.query(`update public.contacts set country = 'FR' where id = 1`);
    } finally {
      await pool.end();
    }
  });

  test('row security that would hide contacts from a worker: install and run refuse, in one sentence', async () => {
    await world.database
      .query(`revoke connect on database ${world.database.name} from public; grant connect on database ${world.database.name} to ${login('worker')};
      alter table public.orders enable row level security`);
    const sentence = `Row-level security hides rows of public.orders from the role "${login('worker')}", so a worker would treat these contacts as deleted: run \`alter role "${login('worker')}" bypassrls;\`, or work as the owner of the tables.`;
    try {
      expect(await world.run('install')).toEqual({ code: 1, stdout: '', stderr: `segmentd: ${sentence}\n` });
      const run = await as('worker', 'run', '--once');
      expect(run).toEqual({ code: 1, stdout: '', stderr: `segmentd: ${sentence}\n` });
      await using worker = createSegmentd({
        databaseUrl: urlOf('worker'),
        config: `${world.folder}/segmentd.yaml`,
      }).worker();
      await expect(worker.start()).rejects.toThrow(new Failure('permission', sentence));
      await world.database.query(`alter role ${login('worker')} bypassrls`);
      expect(await world.run('install')).toMatchObject({ code: 0, stderr: '' });
      expect(await as('worker', 'run', '--once')).toMatchObject({ code: 0, stderr: '' });
    } finally {
      await world.database.query('alter table public.orders disable row level security');
    }
  });
});
