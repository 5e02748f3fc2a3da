/**
 * `segmentd/condition` as a page loads it: bundled for a browser, run where there is no `require` and no `process`, and
 * beside other users of json-logic-js.
 */
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { catalogueToJson, check, describe as sentence, evaluate } from '../../src/condition/condition.ts';
import { operatorNames } from '../../src/condition/operator.ts';
import { v } from './ask.ts';
import { shop } from './catalogue.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENTRY = './src/condition/condition.ts';
const NOW = '2024-05-15T12:00:00Z';

const paid = { filter: [v('orders'), { '==': [v('status'), 'paid'] }] };
const spent = { '>=': [{ sum: [{ map: [paid, v('total')] }] }, '100'] };
const draft = {
  and: [{ '>=': [{ age: [v('birth_date')] }, 18] }, { in_last: [v('last_seen_at'), 30, 'day'] }, spent],
};
const contact = {
  fields: { birth_date: '2006-05-15', last_seen_at: '2024-04-15 12:00:00.000001+00' },
  relations: {
    orders: [
      { fields: { status: 'paid', total: '99.99' } },
      { fields: { status: 'paid', total: '0.01' } },
      { fields: { status: 'new', total: '1000' } },
    ],
  },
  segments: [],
};
const tooEarly = { ...contact, fields: { ...contact.fields, last_seen_at: '2024-04-15 12:00:00+00' } };
const oneCentLess = { ...contact, relations: { orders: contact.relations.orders.slice(0, 1) } };

/** A page's script: the entry alone, or beside json-logic-js as the page itself uses it. */
async function bundleFor(contents: string): Promise<{ readonly inputs: readonly string[]; readonly page: object }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'segmentd',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const page = createContext({});
  runInContext(outputFiles[0]?.text ?? '', page);
  return { inputs: Object.keys(metafile.inputs), page };
}

/** Runs code in the page. Only JSON crosses, as between server and page. */
function inPage(page: object, code: string, given: Readonly<Record<string, unknown>> = {}): unknown {
  const program = `{ const given = ${JSON.stringify(given)}; JSON.stringify((() => { ${code} })()) }`;
  return JSON.parse(String(runInContext(program, page)));
}

const EVALUATED = `
  const { draft } = segmentd.check(given.draft, segmentd.catalogueFromJson(given.catalogue), { timezone: 'Europe/Madrid' });
  return given.contacts.map((one) => segmentd.evaluate(draft, one, given.now));`;
const given = { catalogue: catalogueToJson(shop), draft, contacts: [contact, tooEarly, oneCentLess], now: NOW };

describe('the bundle for a browser', () => {
  let page: object;
  let inputs: readonly string[];

  beforeAll(async () => {
    ({ page, inputs } = await bundleFor(`export * from ${JSON.stringify(ENTRY)};`));
  });

  test('holds the parts of conditions, json-logic-js, and nothing else', () => {
    const own = /^(src\/(condition|catalogue|base)\/|node_modules\/json-logic-js\/|<stdin>)/;
    expect(inputs.filter((path) => !own.test(path))).toEqual([]);
  });

  test('runs where there is no require, no process and no Buffer', () => {
    expect(inPage(page, 'return [typeof require, typeof process, typeof Buffer];')).toEqual(
      Array.from({ length: 3 }, () => 'undefined'),
    );
    expect(inPage(page, EVALUATED, given)).toEqual([true, false, false]);
  });

  test('describes a draft as the server does', () => {
    const checked = check(draft, shop);
    if (!checked.ok) expect.fail(JSON.stringify(checked.issues));
    const code =
      'return segmentd.describe(segmentd.check(given.draft, segmentd.catalogueFromJson(given.catalogue)).draft);';
    expect(inPage(page, code, given)).toBe(sentence(checked.draft));
  });

  test('reports the issues that the server reports, with their pointers', () => {
    const bad = { and: [{ '==': [v('contry'), 'ES'] }, { '<': [v('country'), 'ES'] }] };
    const code = 'return segmentd.check(given.bad, segmentd.catalogueFromJson(given.catalogue));';
    const seen = inPage(page, code, { ...given, bad });
    expect(seen).toEqual(JSON.parse(JSON.stringify(check(bad, shop))));
    expect(seen).toMatchObject({ ok: false, issues: [{ code: 'unknown-field' }, { pointer: '/and/1' }] });
  });
});

describe('beside a page that uses json-logic-js itself', () => {
  let page: object;

  beforeAll(async () => {
    ({ page } = await bundleFor(
      `export * from ${JSON.stringify(ENTRY)}; export { default as jsonLogic } from 'json-logic-js';`,
    ));
  });

  test('no operator is added under a name that the page could use', () => {
    const code = `return given.names.filter((name) => {
      try { segmentd.jsonLogic.apply({ [name]: [1, 2] }); return true; } catch { return false; } });`;
    const names = [...operatorNames(), 'compare', 'window', 'read', 'call', 'field', 'segment'];
    const builtIn = ['var', 'and', 'or', '!', '!!', 'if', '==', '===', '!=', '!==', '<', '<=', '>', '>=', 'in'];
    const quantifiers = ['some', 'none', 'all', 'reduce', '+', '-', '*'];
    expect(inPage(page, code, { names: names.filter((name) => ![...builtIn, ...quantifiers].includes(name)) })).toEqual(
      [],
    );
  });

  test('verdicts are the same when the page replaces the operators of the library', () => {
    const code = `
      for (const name of ['var', 'in', '!', '!!', '==', '>=', 'missing', 'compare', 'call']) segmentd.jsonLogic.add_operation(name, () => 'replaced');
      if (segmentd.jsonLogic.apply({ '!': [true] }) !== 'replaced') throw new Error('nothing was replaced');
      ${EVALUATED}`;
    expect(inPage(page, code, given)).toEqual([true, false, false]);
  });
});

describe('what a document may lack or hold too much', () => {
  const holds = (condition: unknown, document: Parameters<typeof evaluate>[1]): boolean => {
    const checked = check(condition, shop);
    if (!checked.ok) expect.fail(JSON.stringify(checked.issues));
    return evaluate(checked.draft, document, NOW);
  };
  const empty = { fields: {}, relations: {}, segments: [] };

  test('an absent field is a missing value, an absent relation has no rows', () => {
    expect(holds({ '==': [v('country'), null] }, empty)).toBe(true);
    expect(holds({ none: [v('orders'), true] }, empty)).toBe(true);
  });

  test('names that every object inherits are no values', () => {
    const inherited = Object.create({ country: 'ES' }) as Record<string, string>;
    expect(holds({ '==': [v('country'), 'ES'] }, { ...empty, fields: inherited })).toBe(false);
  });

  test('an instant without an offset is refused as the moment of a verdict', () => {
    const checked = check(draft, shop);
    if (!checked.ok) expect.fail(JSON.stringify(checked.issues));
    expect(() => evaluate(checked.draft, contact, '2024-05-15')).toThrow('not an instant: 2024-05-15');
  });
});
