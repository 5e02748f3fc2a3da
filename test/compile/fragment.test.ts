import { describe, expect, it } from 'vitest';
import {
  empty,
  identity,
  ident,
  integer,
  join,
  keyword,
  list,
  render,
  param,
  sql,
  tableName,
  value,
  type Fragment,
} from '../../src/compile/fragment.ts';

describe('fragment', () => {
  it('numbers parameters in order and shares equal ones', () => {
    const statement = render(
      sql`a = ${value('x', 'text')} and b = ${value('y', 'text')} and c = ${value('x', 'text')}`,
    );
    expect(statement.text).toBe('a = $1::text and b = $2::text and c = $1::text');
    expect(statement.bind()).toEqual(['x', 'y']);
  });

  it('keeps equal values of different types, and text and numbers, apart', () => {
    const statement = render(
      sql`${value('1', 'text')} ${value('1', 'int')} ${value(1, 'text')} ${list(['1'], 'text')}`,
    );
    expect(statement.text).toBe('$1::text $2::int $3::text $4::text[]');
    expect(statement.bind()).toEqual(['1', '1', 1, '{"1"}']);
  });

  it('numbers a param only where it is used, once, and insists on its value', () => {
    const now = param('now', 'timestamptz');
    const statement = render(sql`${value(true, 'boolean')} ${now} ${now}`);
    expect(statement.text).toBe('$1::boolean $2::timestamptz $2::timestamptz');
    expect(statement.bind({ now: 'T' })).toEqual([true, 'T']);
    expect(() => statement.bind()).toThrow('param now has no value');
    expect(render(sql`true`).bind({ now: 'T' })).toEqual([]);
    expect(() => render(param('toString', 'text')).bind({})).toThrow('toString');
  });

  it('quotes identifiers always', () => {
    expect(render(ident('CRM', 'a"b')).text).toBe('"CRM"."a""b"');
    expect(render(tableName({ schema: 'public', name: 'order' })).text).toBe('"public"."order"');
    expect(() => ident('')).toThrow();
    expect(() => ident()).toThrow();
    expect(() => ident('a\0b')).toThrow();
  });

  it('refuses anything but fragments', () => {
    expect(() => sql`a ${'; drop table x' as unknown as Fragment}`).toThrow(TypeError);
    expect(() => sql`a ${{ parts: ['; drop'] } as unknown as Fragment}`).toThrow(TypeError);
    expect(() => sql`a ${undefined as unknown as Fragment}`).toThrow(TypeError);
    expect(() => sql(['drop'] as unknown as TemplateStringsArray)).toThrow(TypeError);
  });

  it('takes only type text as a keyword', () => {
    expect(render(keyword('character varying(20)[]')).text).toBe('character varying(20)[]');
    expect(render(keyword('"My-Schema"."My""type"')).text).toBe('"My-Schema"."My""type"');
    for (const bad of ["text'", 'int;', 'a--b', '"open', 'int/*', '', 'a\\b', '"a\0"'])
      expect(() => keyword(bad)).toThrow();
    expect(() => value('1', "int'")).toThrow();
  });

  it('joins, nests and prints integers', () => {
    const statement = render(sql`f(${join([integer(1), integer(-2), value('v', 'text')], sql`, `)})${empty}`);
    expect(statement.text).toBe('f(1, (-2), $1::text)');
    expect(() => integer(1.5)).toThrow();
  });

  it('has one identity for equal text and values', () => {
    const make = (needle: string): Fragment => sql`a = ${value(needle, 'text')}`;
    expect(identity(make('x'))).toBe(identity(make('x')));
    expect(identity(make('x'))).not.toBe(identity(make('y')));
    expect(identity(sql`${value('1', 'text')}`)).not.toBe(identity(sql`${value('1', 'int')}`));
  });

  it('takes more values than the protocol counts parameters, as elements of arrays', () => {
    const count = 65_664;
    const values = Array.from({ length: count }, (_, n) =>
      value(n === 7 ? 'a"b' : String(n), n % 2 === 0 ? 'bigint' : 'text'),
    );
    const statement = render(
      sql`${join(values, sql`, `)}, ${value(null, 'text')}, ${list(['x'], 'text')}, ${param('now', 'timestamptz')}, ${value('9', 'text')}`,
    );
    const references = statement.text.split(', ');
    expect([references[0], references[1], references[2], references[128], references.at(-1)]).toEqual([
      '($1::bigint[])[1]',
      '($2::text[])[1]',
      '($1::bigint[])[2]',
      '($3::bigint[])[1]',
      references[9],
    ]);
    const bound = statement.bind({ now: 'T' });
    expect(bound).toHaveLength(count / 64 + 3);
    expect(bound.slice(-3)).toEqual([null, '{"x"}', 'T']);
    expect(bound[1]).toContain('"5","a\\"b","9"');
  });

  it('counts params and lists one by one, and refuses what does not fit then', () => {
    const many = Array.from({ length: 65_536 }, (_, n) => list([String(n)], 'text'));
    expect(() => render(join(many, sql`, `))).toThrow(RangeError);
  });
});
