/**
 * A draft tried on one contact: what the evaluator says of each row over the document that Postgres printed, against Postgres' own
 * verdict of the row. Random conditions, random contacts, all operators: no difference, and no row without an answer.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Catalogue, Field } from '../../src/catalogue/catalogue.ts';
import { catalogueFromJson, catalogueToJson, type CatalogueJson } from '../../src/catalogue/catalogue-json.ts';
import type { SqlScope } from '../../src/compile/scope.ts';
import { rowVerdicts } from '../../src/condition/evaluate/row-verdict.ts';
import { operators } from '../../src/condition/operator.ts';
import { contactScope, storedMembership } from '../../src/explain/contact-scope.ts';
import { readTrial, type Trial } from '../../src/explain/trial.ts';
import { random, seed } from '../support/random.ts';
import { others, randomRules, type Rule } from './compare.ts';
import { createFuzzDatabase, type FuzzDatabase } from './fuzz-database.ts';
import { catalogueWith } from './oracle-world.ts';
import { nows } from './pool.ts';

const RULES = 500;
const CONTACTS = 4;

const tried: Rule[] = [];
let fuzz: FuzzDatabase;
beforeAll(async () => {
  console.log(`FUZZ_SEED=${seed()}`);
  fuzz = await createFuzzDatabase({ contacts: 80, orders: 250, items: 300, parts: 200 });
});
afterAll(() => fuzz?.database.drop());

function scopeOf(catalogue: Catalogue, timezone: string): SqlScope {
  const stored = storedMembership(catalogue, (key) => others.get(key) ?? 0);
  return contactScope(catalogue, timezone, stored);
}

async function trialOf(
  catalogue: Catalogue,
  { json, timezone }: Pick<Rule, 'json' | 'timezone'>,
  contact: number,
  at: string,
  isHidden: (field: Field) => boolean = () => false,
): Promise<Trial> {
  const client = await fuzz.database.pool.connect();
  try {
    await client.query(`begin isolation level repeatable read read only; set local timezone = 'UTC'; set local datestyle = 'ISO, YMD';
      set local extra_float_digits = 1`);
    const draft = { json, base: { kind: 'constant', value: true } } as const;
    return await readTrial(client, scopeOf(catalogue, timezone), draft, String(contact), at, isHidden);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** As it reaches a page. */
function sent<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** The rules in groups too, as people write them, so that rows stand at every depth. */
function grouped(rules: readonly Rule[]): readonly Rule[] {
  return rules.map((rule, index) => {
    const [second, third] = [rules[(index + 1) % rules.length], rules[(index + 2) % rules.length]];
    if (index % 4 !== 0 || !second || !third || [rule, second, third].some(({ json }) => typeof json === 'boolean'))
      return rule;
    const json = { and: [{ or: [rule.json, { '!': [second.json] }] }, { if: [third.json, rule.json, second.json] }] };
    return { ...rule, json };
  });
}

test.each(['UTC', 'Europe/Madrid'])(
  'with timestamps read in %s, no row differs from what Postgres says',
  { timeout: 240_000 },
  async (timestamps) => {
    const catalogue = catalogueWith(timestamps);
    const page = catalogueFromJson(sent<CatalogueJson>(catalogueToJson(catalogue)));
    const r = random(seed() + timestamps.length);
    const rules = grouped(randomRules(r, catalogue, RULES));
    const keys = [...fuzz.documents.keys()];
    const wrong: string[] = [];
    const held = { yes: 0, no: 0 };
    for (const [index, rule] of rules.entries()) {
      const at = nows[index % nows.length] ?? nows[0];
      for (let n = 0; n < CONTACTS; n += 1) {
        const contact = r.pick(keys);
        const trial = await trialOf(catalogue, rule, contact, at);
        if (!trial.document) throw new Error('the contact is there');
        const verdicts = rowVerdicts(rule.json, sent(trial.document), page, { at, timezone: rule.timezone });
        expect([...verdicts.keys()].toSorted()).toEqual(trial.rows.map(({ pointer }) => pointer).toSorted());
        for (const { pointer, result } of trial.rows) {
          held[result === true ? 'yes' : 'no'] += 1;
          if (result === null || verdicts.get(pointer) !== result)
            wrong.push(
              `${pointer} of ${JSON.stringify(rule.json)} at ${at}, contact ${contact}: ${String(verdicts.get(pointer))}, Postgres ${String(result)}`,
            );
        }
      }
    }
    expect(wrong.slice(0, 5), `${wrong.length} differ`).toEqual([]);
    expect(held.yes / (held.yes + held.no)).toBeGreaterThan(0.1);
    expect(held.no / (held.yes + held.no)).toBeGreaterThan(0.1);
    tried.push(...rules);
  },
);

test('every operator was tried', () => {
  const text = JSON.stringify(tried.map(({ json }) => json));
  expect(Object.keys(operators).filter((name) => !text.includes(`"${name}":`))).toEqual([]);
});

test('what is hidden is not sent, and leaves its rows open', async () => {
  const catalogue = catalogueWith('UTC');
  const [contact = 0] = [...fuzz.documents].find(([, one]) => one.fields['country'] !== null) ?? [];
  const json = {
    or: [
      { '!=': [{ var: 'country' }, 'x'] },
      { '>': [{ var: 'points' }, -99] },
      { some: [{ var: 'orders' }, { '!=': [{ var: 'note' }, 'x'] }] },
    ],
  };
  const isHidden = ({ name }: Field): boolean => name === 'country' || name === 'note';
  const at = nows[0];
  const trial = await trialOf(catalogue, { json, timezone: 'UTC' }, contact, at, isHidden);
  expect(trial.hidden.toSorted()).toEqual(['country', 'orders.note']);
  expect(Object.keys(trial.document?.fields ?? {})).toEqual(['points']);
  expect(trial.rows[1]).toMatchObject({ pointer: '/or/0', result: true, actual: expect.stringContaining('•••') });
  if (!trial.document) throw new Error('the contact is there');
  const verdicts = rowVerdicts(json, trial.document, catalogue, { at, timezone: 'UTC' });
  expect(verdicts.get('/or/0')).toBeNull();
  expect(verdicts.get('/or/1')).not.toBeNull();
});

test('a draft that reads more than the document holds leaves those rows open, and a row with an issue', async () => {
  const catalogue = catalogueWith('UTC');
  const at = nows[0];
  const [contact = 0] = fuzz.documents.keys();
  const { document } = await trialOf(
    catalogue,
    { json: { '==': [{ var: 'country' }, 'a'] }, timezone: 'UTC' },
    contact,
    at,
  );
  if (!document) throw new Error('the contact is there');
  const verdictOf = (json: unknown): unknown => Object.fromEntries(rowVerdicts(json, document, catalogue, { at }));
  expect(verdictOf({ '==': [{ var: 'city' }, 'a'] })).toEqual({ '': null });
  expect(verdictOf({ some: [{ var: 'orders' }, true] })).toEqual({ '': null });
  expect(verdictOf({ in_segment: ['others'] })).toEqual({ '': null });
  expect(verdictOf({ and: [{ nonsense: [] }, { '!=': [{ var: 'country' }, { var: 'country' }] }] })).toEqual({
    '': false,
    '/and/0': null,
    '/and/1': false,
  });
});
