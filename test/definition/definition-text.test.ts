/** Files: what they may say, what is refused, and that a text is read back as what it was written from. */
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { readDefinition, type Definition } from '../../src/definition/definition.ts';
import { definitionText } from '../../src/definition/definition-text.ts';

const read = (value: unknown, fallback = 'spain') => readDefinition(value, fallback);
const condition = { '==': [{ var: 'country' }, 'ES'] };

describe('read', () => {
  test('what is not said has its default, and the file names the segment', () => {
    expect(read({ condition })).toEqual({
      definition: {
        key: 'spain',
        name: 'spain',
        description: null,
        kind: 'dynamic',
        timezone: null,
        tags: [],
        condition,
      },
    });
    expect(
      read({ key: 'es', name: '', description: '', timezone: '', tags: null, state: 'paused', condition: true }),
    ).toEqual({
      definition: {
        key: 'es',
        name: 'es',
        description: null,
        kind: 'dynamic',
        timezone: null,
        tags: [],
        condition: true,
        state: 'paused',
      },
    });
  });

  test.each([
    [null, [['not-a-segment', '']]],
    [[condition], [['not-a-segment', '']]],
    [{}, [['wrong-field', '/condition']]],
    [{ condition, nmae: 'x' }, [['wrong-field', '/nmae']]],
    [
      { condition, name: 2024, tags: 'a', timezone: true },
      [
        ['wrong-field', '/name'],
        ['wrong-field', '/timezone'],
        ['wrong-field', '/tags'],
      ],
    ],
    [{ condition, key: 'no spaces' }, [['wrong-key', '/key']]],
    [{ condition, key: '../../etc/passwd' }, [['wrong-key', '/key']]],
    [
      { condition, state: 'deleted', kind: 'dinamic' },
      [
        ['wrong-field', '/kind'],
        ['wrong-field', '/state'],
      ],
    ],
    [{ condition, kind: 'static' }, [['wrong-field', '/condition']]],
    [
      { condition, name: 'a\0b', tags: ['\ud800'] },
      [
        ['wrong-field', '/name'],
        ['wrong-field', '/tags'],
      ],
    ],
  ])('%j is refused with everything that is wrong', (value, expected) => {
    const result = read(value);
    expect('issues' in result && result.issues.map(({ code, pointer }) => [code, pointer])).toEqual(expected);
  });

  test('a hint for what was nearly right', () => {
    const result = read({ condition, nmae: 'x', kind: 'dinamic' });
    expect('issues' in result && result.issues.map(({ hint }) => hint)).toEqual([
      'did you mean `name`?',
      'did you mean `dynamic`?',
    ]);
  });
});

describe('write', () => {
  const long = {
    and: [
      { in: [{ var: 'country' }, ['ES', 'PT']] },
      {
        '>=': [
          {
            sum: [{ map: [{ filter: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] }, { var: 'total' }] }],
          },
          '250.00',
        ],
      },
      { or: [{ in_last: [{ var: 'seen_at' }, 30, 'day'] }, { '!': [{ in_segment: ['blocked'] }] }] },
    ],
  };
  const all: Definition = {
    key: 'a.b-c',
    name: 'Ñandú: "x"',
    description: 'one\ntwo\n',
    kind: 'dynamic',
    timezone: 'Asia/Kolkata',
    tags: ['no', 'yes', '1', 'a b'],
    condition: long,
    state: 'paused',
  };

  test('the layout', () => {
    expect(definitionText({ ...all, tags: ['a'], name: 'Good', description: null }, 'yaml')).toBe(`key: a.b-c
name: Good
timezone: Asia/Kolkata
tags:
  - a
state: paused
condition:
  {"and": [
    {"in": [{"var": "country"}, ["ES", "PT"]]},
    {">=": [
      {"sum": [
        {"map": [{"filter": [{"var": "orders"}, {"==": [{"var": "status"}, "paid"]}]}, {"var": "total"}]}
      ]},
      "250.00"
    ]},
    {"or": [{"in_last": [{"var": "seen_at"}, 30, "day"]}, {"!": [{"in_segment": ["blocked"]}]}]}
  ]}
`);
  });

  test.each(['yaml', 'json'] as const)('%s is read back as it was', (format) => {
    const back = (text: string) => readDefinition(format === 'json' ? JSON.parse(text) : parse(text), 'other');
    const odd = [
      '',
      ' ',
      'null',
      '~',
      'true',
      '- a',
      'a: b',
      '#x',
      "it's",
      'tab\there',
      'Ünï',
      '\u0085',
      '\u2028',
      '\u007f',
      'line\r\nbreak',
      '{}',
      '0x1f',
      '1e3',
      '2026-01-01',
      '%',
      '@',
      '`',
      '!x',
      '&a',
      '*a',
      '|',
      '>',
      '\\',
      '"',
    ];
    for (const text of odd) {
      const definition: Definition = {
        ...all,
        name: text || 'a.b-c',
        description: text || null,
        tags: [text, text],
        condition: { in: [{ var: text }, [text, 1, true, null]] },
      };
      expect(back(definitionText(definition, format)), JSON.stringify(text)).toEqual({ definition });
    }
    expect(back(definitionText(all, format))).toEqual({ definition: all });
    expect(definitionText(all, format)).toBe(definitionText(structuredClone(all), format));
  });
});
