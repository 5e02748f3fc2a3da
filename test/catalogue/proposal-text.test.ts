/** The file that `init` writes: names of the database can neither end a comment nor an entry. */
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import type { Proposal, ProposedRelation } from '../../src/catalogue/proposal.ts';
import { proposalText } from '../../src/catalogue/proposal-text.ts';

const NAMES = [
  'plain',
  'with space',
  'new\nline: true',
  'carriage\rreturn',
  'next\u0085line\u2028separator',
  '# comment',
  "quote's",
  'double "quotes"',
  'back\\slash',
  '{ brace: [list], x }',
  'yes',
  'null',
  '007',
  '1e3',
  '- dash',
  '*alias',
  '&anchor',
  '!tag',
  '%percent',
  '@at',
  '`tick',
  '| pipe',
  '> fold',
  'colon: value',
  'tab\tbed',
  'bell\u0007',
  'turn\u202eed',
  'ünï',
  'on',
  '~',
];

function relation(name: string, active: boolean): ProposedRelation {
  return {
    name,
    table: `public."${name.replaceAll('"', '""')}"`,
    active,
    ...(active ? {} : { reason: `because of ${name}` }),
    direction: 'in',
    contact: name,
    time: name,
    exclude: [name, `${name}2`],
    rows: 3,
    guess: true,
    note: `note on ${name}`,
    indexes: [`public.t (${name})`],
  };
}

test.each(NAMES.flatMap((_, n) => (n % 10 === 0 ? [n] : [])))(
  'every name is read back as it was, in entries and in comments: columns shown from %d on',
  (from) => {
    // A config displays so many columns at most.
    const shown = NAMES.slice(from, from + 10);
    const proposal: Proposal = {
      contacts: {
        table: 'public.c',
        key: 'new\nkey',
        created: '# when',
        display: shown.map((field, n) => ({ field, masked: n % 2 === 0 })),
        exclude: NAMES,
        rows: null,
        json: 'a: b',
        others: NAMES,
      },
      relations: [
        ...NAMES.map((name) => relation(name, true)),
        ...NAMES.map((name) => relation(`spare ${name}`, false)),
      ],
      omissions: NAMES.map((name) => ({ subject: name, reason: `reason of ${name}` })),
    };
    const text = proposalText(proposal);
    const read = parse(text) as { contacts: unknown; relations: Record<string, unknown> };
    expect(read.contacts).toEqual({
      table: 'public.c',
      key: 'new\nkey',
      created: '# when',
      display: shown.map((name, n) => (n % 2 === 0 ? { [name]: 'masked' } : name)),
      exclude: NAMES,
    });
    expect(Object.keys(read.relations)).toEqual(expect.arrayContaining(NAMES));
    expect(Object.keys(read.relations)).toHaveLength(NAMES.length);
    for (const name of NAMES) {
      expect(read.relations[name]).toEqual({
        table: `public."${name.replaceAll('"', '""')}"`,
        contact: name,
        time: name,
        exclude: [name, `${name}2`],
      });
    }
    expect(['\u0007', '\u0085', '\u2028', '\u202e', '\r', '\t'].filter((one) => text.includes(one))).toEqual([]);
    expect(() => parseConfig(text, 'c')).not.toThrow();
  },
);

test('without relations the file is whole', () => {
  const text = proposalText({
    contacts: { table: 'public.c', key: 'id', display: [], exclude: [], rows: 1, others: [] },
    relations: [],
    omissions: [],
  });
  expect(parse(text)).toEqual({
    contacts: { table: 'public.c', key: 'id' },
    relations: {},
    timezone: 'UTC',
    timestamps: 'UTC',
  });
  expect(text).toContain('table: public.c   # about 1 row\n');
});
