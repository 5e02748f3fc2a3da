/**
 * The documents of the house stay true: a path in them exists, a name in them is in the code, and the rules of src/PROTOCOL.md
 * and the places that name a rule know each other.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function filesUnder(folder: string, ends: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && ends.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function read(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

const code = ['src', 'sql', 'test', 'drizzle'].flatMap((folder) => filesUnder(folder, /\.(tsx?|sql)$/));
/** The manual is for users: test/readme.test.ts holds it. */
const documents = filesUnder('src', /\.md$/).filter((name) => !name.startsWith('src/manual/'));
const protocol = read('src/PROTOCOL.md');
/** Text of code with the place where it stands. This test names no rule of its own. */
const places = code.filter((name) => name !== 'test/house-docs.test.ts').map((name) => ({ name, text: read(name) }));

/** Names between backticks, outside of blocks of code. */
function namesIn(text: string): string[] {
  return [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
}

function isPath(name: string): boolean {
  return /^[\w.-]+(\/[\w.-]+)*\/?$/.test(name) && (/\.(ts|sql|md)$/.test(name) || name.includes('/'));
}

function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? '').filter((link) => !link.includes(':'));
}

test('the documents of the house are found', () => {
  expect(documents).toEqual(expect.arrayContaining(['src/PROTOCOL.md', 'src/README.md']));
});

test.each(documents)('every path in %s exists', (name) => {
  const folder = join(name, '..');
  const missing = [...namesIn(read(name)).filter(isPath), ...linksIn(read(name))].filter(
    (path) => !['', 'src', folder].some((from) => existsSync(join(ROOT, from, path))),
  );
  expect(missing).toEqual([]);
});

test.each(documents)('every name in %s is a name of the code', (name) => {
  const text = places.map((place) => place.text).join('\n');
  const missing = namesIn(read(name))
    .filter((word) =>
      /^[a-z]+[A-Z]\w*$|^[A-Z][a-z]+[A-Z]\w*$|^[a-z]+(_[a-z]+)+$|^segmentd(_internal)?\.\w+(\(\))?$/.test(word),
    )
    .map((word) => word.replace(/^segmentd(_internal)?\./, '').replace('()', ''))
    .filter((word) => !new RegExp(`\\b${word}\\b`).test(text));
  expect(missing).toEqual([]);
});

test('every file of src, sql and test that refers to a document finds it', () => {
  const missing = places.flatMap(({ name, text }) =>
    [...text.matchAll(/\b(?:[\w-]+\/)*[A-Z][A-Z]+\.md\b/g)]
      .map((match) => match[0])
      .filter((document) => !['', 'src'].some((from) => existsSync(join(ROOT, from, document))))
      .map((document) => `${name}: ${document}`),
  );
  expect(missing).toEqual([]);
});

const headings = new Set([...protocol.matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? ''));
/** `W` of a heading "Rule W: …", `B1` and `I3` of an entry "- **B1, …**". */
const rules = new Set([...protocol.matchAll(/^(?:### Rule |- \*\*)([A-Z]\d?)[:,]/gm)].map((match) => match[1] ?? ''));

/** `D5` of the fifth step that "Rule D" lists. */
const steps = new Set(
  protocol.split(/^### Rule /m).flatMap((section) =>
    [
      ...section
        .split(/^#/m, 1)
        .join('')
        .matchAll(/^(\d)\. /gm),
    ].map((match) => `${section.charAt(0)}${match[1] ?? ''}`),
  ),
);

/** Rules that a text names: "rule D", "rules D and T", and steps and invariants by their number. */
function rulesIn(text: string): string[] {
  return [...text.matchAll(/\b[Rr]ules? ((?:[A-Z]\d?(?:, | and )?)+)(?![\w.])/g)]
    .flatMap((match) => [...(match[1] ?? '').matchAll(/[A-Z]\d?/g)])
    .map((match) => match[0]);
}

test('a rule that code or a test names is a rule of PROTOCOL.md', () => {
  expect(rules.size).toBeGreaterThan(15);
  expect(steps).toContain('D5');
  expect(steps).not.toContain('D10');
  const wrong = places.flatMap(({ name, text }) =>
    rulesIn(text)
      .filter((rule) => !rules.has(rule) && !steps.has(rule))
      .map((rule) => `${name}: ${rule}`),
  );
  expect(wrong).toEqual([]);
});

test('a section of PROTOCOL.md that code or a test names is there', () => {
  const wrong = places.flatMap(({ name, text }) =>
    [...text.matchAll(/PROTOCOL\.md, "([^"]+)"/g)]
      .map((match) => match[1] ?? '')
      .filter((section) => !headings.has(section))
      .map((section) => `${name}: ${section}`),
  );
  expect(wrong).toEqual([]);
});

test('every rule of PROTOCOL.md is named by the code that keeps it or by a test', () => {
  const named = new Set(
    places.flatMap(({ text }) => [
      ...rulesIn(text),
      ...[...text.matchAll(/\b([BI]\d)\b(?=[:,) .]| and )/g)].map((match) => match[1] ?? ''),
    ]),
  );
  expect([...rules].filter((rule) => !named.has(rule))).toEqual([]);
});

test('a figure marked as measured has a section that says how', () => {
  const marked = places.filter(({ text }) => text.includes('*m*'));
  expect(marked.length).toBeGreaterThan(0);
  expect(headings).toContain('Measured figures');
});
