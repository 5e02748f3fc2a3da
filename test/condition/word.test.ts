/** A literal may be a value or the word that the catalogue has for it: both are one condition. */
import { expect, test } from 'vitest';
import { catalogueFromJson } from '../../src/catalogue/catalogue-json.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';

const catalogue = catalogueFromJson({
  fields: {
    state: { family: 'number', integer: true, words: { '0': 'open', '1': 'won' } },
    vip: { family: 'boolean', words: { true: 'gold', false: 'plain' } },
    grade: { family: 'text', words: { a: 'best' } },
    mood: { family: 'text', labels: ['sad', 'ok'], words: { sad: 'Unhappy' } },
    codes: { family: 'text', array: true, words: { x: 'special' } },
  },
  relations: {
    deals: {
      time: 'at',
      fields: { at: 'instant', state: { family: 'number', integer: true, words: { '0': 'open', '1': 'won' } } },
    },
  },
});
const v = (name: string) => ({ var: name });
const newest = { last: [v('deals'), v('state')] };
const highest = { max_of: [{ map: [v('deals'), v('state')] }] };

test.each([
  [{ '==': [v('state'), 'won'] }, { '==': [v('state'), 1] }],
  [{ '!=': ['won', v('state')] }, { '!=': [1, v('state')] }],
  [{ '<': ['open', v('state'), 'won'] }, { '<': [0, v('state'), 1] }],
  [{ in: [v('state'), ['won', 0]] }, { in: [v('state'), [1, 0]] }],
  [{ in: [v('state'), ['won', 1]] }, { in: [v('state'), [1]] }],
  [{ '==': [v('vip'), 'gold'] }, { '==': [v('vip'), true] }],
  [{ '==': [v('vip'), 'plain'] }, { '==': [v('vip'), false] }],
  [{ '==': [v('grade'), 'best'] }, { '==': [v('grade'), 'a'] }],
  [{ '==': [v('mood'), 'Unhappy'] }, { '==': [v('mood'), 'sad'] }],
  [{ has_any: [v('codes'), ['special', 'y']] }, { has_any: [v('codes'), ['x', 'y']] }],
  [{ in: ['special', v('codes')] }, { in: ['x', v('codes')] }],
  [{ '==': [newest, 'won'] }, { '==': [newest, 1] }],
  [{ '==': [highest, 'won'] }, { '==': [highest, 1] }],
  [{ some: [v('deals'), { '==': [v('state'), 'won'] }] }, { some: [v('deals'), { '==': [v('state'), 1] }] }],
])('%j is %j', (worded, plain) => {
  const checked = checkCondition(worded, { catalogue });
  expect(checked).toMatchObject({ ok: true });
  expect(checked).toEqual(checkCondition(plain, { catalogue }));
});

test.each([
  [{ '==': [v('state'), 'wonn'] }, 'wrong-type', 'did you mean `won`?'],
  [{ '==': [v('state'), 'Won'] }, 'wrong-type', 'did you mean `won`?'],
  [{ '==': [v('mood'), 'Unhapy'] }, 'unknown-label', 'did you mean `Unhappy`?'],
  [{ '==': [{ count: [v('deals')] }, 'won'] }, 'wrong-type', undefined],
])('%j is refused', (json, code, hint) => {
  const checked = checkCondition(json, { catalogue });
  expect(!checked.ok && checked.issues[0]).toMatchObject({ code, ...(hint === undefined ? {} : { hint }) });
});

test('a word is no part of a text', () => {
  expect(checkCondition({ starts_with: [v('grade'), 'best'] }, { catalogue })).toMatchObject({
    ok: true,
    condition: { needles: ['best'] },
  });
});
