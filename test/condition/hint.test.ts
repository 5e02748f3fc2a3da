/** A hint proposes only what the check accepts: each operator that it names is tried on the field that it is about. */
import { expect, test } from 'vitest';
import type { Field } from '../../src/catalogue/catalogue.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import { operatorNames } from '../../src/condition/operator.ts';
import { field, fields, shop } from './catalogue.ts';
import { issuesOf, v } from './ask.ts';

const opaque = [
  field('contact', 'places', 'other', { array: true }),
  field('contact', 'documents', 'json', { array: true }),
];
const catalogue = {
  ...shop,
  contacts: { ...shop.contacts, fields: fields(...shop.contacts.fields.values(), ...opaque) },
};

const OPERATORS = [...operatorNames()];
const VALUE = {
  text: 'ES',
  number: 1,
  boolean: true,
  date: '2024-05-01',
  instant: '2024-05-01T10:00:00Z',
  uuid: '11111111-1111-4111-8111-111111111111',
  json: null,
  other: null,
} as const;

/** The operator as a person who follows the hint would write it. */
const USES: Readonly<Record<string, (one: Field) => unknown>> = {
  '==': ({ name, family, labels }) => ({ '==': [v(name), labels?.[0] ?? VALUE[family]] }),
  '== null': ({ name }) => ({ '==': [v(name), null] }),
  in: ({ name, family }) => ({ in: [v(name), [VALUE[family]]] }),
  has_any: ({ name, family }) => ({ has_any: [v(name), [VALUE[family]]] }),
  has_all: ({ name, family }) => ({ has_all: [v(name), [VALUE[family]]] }),
  starts_with: ({ name }) => ({ starts_with: [v(name), 'a'] }),
  is_empty: ({ name }) => ({ is_empty: [v(name)] }),
};

/** What people try, right or wrong, on a field. */
function tries({ name }: Field): readonly unknown[] {
  const values = ['a', 1, true, null, '2024-05-01', ['a'], [1], []];
  const two = OPERATORS.flatMap((operator) =>
    values.flatMap((value) => [{ [operator]: [v(name), value] }, { [operator]: [value, v(name)] }]),
  );
  return [
    v(name),
    { '!': [v(name)] },
    ...two,
    ...OPERATORS.map((operator) => ({ [operator]: [v(name)] })),
    { some: [v(name), true] },
    { count: [v(name)] },
  ];
}

test('every operator that a hint names is accepted on that field', () => {
  let named = 0;
  const wrong = new Set<string>();
  for (const one of catalogue.contacts.fields.values()) {
    for (const condition of tries(one)) {
      for (const { hint = '', message } of issuesOf(condition, { catalogue })) {
        // A hint that is about another way to write the same value names the operator only to say what it is for.
        if (!/^(use|only) `/.test(hint) || !message.includes(one.name)) continue;
        for (const [, operator = ''] of hint.matchAll(/`([^`]+)`/g)) {
          const use = USES[operator]?.(one);
          if (use === undefined) continue;
          named += 1;
          if (!checkCondition(use, { catalogue }).ok)
            wrong.add(
              `${one.name} (${one.family}${one.array ? '[]' : ''}): ${JSON.stringify(condition)}: ${message} ${hint}`,
            );
        }
      }
    }
  }
  expect([...wrong]).toEqual([]);
  expect(named).toBeGreaterThan(500);
});

test('a field of the contact inside a relation: what is proposed is accepted, and what cannot be is not proposed', () => {
  const [issue] = issuesOf({ some: [v('orders'), { '>': [v('total'), v('points')] }] });
  expect(issue).toMatchObject({
    code: 'outer-field',
    hint: expect.stringMatching(
      /with a fixed value stands outside of `orders`, joined by `and`; with a column of its rows it is not offered/,
    ),
  });
  expect(issuesOf({ and: [{ '>': [v('points'), 1] }, { some: [v('orders'), { '>': [v('total'), 1] }] }] })).toEqual([]);
});
