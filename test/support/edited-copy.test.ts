/** Every edit of the code that a test makes fits the code, however the code is laid out. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { mutations as overrides } from '../override/override-mutation.ts';
import { impatient, shared, smallest } from '../race/limit-edit.ts';
import { mutations as rules } from '../race/rule-mutation.ts';
import { mutations as ranks } from '../rank/rank-mutation.ts';
import { mutations as times, unordered } from '../sweep/time-mutation.ts';
import { copyWith, edited, editedFiles, removeCopies, type EditedCode } from './edited-copy.ts';

const ALL: readonly EditedCode[] = [...rules, ...times, ...overrides, ...ranks, unordered, smallest, shared, impatient];

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

describe('a copy', () => {
  afterAll(removeCopies);

  test('has the edited file and what imports it as text of its own, and the rest by reference', async () => {
    const root = copyWith(impatient);
    const text = async (file: string): Promise<string> => readFile(join(root, 'src', file), 'utf8');
    expect(await text('recheck/drain.ts')).toContain('idleTimeout: 1_000');
    expect(await text('worker/worker.ts')).toContain('class');
    expect(await text('postgres/pool.ts')).toMatch(/^export \* from '\/.*\/src\/postgres\/pool\.ts';\n$/);
    expect(await text('recheck/drain.ts')).toMatch(/from '\/.*\/src\/postgres\//);
  });

  test('has the reader of SQL beside an edited statement', async () => {
    const file = 'sql/statement/consume-change.sql';
    const root = copyWith({ name: 'a statement', edits: [{ file, find: 'limit $4', replace: 'limit $4 -- edited' }] });
    expect(await readFile(join(root, file), 'utf8')).toContain('-- edited');
    expect(await readFile(join(root, 'src/postgres/sql-file.ts'), 'utf8')).toContain('import.meta.url');
  });
});
