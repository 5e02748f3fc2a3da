/** Every edit of the code that a test makes fits the code, however the code is laid out. */
import { describe, expect, test } from 'vitest';
import { mutations as overrides } from '../override/override-mutation.ts';
import { impatient, shared, smallest } from '../race/limit-edit.ts';
import { mutations as rules } from '../race/rule-mutation.ts';
import { mutations as times, unordered } from '../sweep/time-mutation.ts';
import { edited, editedFiles, type EditedCode } from './edited-copy.ts';

const ALL: readonly EditedCode[] = [...rules, ...times, ...overrides, unordered, smallest, shared, impatient];

describe('the edits fit the code', () => {
  test.each(ALL.filter(({ edits }) => edits.length > 0))('$name', (code) => {
    expect(editedFiles(code).size).toBeGreaterThan(0);
  });
});

describe('an edit names code, not its layout', () => {
  const edit = { file: 'a.ts', find: 'call(one, [two]);', replace: 'other();' };

  test.each(['call(one, [two]);', 'call(\n  one,\n  [\n    two,\n  ],\n);', 'call ( one,[two] ) ;'])(
    'it fits %j',
    (text) => {
      expect(edited(`before; ${text} after`, edit)).toBe('before; other(); after');
    },
  );

  test.each(['call(one, two);', 'call(onetwo);', 'call(one, [two, three]);'])('it does not fit %j', (text) => {
    expect(() => edited(text, edit)).toThrow('occurs 0 times in a.ts');
  });

  test('two words stay two words', () => {
    expect(() => edited('returninstant;', { file: 'a.ts', find: 'return instant;', replace: '' })).toThrow('0 times');
  });

  test('an edit that fits twice is an error', () => {
    expect(() => edited('call(one, [two]); call(one,[two]);', edit)).toThrow('occurs 2 times in a.ts');
  });

  test('what replaces is taken as it is', () => {
    expect(edited('a', { file: 'a.ts', find: 'a', replace: '$& $1' })).toBe('$& $1');
  });
});
