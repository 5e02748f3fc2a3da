/** Conditions that query builders wrote, on every way in: what is stored, the notes, and where a refusal points. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
});
afterAll(() => http.end());

const exported = { logic: { and: [{ startsWith: [{ var: 'country' }, 'E'] }] }, data: { country: null }, errors: [] };
const stored = { and: [{ starts_with: [{ var: 'country' }, 'E'] }] };
const notes = [
  { pointer: '', message: '`logic` of the export is the condition.' },
  { pointer: '/logic/and/0', message: '`startsWith` is read as `starts_with`.' },
];
const LINES =
  'note: `logic` of the export is the condition.\nnote /logic/and/0: `startsWith` is read as `starts_with`.\n';
const wrong = { and: [{ startsWith: [{ var: 'contry' }, 'E'] }] };

test('the API stores what it read, and answers with the notes', async () => {
  const created = await http.ask('POST', '/segments', { body: { key: 'made', condition: exported } });
  expect(created).toMatchObject({ status: 201, body: { condition: stored, notes } });
  expect(await http.ask('GET', '/segments/made')).toMatchObject({ body: { condition: stored } });
  await http.world.ok('run', '--once');
  expect(await http.ask('GET', '/segments/made')).toMatchObject({ body: { members: 2 } });
  const body = { condition: { '!': { var: 'country' } }, confirm: true };
  expect(await http.ask('PATCH', '/segments/made', { body, headers: { 'if-match': '*' } })).toMatchObject({
    status: 200,
    body: { condition: { is_empty: [{ var: 'country' }] }, notes: [{ pointer: '' }] },
  });
  const preview = await http.ask('POST', '/previews', { body: { condition: exported } });
  expect(preview).toMatchObject({ status: 200, body: { in: 2, read: { condition: stored, notes } } });
  expect(await http.ask('POST', '/checks', { body: { condition: exported } })).toMatchObject({
    status: 200,
    body: { issues: [], read: { condition: stored, notes } },
  });
  const plain = await http.ask('POST', '/previews', { body: { condition: stored } });
  expect(plain.body).not.toHaveProperty('read');
});

test('a local time is read in the zone of the segment that is edited', async () => {
  const segments = http.segmentd.segments;
  await segments.create({ key: 'zoned', timezone: 'America/Havana', condition: true });
  const condition = { '>': [{ var: 'created_at' }, '2024-07-01T10:00'] };
  expect((await segments.edit('zoned', { condition })).condition).toEqual({
    '>': [{ var: 'created_at' }, '2024-07-01T14:00:00Z'],
  });
  expect((await segments.edit('zoned', { condition, timezone: 'Europe/Madrid' })).condition).toEqual({
    '>': [{ var: 'created_at' }, '2024-07-01T08:00:00Z'],
  });
  await expect(segments.edit('absent', { condition })).rejects.toMatchObject({ code: 'not-found' });
});

test('a refusal points into what was sent', async () => {
  const issues = [{ code: 'unknown-field', pointer: '/and/0/startsWith/0' }];
  const refused = { status: 422, body: { issues } };
  expect(await http.ask('POST', '/segments', { body: { key: 'wrong', condition: wrong } })).toMatchObject(refused);
  expect(await http.ask('POST', '/previews', { body: { condition: wrong } })).toMatchObject(refused);
  const incomplete = { ...exported, errors: ['Operator proximity is not supported'] };
  expect(await http.ask('POST', '/segments', { body: { key: 'wrong', condition: incomplete } })).toMatchObject({
    status: 422,
    body: { issues: [{ code: 'incomplete-export', pointer: '/errors' }] },
  });
});

test('the command line says on stderr how it read a condition', async () => {
  const { world } = http;
  const file = await world.file('exported.json', exported);
  expect(await world.run('describe', '--condition', file)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Country starts with E'),
    stderr: LINES,
  });
  expect(await world.run('create', 'by_file', '--condition', file, '--json')).toMatchObject({ code: 0, stderr: LINES });
  expect(await world.run('edit', 'by_file', '--condition', file, '--yes')).toMatchObject({ code: 0, stderr: LINES });
  for (const verb of ['preview', 'sql'])
    expect(await world.run(verb, '--condition', file), verb).toMatchObject({ code: 0, stderr: LINES });
  const refused = await world.run('create', 'wrong', '--condition', await world.file('wrong.json', wrong));
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('unknown-field at /and/0/startsWith/0') });
});

test('a folder is applied as it is read, again without a change', async () => {
  const { world } = http;
  const { mkdir } = await import('node:fs/promises');
  await mkdir(`${world.folder}/git`);
  await world.file('git/by_git.json', { condition: exported });
  const first = await world.run('apply', 'git', '--json');
  expect(first).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('note by_git.json#/condition/logic/and/0: `startsWith` is read as `starts_with`.'),
  });
  expect(JSON.parse(first.stdout)).toMatchObject({ applied: true, steps: [{ key: 'by_git', action: 'create' }] });
  expect((await http.segmentd.segments.show('by_git')).condition).toEqual(stored);
  expect(JSON.parse((await world.run('apply', 'git', '--json')).stdout)).toMatchObject({ steps: [], unchanged: 1 });
  await world.file('git/wrong.yaml', `condition: ${JSON.stringify(wrong)}\n`);
  expect(await world.run('apply', 'git')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('wrong.yaml#/condition/and/0/startsWith/0'),
  });
});

test('the fields for a query builder are written as JSON', async () => {
  const { world } = http;
  const named = JSON.parse(await world.ok('fields', '--for', 'react-querybuilder')) as readonly { name: string }[];
  expect(named.map(({ name }) => name)).toEqual(expect.arrayContaining(['country', 'tags', 'orders']));
  const typed = JSON.parse(await world.ok('fields', '--for', 'raqb')) as Readonly<Record<string, unknown>>;
  expect(typed).toMatchObject({ age: { type: 'number' }, orders: { type: '!group', mode: 'array' } });
  expect(await world.run('fields', '--for', 'other')).toMatchObject({ code: 2 });
});
