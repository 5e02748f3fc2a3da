/** The catalogue over HTTP: words of people, known values, and what the checker of a page reads. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogueFromJson, check, describe, type CatalogueJson } from '../../src/condition/condition.ts';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
  await http.world.database.query('analyze');
});
afterAll(() => http.end());

test('names fields and relations in words, and masks what is personal', async () => {
  const { status, body } = await http.ask('GET', '/catalogue', { role: 'viewer' });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    contacts: {
      table: 'public.contacts',
      key: 'id',
      key_type: 'bigint',
      label: 'Contacts',
      display: [
        { field: 'email', label: 'Email', masked: true },
        { field: 'country', label: 'Country', masked: false },
      ],
    },
    timezone: 'Europe/Madrid',
    fields: [
      { name: 'id' },
      { name: 'email', label: 'Email', masked: true, values: null },
      { name: 'country', label: 'Country', type: 'text', nullable: true, values_complete: false },
      { name: 'age' },
      { name: 'tags', type: 'text[]' },
      { name: 'created_at', label: 'Created at', type: 'instant', nullable: false },
    ],
    relations: [{ name: 'orders', label: 'orders', events_at: 'placed_at', through: null }],
  });
});

test('its checker checks and describes a draft as the server does', async () => {
  const { body } = await http.ask('GET', '/catalogue');
  const catalogue = catalogueFromJson((body as { readonly checker: CatalogueJson }).checker);
  const condition = { in: [{ var: 'country' }, ['ES', 'PT']] };
  const checked = check(condition, catalogue);
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  const preview = await http.ask('POST', '/previews', { body: { condition } });
  expect(preview.body).toMatchObject({ description: describe(checked.draft) });
});

test('is not sent again to a reader that has it', async () => {
  const tag = (await http.ask('GET', '/catalogue')).headers.get('etag') ?? '';
  expect(tag).not.toBe('');
  expect(await http.ask('GET', '/catalogue', { headers: { 'if-none-match': tag } })).toMatchObject({ status: 304 });
});
