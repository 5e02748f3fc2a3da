/**
 * Plain words. A word has one meaning here, and some that read well in English make a reader of English as a second language stop. This
 * test holds what must not be read in the tree: in comments, names, messages and tests. src/README.md lists the words to write instead.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Word {
  /** Over words in lower case: names are taken apart (`maybeGone` is `maybe gone`). */
  readonly match: string;
  readonly instead: string;
  /** Files that may write it, each with its reason. */
  readonly allowed?: Readonly<Record<string, string>>;
}

const FORMER = {
  'README.md': 'Changes says the former names',
  'src/manual/changes.md': 'it says the former names',
  'test/postgres/migrate.pg.test.ts': 'it makes a database of the former names',
};

const USER = {
  'src/dev/embedded-postgres.ts': 'the user `nobody` of the system',
  'src/dev/postgres-binary.ts': 'the same',
  'test/support/pgbouncer.ts': 'the same',
};

const WORDS: readonly Word[] = [
  { match: 'wish(es|ed)?', instead: 'override', allowed: FORMER },
  { match: 'judg(e|es|ed|ing|e?ments?)', instead: 'validate, decide, compare', allowed: FORMER },
  { match: 'mend(s|ed|ing)?', instead: 'fix, repair, recover, restore', allowed: FORMER },
  { match: 'dear(er|est|ly)?', instead: 'expensive' },
  { match: 'tells?|told', instead: 'report, print, say: with its subject' },
  { match: 'meets?|met|unmet', instead: 'satisfy, fulfil, find' },
  {
    match: 'somebody|nobody|whoever|whom',
    instead: 'the role by its name: caller, worker, session, reader',
    allowed: USER,
  },
  { match: 'things?', instead: 'what it is' },
  { match: 'by hand', instead: 'override', allowed: FORMER },
  { match: 'see(s|ing)? to|saw to|seen to', instead: 'the verb of what is done' },
  { match: 'touch(es|ed|ing)?', instead: 'affect, write, lock' },
  { match: 'gone', instead: 'deleted' },
  { match: 'wanted row', instead: 'request' },
];

const texts = [
  ...['src', 'sql', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.(tsx?|sql|md)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  ),
  join(ROOT, 'README.md'),
]
  .map((path) => relative(ROOT, path))
  .filter((name) => name !== 'test/house-word.test.ts')
  .map((name) => ({
    name,
    lines: readFileSync(join(ROOT, name), 'utf8')
      .split('\n')
      .map((line) =>
        line
          .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
          .replaceAll(/[_-]/g, ' ')
          .toLowerCase(),
      ),
  }));

test.each(WORDS)('no file says $match', ({ match, instead, allowed = {} }) => {
  const word = new RegExp(`\\b(${match})\\b`);
  const found = texts
    .filter(({ name }) => !(name in allowed))
    .flatMap(({ name, lines }) =>
      lines.flatMap((line, at) => (word.test(line) ? [`${name}:${at + 1}: ${line.trim()}`] : [])),
    );
  expect(found, `write: ${instead}`).toEqual([]);
});
