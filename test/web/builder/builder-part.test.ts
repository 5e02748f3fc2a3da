/** The pure parts of the builder: words of rows, typed values, JSON that a person writes, links of drafts, keys out of files. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogueToJson } from '../../../src/condition/condition.ts';
import { operators, type ConditionName } from '../../../src/condition/operator.ts';
import { describeAdmission } from '../../../src/condition/describe/describe-admission.ts';
import { vocabularyOf as wordsOfCatalogue } from '../../../src/catalogue/vocabulary.ts';
import { snakeBody } from '../../../src/http/snake-body.ts';
import type { CallRow, Row } from '../../../src/web/builder/builder-node.ts';
import { builderJson, placedRows } from '../../../src/web/builder/builder-json.ts';
import { builderTree, rowIds } from '../../../src/web/builder/builder-tree.ts';
import {
  scopeInside,
  scopeOfRelation,
  valueWords,
  vocabularyOf,
  type CatalogueBody,
} from '../../../src/web/builder/builder-vocabulary.ts';
import { changedWords } from '../../../src/web/builder/changed-words.ts';
import { comparisonOf, comparisonsFor, conditionForms } from '../../../src/web/builder/condition-form.ts';
import { constantOf, constantText, splitValues, withValues } from '../../../src/web/builder/constant-text.ts';
import { draftLink, readDraftLink } from '../../../src/web/builder/draft-link.ts';
import { parseCondition } from '../../../src/web/builder/json-place.ts';
import { isTest, subjectOf, withComparison, withOtherNeedles } from '../../../src/web/builder/row-change.ts';
import { changedParts, newDraft, partsOfDraft, proposedKey } from '../../../src/web/builder/segment-draft.ts';
import {
  argumentOfOption,
  argumentOption,
  rowOfOption,
  subjectOptions,
} from '../../../src/web/builder/subject-option.ts';
import { CsvRows, guessDelimiter } from '../../../src/web/part/csv-row.ts';
import { keysOfFile, keysOfText } from '../../../src/web/part/key-list.ts';
import { fittingOptions } from '../../../src/web/part/combobox-option.ts';
import { catalogueWith } from '../../oracle/oracle-world.ts';
import { contactScope, randomRule } from '../../oracle/random-condition.ts';
import { random } from '../../support/random.ts';
import { samples } from '../../condition/sample.ts';

const catalogue = catalogueWith('Europe/Madrid');
const vocabulary = vocabularyOf({
  ...(snakeBody(
    wordsOfCatalogue(
      catalogue,
      new Map(),
      () => false,
      (relation) => describeAdmission(catalogue, relation),
    ),
  ) as unknown as CatalogueBody),
  checker: catalogueToJson(catalogue),
});
const RULES = Array.from({ length: 400 }, (_, n) => randomRule(contactScope(random(n), catalogue, ['a']), 2));

test('a relation is offered with the rows that count', () => {
  const hints = new Map(subjectOptions(vocabulary.contact, vocabulary).map(({ value, hint }) => [value, hint]));
  expect(hints.get('rows:orders')).toBe('has any, none, only');
  expect(hints.get('rows:bills')).toBe('where gift is not yes (or has no value)');
});

describe('words of rows', () => {
  test('a word that is chosen is the word that the row has, and its JSON is read as that word again', () => {
    let tried = 0;
    for (const json of [...RULES, ...Object.values(samples).map((one) => one.json)]) {
      for (const { row } of placedRows(builderTree(json, rowIds()))) {
        if (row.kind === 'raw' || !isTest(row)) continue;
        const subject = subjectOf(row);
        const value = subject && valueWords(subject, vocabulary.contact, vocabulary);
        if (!subject || !value) continue;
        for (const next of comparisonsFor(value, subject.kind)) {
          const changed = withComparison(row, next, value);
          expect(comparisonOf(changed, value).id).toBe(next.id);
          expect(changed.id).toBe(row.id);
          const written = builderJson(changed);
          const [read] = placedRows(builderTree(written, rowIds()));
          if (!read || read.row.kind === 'raw') throw new Error(`no form: ${JSON.stringify(written)}`);
          expect(builderJson(read.row)).toEqual(written);
          expect(comparisonOf(read.row, value).id).toBe(next.id);
          tried += 1;
        }
      }
    }
    expect(tried).toBeGreaterThan(2_000);
  });

  test('inside a relation the fields of the rows around have words, and another relation may be chosen, one level deep', () => {
    const orders = scopeInside(vocabulary, 'orders', vocabulary.contact);
    const seats = scopeInside(vocabulary, 'seats', orders);
    const offered = (scope: typeof orders): readonly string[] =>
      subjectOptions(scope, vocabulary).map(({ value }) => value);
    expect(offered(orders)).toEqual(
      expect.arrayContaining([
        'var:note',
        'var:contact.country',
        'age:contact.birth_date',
        'rows:seats',
        'count:orders',
      ]),
    );
    expect(offered(orders).filter((value) => /^(var:outer|in_segment|known_for)/.test(value))).toEqual([]);
    expect(offered(seats)).toEqual(expect.arrayContaining(['var:role', 'var:contact.country', 'var:outer.note']));
    expect(offered(seats).filter((value) => value.startsWith('rows:'))).toEqual([]);
    expect(offered(orders).slice(0, 3)).toEqual(offered(scopeOfRelation(vocabulary, 'orders')).slice(0, 3));
    expect(valueWords({ kind: 'field', name: 'outer.total', bare: true }, seats, vocabulary)?.family).toBe('number');
  });

  test('rows that are chosen are any rows at first: nothing is missing, and a condition on them stays', () => {
    const nextId = rowIds();
    const pickedRow = (row: Row) =>
      builderJson(rowOfOption(row, 'rows:orders', vocabulary.contact, vocabulary, nextId));
    expect(pickedRow(builderTree({ '==': [{ var: 'vip' }, true] }, nextId))).toEqual({
      some: [{ var: 'orders' }, true],
    });
    const counted = { '>': [{ count: [{ filter: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] }] }, 3] };
    expect(pickedRow(builderTree(counted, nextId))).toEqual({
      some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }],
    });
  });

  test('a rank is a number of the contact, and no rows of ranks are offered', () => {
    const options = subjectOptions(vocabulary.contact, vocabulary);
    expect(options).toContainEqual({
      value: 'var:ranks.monetary',
      label: 'monetary',
      group: 'Per son',
      hint: 'number',
    });
    expect(options.filter(({ value }) => value.endsWith(':ranks'))).toEqual([]);
    expect(options.some(({ value }) => value.endsWith(':orders'))).toBe(true);
  });

  test('words of one value differ, so that a person can choose between them', () => {
    for (const field of vocabulary.contact.fields.values()) {
      const labels = comparisonsFor({ ...field, missing: true }, 'field').map(({ label }) => label);
      expect(new Set(labels).size, field.name).toBe(labels.length);
      expect(labels.length, field.name).toBeGreaterThan(1);
    }
  });

  test('every comparison of the language can be chosen for some value', () => {
    const offered = new Set(
      [...vocabulary.contact.fields.values()].flatMap((field) =>
        comparisonsFor({ ...field, missing: true }, 'field').map(({ name }) => name),
      ),
    );
    const expected = (Object.keys(conditionForms) as ConditionName[]).filter(
      (name) => conditionForms[name].layout === 'comparison' && conditionForms[name].offers !== 'never',
    );
    expect(expected.filter((name) => !offered.has(name))).toEqual([]);
    expect(Object.keys(operators)).toEqual(expect.arrayContaining(expected));
  });

  test('what a row can be about has words of its own', () => {
    for (const scope of [vocabulary.contact, ...vocabulary.relations.values()]) {
      const options = subjectOptions(scope, vocabulary);
      expect(new Set(options.map(({ value }) => value)).size).toBe(options.length);
      expect(options.filter(({ label }) => label.trim() === '')).toEqual([]);
    }
  });
});

describe('one text or several', () => {
  const other = (json: unknown): unknown => {
    const row = builderTree(json, rowIds());
    if (row.kind === 'raw' || !isTest(row)) throw new Error('it has a form');
    const changed = withOtherNeedles(row);
    return changed && builderJson(changed.row);
  };

  test.each(['starts_with', 'ends_with', 'icontains', 'istarts_with', 'iends_with'])('%s', (operator) => {
    const [one, many] = ['a', ['a']].map((needle) => ({ [operator]: [{ var: 'city' }, needle] }));
    expect([other(one), other(many)]).toEqual([many, one]);
    expect(other({ [operator]: [{ var: 'city' }, ''] })).toEqual({ [operator]: [{ var: 'city' }, []] });
  });

  test('a row that compares whole values has no such form', () => {
    expect(other({ ieq: [{ var: 'city' }, 'a'] })).toBeUndefined();
    expect(other({ in: [{ var: 'city' }, ['a']] })).toBeUndefined();
  });

  test('another word keeps the texts', () => {
    const [row] = placedRows(builderTree({ icontains: [{ var: 'city' }, ['a', 'b']] }, rowIds()));
    if (row?.row.kind !== 'call') throw new Error('it has a form');
    const subject = subjectOf(row.row);
    const value = subject && valueWords(subject, vocabulary.contact, vocabulary);
    const changed = Object.fromEntries(
      comparisonsFor(value, 'field')
        .filter(({ id }) => ['in second', 'starts_with', 'in', 'iin', 'ieq'].includes(id))
        .map((next) => [next.id, builderJson(withComparison(row.row as CallRow, next, value))]),
    );
    expect(changed).toEqual({
      'in second': { in: [['a', 'b'], { var: 'city' }] },
      starts_with: { starts_with: [{ var: 'city' }, ['a', 'b']] },
      in: { in: [{ var: 'city' }, ['a', 'b']] },
      iin: { iin: [{ var: 'city' }, ['a', 'b']] },
      ieq: { ieq: [{ var: 'city' }, 'a'] },
    });
  });
});

test('a calculation is a value that can be chosen, for a row and for the rows of a relation', () => {
  for (const scope of [vocabulary.contact, ...vocabulary.relations.values()]) {
    expect(subjectOptions(scope, vocabulary).map(({ value }) => value)).toContain('calculation:');
    const argument = argumentOfOption('calculation:', vocabulary);
    if (!argument) throw new Error('it is a value');
    expect(argumentOption(argument, scope, vocabulary).value).toBe('calculation:');
    expect(valueWords(argument, scope, vocabulary)).toMatchObject({ family: 'number', array: false });
  }
  const rows = [
    { '>': [{ '*': [{ var: 'points' }, 2] }, { count: [{ filter: [{ var: 'orders' }, { var: 'gift' }] }] }] },
    { '>': [{ sum: [{ map: [{ var: 'orders' }, { '-': [{ var: 'total' }, { '*': [{ var: 'rank' }, 2] }] }] }] }, 3] },
  ];
  for (const json of rows) {
    const placed = placedRows(builderTree(json, rowIds()));
    expect(placed.filter(({ row }) => row.kind === 'raw')).toEqual([]);
    expect(builderJson(builderTree(json, rowIds()))).toEqual(json);
  }
});

describe('typed values', () => {
  test('a number is a number where that loses nothing, else the text', () => {
    for (const [text, json] of [
      ['40', 40],
      ['-2.5', -2.5],
      ['2.50', '2.50'],
      ['007', '007'],
      ['12345678901234567890', '12345678901234567890'],
      ['1e3', '1e3'],
      ['', ''],
      ['1.', '1.'],
    ] as const)
      expect(constantOf(text, 'number'), text).toBe(json);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(constantText(constantOf(text, 'number'))).toBe(text);
        expect(constantOf(text, 'text')).toBe(text);
      }),
    );
  });

  test('a list keeps what it has, and takes each new value once', () => {
    expect(withValues([1, '2.50'], ['1', '3', '3'], 'number')).toEqual([1, '2.50', 3]);
    expect(splitValues('a, b,,c')).toEqual(['a', 'b', 'c']);
    expect(splitValues('a, b\nc')).toEqual(['a, b', 'c']);
  });
});

describe('JSON as a person writes it', () => {
  test.each([
    ['', 'Write a condition as JSON.'],
    ['{"and": [\n  {"var" "vip"}]}', 'line 2'],
    ['{"==": [{"var": "points"}, 12345678901234567890]}', 'loses digits'],
    ['{"==": [{"var": "points"}, 0.1234567890123456789]}', 'loses digits'],
    ['{"and": [], "and": []}', 'comes twice'],
    ['{"and": [', 'no JSON yet'],
  ])('%s', (text, message) => {
    const parsed = parseCondition(text);
    expect(parsed.ok ? '' : parsed.message).toContain(message);
  });

  test('numbers that are kept, and keys of different objects', () => {
    for (const json of [{ a: [1.5, -0.25, 1e21 / 1e21, 100] }, [{ var: 'a' }, { var: 'b' }], 'and: {"x": 1}'])
      expect(parseCondition(JSON.stringify(json))).toEqual({ ok: true, json });
    expect(parseCondition('{"a": 2.50}')).toEqual({ ok: true, json: { a: 2.5 } });
  });
});

test('a link gives the same draft back, and a damaged one gives none', async () => {
  const nextId = rowIds();
  for (const [n, json] of RULES.slice(0, 100).entries()) {
    const tree = builderTree(n % 10 === 0 ? { and: Array.from({ length: 60 }, () => json) } : json, nextId);
    const draft = { ...newDraft(nextId), tree, name: '🦊 <b>', tags: ['a', 'ü'] };
    const link = await draftLink({ draft, base: n });
    expect(link).toMatch(/^#[dz]=[\w-]+$/);
    const read = await readDraftLink(link, rowIds());
    expect(read && partsOfDraft(read.draft)).toEqual(partsOfDraft(draft));
    expect(read?.base).toBe(n);
    expect(await readDraftLink(link.slice(0, -8), rowIds())).toBeUndefined();
  }
  expect(await readDraftLink('#z=%%', rowIds())).toBeUndefined();
  expect(await readDraftLink('#section', rowIds())).toBeUndefined();
});

test('only what was changed is saved', () => {
  const before = {
    name: 'A',
    description: null,
    timezone: null,
    tags: ['x'],
    kind: 'dynamic',
    condition: true,
  } as const;
  expect(changedParts({ ...before, tags: ['x'] }, { ...before, tags: ['x'] })).toEqual({});
  expect(changedParts({ ...before, tags: ['x'] }, { ...before, name: null, tags: ['x', 'y'] })).toEqual({
    name: null,
    tags: ['x', 'y'],
  });
});

test('a key is made of a name', () => {
  expect(proposedKey('Loyal, Iberia!')).toBe('loyal_iberia');
  expect(proposedKey('Éxito 2024')).toBe('exito_2024');
  expect(proposedKey('🦊')).toBe('');
});

test('the words that differ stand between those that do not', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', ' ') }),
      fc.string({ unit: fc.constantFrom('a', 'b', ' ') }),
      (a, b) => {
        const { start, before, after, end } = changedWords(a, b);
        expect([start + before + end, start + after + end]).toEqual([a, b]);
      },
    ),
  );
  expect(changedWords('at least 40 and', 'at least 41 and')).toMatchObject({ before: '40', after: '41' });
});

describe('keys of contacts', () => {
  const cells = fc.array(
    fc.array(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é') }), { minLength: 2, maxLength: 3 }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );

  test('rows of CSV are the same however the text is cut', () => {
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 7 }), (rows, size) => {
        const text = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n');
        const csv = new CsvRows(',');
        const read: string[][] = [];
        const all = [...text];
        for (let at = 0; at < all.length; at += size) read.push(...csv.push(all.slice(at, at + size).join('')));
        read.push(...csv.end());
        expect(read).toEqual(rows);
      }),
    );
    expect(guessDelimiter('"a,b";c;d')).toBe(';');
  });

  test('a file is read in parts of at most 10,000 keys, each key of a part once', async () => {
    const lines = Array.from({ length: 25_000 }, (_, n) => `${n % 20_000},x`);
    const file = new File([`id,name\n${lines.join('\n')}`], 'keys.csv');
    const parts = [];
    for await (const { keys, read } of keysOfFile(file, { delimiter: ',', column: 0, hasHead: true }).parts())
      parts.push({ count: keys.length, read });
    expect(parts.map(({ count }) => count)).toEqual([10_000, 10_000, 5_000]);
    expect(parts.at(-1)?.read).toBe(file.size);
    const pasted = [];
    for await (const { keys } of keysOfText('1, 2\n2;3', false).parts()) pasted.push(...keys);
    expect(pasted).toEqual(['1', '2', '3']);
    const texts = [];
    for await (const { keys } of keysOfText('two words\r\n a, b;c\n\n', true).parts()) texts.push(...keys);
    expect(texts).toEqual(['two words', 'a, b;c']);
  });
});

test('what fits is found by its words, and what begins with them comes first', () => {
  const options = [
    { value: 'count:orders', label: 'Number of orders', group: 'Orders' },
    { value: 'var:country', label: 'Country', group: 'Contacts' },
  ];
  expect(fittingOptions(options, 'coun').map(({ value }) => value)).toEqual(['var:country', 'count:orders']);
  expect(fittingOptions(options, 'orders number').map(({ value }) => value)).toEqual(['count:orders']);
  expect(fittingOptions(options, '')).toEqual(options);
});
