/** Words of other languages: each is answered with what to write, and what is answered exists. */
import { expect, test } from 'vitest';
import { operatorNamed } from '../../src/condition/operator.ts';
import { insteadOf, otherWords } from '../../src/condition/other-word.ts';
import { issuesOf, v } from './ask.ts';

test.each([
  ['=>', '`>=`'],
  ['=<', '`<=`'],
  ['<>', '`!=`'],
  ['=', '`==`'],
  ['!===', '`!=`'],
  ['eq', '`==`'],
  ['gt', '`>`'],
  ['lt', '`<`'],
  ['gte', '`>=`'],
  ['$gte', '`>=`'],
  ['not', '`!`'],
  ['NOT', '`!`'],
  ['AND', '`and`'],
  ['OR', '`or`'],
  ['$and', '`and`'],
  ['contains', '`icontains`'],
  ['like', '`starts_with`'],
  ['LIKE', '`starts_with`'],
  ['not_like', '"!"'],
  ['between', '{"<=": [18, {"var": "age"}, 35]}'],
  ['exists', '`some`'],
  ['is null', '{"==": [{"var": "name"}, null]}'],
  ['IS NULL', '{"==": [{"var": "name"}, null]}'],
  ['is_null', '{"==": [{"var": "name"}, null]}'],
  ['IS NOT NULL', '{"!=": [{"var": "name"}, null]}'],
])('%s is answered with %s', (word, instead) => {
  const [issue] = issuesOf({ [word]: [v('points'), 3] });
  expect(issue).toMatchObject({ code: 'refused-operator', pointer: '' });
  expect(issue?.hint).toContain(instead);
});

test('no word is an operator, and each is found as it is written here', () => {
  for (const [word, hint] of otherWords) {
    expect(operatorNamed(word), word).toBeUndefined();
    expect(insteadOf(word), word).toBe(hint);
  }
});

/** Words in backquotes that are no operators. */
const OTHER = ['segmentd explain', 'filter', 'map', 'newest', 'oldest'];

test('every operator that a hint names exists, and every example is accepted', () => {
  for (const [word, hint] of otherWords) {
    for (const [, text = ''] of hint.matchAll(/`([^`]+)`/g)) {
      if (OTHER.includes(text)) continue;
      if (!text.startsWith('{')) expect(operatorNamed(text), `${word}: ${text}`).toBeDefined();
      else {
        const example = JSON.parse(
          text.replaceAll('"name"', '"city"').replaceAll('"age"', '"points"').replaceAll(/\bC\b/g, '{"var": "vip"}'),
        ) as unknown;
        expect(issuesOf(example), `${word}: ${text}`).toEqual([]);
      }
    }
  }
});

test('a word that only differs in its capitals is the operator', () => {
  expect(insteadOf('In_Last')).toBe('use `in_last`');
  expect(insteadOf('in_last')).toBeUndefined();
  expect(insteadOf('frobnicate')).toBeUndefined();
  expect(insteadOf('$')).toBeUndefined();
});
