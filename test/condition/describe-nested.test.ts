/**
 * Rows inside rows in English: whose rows, whose fields. Rules of its own read random sentences back, so that a sentence has one
 * meaning, the right one.
 */
import { expect, test } from 'vitest';
import { catalogueFromJson } from '../../src/catalogue/catalogue-json.ts';
import { describe } from '../../src/condition/describe/describe.ts';
import { random, seed, type Random } from '../support/random.ts';
import { accepted, v } from './ask.ts';
import { shop } from './catalogue.ts';

const say = (json: unknown): string => describe(accepted(json), shop);

test.each([
  [
    { some: [v('orders'), { '<': [v('placed_at'), v('contact.created_at')] }] },
    'has rows of orders where (placed_at is before the value of contact.created_at)',
  ],
  [
    {
      some: [
        v('orders'),
        {
          and: [
            { before_last: [v('placed_at'), 2, 'hour'] },
            { none: [v('notes'), { '==': [v('body'), v('outer.note')] }] },
          ],
        },
      ],
    },
    'has rows of orders where (placed_at is at least 2 hours ago and ' +
      'the contact has no rows of notes where (body is the value of outer.note))',
  ],
  [
    { some: [v('items'), { all: [v('notes'), { '==': [v('body'), v('outer.orders.note')] }] }] },
    'has rows of items where (the contact has rows of notes and ' +
      'every one of rows of notes, if any, satisfies (body is the value of outer.orders.note))',
  ],
  [
    {
      '>': [
        { sum: [{ map: [v('orders'), { '*': [v('total'), { count: [v('notes')] }] }] }] },
        { avg: [{ map: [v('orders'), v('contact.points')] }] },
      ],
    },
    'the sum of (total * (the number of rows of notes)) across rows of orders is greater than ' +
      'the average contact.points across rows of orders',
  ],
] as const)('%j', (json, words) => {
  expect(say(json)).toBe(words);
});

test('labels, and names that would read as those of a row around', () => {
  const catalogue = catalogueFromJson({
    fields: { country: { family: 'text', label: 'Country' }, 'outer.x': 'text' },
    relations: {
      outer: { fields: { code: 'text' } },
      orders: { label: 'orders', fields: { 'contact.y': 'text', state: { family: 'text', label: 'State' } } },
    },
  });
  const words = (json: unknown): string => describe(accepted(json, { catalogue }), catalogue);
  expect(words({ some: [v('orders'), { '==': [v('state'), v('contact.country')] }] })).toBe(
    'has orders where (State is the value of contact.Country)',
  );
  expect(words({ some: [v('orders'), { '==': [v('state'), v('contact.y')] }] })).toBe(
    'has orders where (State is the value of `contact.y`)',
  );
  expect(
    words({
      some: [
        v('outer'),
        { '>=': [{ count: [{ filter: [v('orders'), { '==': [v('state'), v('outer.code')] }] }] }, 3] },
      ],
    }),
  ).toBe('has rows of `outer` where (the contact has at least 3 orders where (State is the value of outer.code))');
  expect(words({ '==': [v('outer.x'), 'a'] })).toBe('`outer.x` is a');
});

type Json = unknown;
/** Text fields by the place where they are named: of the contact, of orders, of notes. */
const TEXTS = { contact: ['country', 'city'], orders: ['note'], notes: ['body'] } as const;
type Place = keyof typeof TEXTS;

function randomCondition(r: Random, around: readonly Place[], depth: number): Json {
  const inner = (): Json => randomCondition(r, around, depth - 1);
  const kind = r.below(depth > 0 ? 8 : 2);
  if (kind >= 2 && kind < 4) return { [r.pick(['and', 'or'])]: [inner(), inner()] };
  if (kind === 4) return { '!': [inner()] };
  if (kind > 4 && around.length < 3) {
    const relation = r.pick(['orders', 'notes'] as const);
    const where = randomCondition(r, [relation, ...around], depth - 1);
    if (kind === 5) return { some: [v(relation), where] };
    if (kind === 6) return { none: [v(relation), where] };
    return { '>=': [{ count: [{ filter: [v(relation), where] }] }, 2 + r.below(3)] };
  }
  const name = (): string => {
    const [own = 'contact', outer] = around;
    const words = [
      own,
      ...(around.length > 1 ? (['contact.'] as const) : []),
      ...(around.length > 2 ? ['outer.'] : []),
    ];
    const word = r.pick(words);
    if (word === own) return r.pick(TEXTS[own]);
    return `${word}${r.pick(TEXTS[word === 'outer.' && outer ? outer : 'contact'])}`;
  };
  const equal = { '==': [v(name()), r.chance(0.6) ? v(name()) : r.pick(['x', 'y'])] };
  return r.chance(0.3) ? { '!': [equal] } : equal;
}

/** The places in a text where a word stands outside of brackets. */
function split(text: string, word: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    else if (depth === 0 && text.startsWith(` ${word} `, at)) {
      parts.push(text.slice(start, at));
      start = at + word.length + 2;
    }
  }
  return [...parts, text.slice(start)];
}

function isBracketed(text: string): boolean {
  if (!text.startsWith('(')) return false;
  let depth = 0;
  for (const [at, sign] of [...text].entries()) {
    if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    if (depth === 0) return at === text.length - 1;
  }
  return false;
}

/** @param level of relations around */
function read(text: string, level: number): Json {
  for (const word of ['and', 'or'] as const) {
    const parts = split(text, word);
    if (parts.length > 1) return { [word]: parts.map((part) => read(part, level)) };
  }
  if (text.startsWith('not (')) return { '!': [read(text.slice('not '.length), level)] };
  if (isBracketed(text)) return read(text.slice(1, -1), level);
  const who = level === 0 ? '' : 'the contact ';
  const rows = new RegExp(`^${who}has (no )?rows of (\\w+) where (\\(.*\\))$`).exec(text);
  if (rows) return { [rows[1] ? 'none' : 'some']: [v(rows[2] ?? ''), read(rows[3] ?? '', level + 1)] };
  const every = /^every one of rows of (\w+), if any, satisfies (\(.*\))$/.exec(text);
  if (every) return { none: [v(every[1] ?? ''), { '!': [read(every[2] ?? '', level + 1)] }] };
  const count = /^the number of rows of (\w+) where (\(.*\)) is (not )?at least (\d+)$/.exec(text);
  if (count) {
    const least = {
      '>=': [{ count: [{ filter: [v(count[1] ?? ''), read(count[2] ?? '', level + 1)] }] }, Number(count[4])],
    };
    return count[3] ? { '!': [least] } : least;
  }
  const leaf = /^([\w.]+) is (not )?(the value of )?([\w.]+)( \(or (?:either )?has no value\))?$/.exec(text);
  if (!leaf || (leaf[2] === undefined) !== (leaf[5] === undefined)) throw new Error(`no rule reads: ${text}`);
  const [, left = '', not, isName, right = ''] = leaf;
  const equal = { '==': [v(left), isName === undefined ? right : v(right)] };
  return not === undefined ? equal : { '!': [equal] };
}

test('random sentences are read back as what they say', () => {
  const r = random(seed());
  let nested = 0;
  for (let n = 0; n < 800; n += 1) {
    const json = randomCondition(r, ['contact'], 1 + r.below(6));
    const words = say(json);
    expect(accepted(read(words, 0)), words).toEqual(accepted(json));
    if (words.includes('the contact has')) nested += 1;
  }
  expect(nested).toBeGreaterThan(50);
});
