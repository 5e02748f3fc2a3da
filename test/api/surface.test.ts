/** The API has every verb of the command line, and every public method says what it does. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { VERBS } from '../../src/cli/verb-list.ts';
import { createSegmentd, createWorker } from '../../src/index.ts';

const FOLDER = fileURLToPath(new URL('../../src/api/', import.meta.url));

/** The part and the method of each verb. */
const METHODS: Readonly<Record<string, string>> = {
  init: 'admin.introspect',
  migrate: 'admin.migrate',
  install: 'admin.install',
  uninstall: 'admin.uninstall',
  'grant-reader': 'admin.grantReader',
  doctor: 'admin.doctor',
  run: 'worker',
  wait: 'admin.wait',
  fields: 'admin.fields',
  preview: 'segments.preview',
  create: 'segments.create',
  edit: 'segments.edit',
  duplicate: 'segments.duplicate',
  restore: 'segments.restore',
  apply: 'definitions.apply',
  pull: 'definitions.pull',
  list: 'segments.list',
  show: 'segments.show',
  versions: 'segments.versions',
  'where-used': 'segments.uses',
  describe: 'segments.describe',
  sql: 'segments.sql',
  status: 'admin.status',
  delete: 'segments.delete',
  pause: 'segments.pause',
  resume: 'segments.resume',
  archive: 'segments.archive',
  add: 'overrides.add',
  remove: 'overrides.remove',
  include: 'overrides.include',
  exclude: 'overrides.exclude',
  reset: 'overrides.reset',
  overrides: 'overrides.list',
  members: 'members.list',
  'segments-of': 'members.segmentsOf',
  history: 'members.history',
  'as-of': 'members.asOf',
  overlap: 'members.overlap',
  explain: 'segments.explain',
  export: 'exports.write',
  rank: 'ranks.compute',
  'schedule add': 'schedules.add',
  'schedule edit': 'schedules.edit',
  'schedule pause': 'schedules.edit',
  'schedule resume': 'schedules.edit',
  'schedule list': 'schedules.list',
  'schedule run': 'schedules.run',
  'schedule runs': 'schedules.runs',
  'schedule remove': 'schedules.remove',
  'token add': 'access.addToken',
  'token list': 'access.listTokens',
  'token remove': 'access.removeToken',
  audit: 'access.audit',
  feed: 'feed.events',
  rebuild: 'segments.rebuild',
  verify: 'admin.verify',
  forget: 'admin.forget',
};
/** A worker with a shop around it, a script for a shell, a server: nothing for a program to call. */
const NOT_CALLED = new Set(['dev', 'completion', 'serve']);

async function verbs(): Promise<string[]> {
  const program = new Command();
  for (const { name, load } of VERBS) (await load())(program.command(name), () => async () => {});
  return program.commands.flatMap((one) =>
    one.commands.length > 0 ? one.commands.map((inner) => `${one.name()} ${inner.name()}`) : [one.name()],
  );
}

test('every verb of the command line is a method of the API', async () => {
  const found = (await verbs()).filter((verb) => !NOT_CALLED.has(verb));
  expect(found.toSorted()).toEqual(Object.keys(METHODS).toSorted());
  await using segmentd = createSegmentd({ databaseUrl: 'postgres://localhost/none' });
  const methodAt = (path: string): unknown =>
    path
      .split('.')
      .reduce<unknown>((part, name) => (part as Readonly<Record<string, unknown>> | undefined)?.[name], segmentd);
  expect(Object.values(METHODS).filter((path) => typeof methodAt(path) !== 'function')).toEqual([]);
  expect(createWorker).toBeTypeOf('function');
});

test('every method is documented', () => {
  const bare: string[] = [];
  let methods = 0;
  for (const file of readdirSync(FOLDER).filter((name) => !name.startsWith('input'))) {
    const lines = readFileSync(`${FOLDER}${file}`, 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      const name =
        /^ {2}(?!if |for |while |switch )(?:protected )?(?:async )?\*?(\[?\w[\w.]*\]?)(?:<.*>)?\(.*\).*\{$/.exec(
          line,
        )?.[1];
      if (name === undefined || name === 'constructor') continue;
      methods += 1;
      if (!(lines[index - 1] ?? '').trimEnd().endsWith('*/')) bare.push(`${file}: ${name}`);
    }
  }
  expect(methods).toBeGreaterThan(50);
  expect(bare).toEqual([]);
});
