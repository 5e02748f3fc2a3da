/** One answer to "is this version acceptable?": the API, files of `apply` and the worker give the same issues for the same input. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Issue } from '../../src/condition/issue.ts';
import { RefusedCondition } from '../../src/condition/refused-condition.ts';
import { applyFolder } from '../../src/definition/apply.ts';
import { createSegment } from '../../src/segment/create-segment.ts';
import { createWorld, type World } from '../support/world.ts';

vi.setConfig({ testTimeout: 60_000 });

let world: World;
let folder: string;
beforeAll(async () => {
  world = await createWorld();
  folder = await mkdtemp(join(tmpdir(), 'segments-'));
});
beforeEach(() => world.begin(`insert into contacts (id, country, age) values (1, 'ES', 20)`));
afterAll(async () => {
  await rm(folder, { recursive: true });
  await world.end();
});

const SPANISH = { '==': [{ var: 'country' }, 'ES'] };
const MISSPELT = { '==': [{ var: 'contry' }, 'ES'] };

interface Input {
  readonly condition?: unknown;
  readonly timezone?: string;
  readonly kind?: 'static';
}

const issuesOf = (error: unknown): readonly Issue[] => {
  if (!(error instanceof RefusedCondition)) throw error;
  return error.issues;
};

async function byApi(key: string, input: Input): Promise<readonly Issue[]> {
  return createSegment(world.pool, world.catalogue, { key, ...input }).then(() => [], issuesOf);
}

/** Pointers lead into the file; this takes them back to the condition. */
async function byFile(key: string, input: Input): Promise<readonly Issue[]> {
  const path = join(folder, `${key}.json`);
  await writeFile(path, JSON.stringify(input));
  try {
    const issues = await applyFolder(world.pool, world.catalogue, folder, { dryRun: true }).then(() => [], issuesOf);
    return issues.map(({ pointer, ...issue }) => ({
      pointer: pointer.replace(/^.*#(\/condition|\/timezone)/, ''),
      ...issue,
    }));
  } finally {
    await rm(path);
  }
}

async function bySql(key: string, { condition, timezone, kind }: Input): Promise<readonly Issue[]> {
  await world.pool.query(
    `insert into segmentd.segment (key, condition, timezone, kind) values ($1, $2, $3, coalesce($4, 'dynamic'))`,
    [key, condition === undefined ? null : JSON.stringify(condition), timezone ?? null, kind ?? null],
  );
  await world.code.acceptVersions(world.pool, world.catalogue);
  const { state, error } = await world.state(key);
  expect(state).toBe('invalid');
  return (error as { issues: readonly Issue[] }).issues;
}

const sorted = (issues: readonly Issue[]): readonly Issue[] =>
  issues
    .map(({ code, pointer, message, hint }) => ({ code, pointer, message, ...(hint === undefined ? {} : { hint }) }))
    .toSorted((a, b) => a.code.localeCompare(b.code));

test.each<[string, Input, readonly string[]]>([
  ['a time zone that is not one', { condition: SPANISH, timezone: 'Mars/Olympus' }, ['unknown-timezone']],
  ['an offset in place of a time zone', { condition: SPANISH, timezone: '+02:00' }, ['unknown-timezone']],
  [
    'a time zone that is not one, of a static segment',
    { kind: 'static', timezone: 'Mars/Olympus' },
    ['unknown-timezone'],
  ],
  ['a field that is not there', { condition: MISSPELT }, ['unknown-field']],
  ['two mistakes', { condition: MISSPELT, timezone: 'Mars/Olympus' }, ['unknown-field', 'unknown-timezone']],
  ['a segment that is not there', { condition: { in_segment: ['nowhere'] } }, ['unknown-segment']],
  ['a segment that reads itself', { condition: { in_segment: ['same'] } }, ['cycle']],
])('%s gets the same issues by the API, by a file and by plain SQL', async (_, input, codes) => {
  const api = sorted(await byApi('same', input));
  expect(api.map(({ code }) => code)).toEqual(codes);
  expect(sorted(await byFile('same', input))).toEqual(api);
  expect(sorted(await bySql('same', input))).toEqual(api);
});
