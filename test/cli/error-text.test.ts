import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { Failure } from '../../src/base/error.ts';
import { errorText, printIssue } from '../../src/cli/error-text.ts';

const postgres = (code: string, message = 'what Postgres said') =>
  Object.assign(new Error(message), { code, severity: 'ERROR' });

test.each<[string, unknown, 1 | 2, RegExp]>([
  ['a failure speaks for itself', new Failure('conflict', 'There is one.'), 2, /^There is one\.$/],
  [
    'usage of a flag',
    new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'\n(Did you mean --y?)"),
    2,
    /^unknown option '--x' \(Did you mean --y\?\)\.$/,
  ],
  ['no schema', postgres('3F000'), 1, /run `segmentd migrate` first/],
  ['no table', postgres('42P01'), 1, /run `segmentd migrate` first/],
  [
    'no right',
    postgres('42501', 'permission denied for schema segmentd'),
    1,
    /lacks a right that this needs: permission denied for schema segmentd\.$/,
  ],
  ['a dollar in a message is no pattern', postgres('42501', 'permission denied for table $&'), 1, /table \$&\.$/],
  ['a replica', postgres('25006'), 1, /read only/],
  ['shutting down', postgres('57P01'), 1, /Postgres ended the connection/],
  ['another SQLSTATE', postgres('XX000', 'cache lookup failed'), 1, /SQLSTATE XX000.*cache lookup failed\.$/],
  [
    'bad data is not quoted',
    postgres('22P02', 'invalid input syntax for type bigint: "ann@example.org"'),
    1,
    /^Postgres reported an error \(SQLSTATE 22P02\); its message may hold values of rows and is left out\.$/,
  ],
  [
    'what a function of the team raises',
    postgres('P0001', 'no way, Ann'),
    1,
    /SQLSTATE P0001\); its message may hold values/,
  ],
  [
    'what ours raises',
    Object.assign(postgres('23514', 'the key of segment "x" cannot be changed'), {
      where: 'PL/pgSQL function segmentd_internal.segment_before() line 20 at RAISE',
    }),
    1,
    /cannot be changed\.$/,
  ],
  [
    'no server there',
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
    1,
    /cannot be reached: connect ECONNREFUSED/,
  ],
  [
    'no server at any address',
    new AggregateError([Object.assign(new Error(''), { code: 'ECONNREFUSED' })]),
    1,
    /cannot be reached/,
  ],
  ['cut in mid-query', new Error('Connection terminated unexpectedly'), 1, /was cut/],
  [
    'cut between two queries',
    new Error('Client has encountered a connection error and is not queryable'),
    1,
    /was cut/,
  ],
  [
    'a bug',
    new TypeError('x is not a function'),
    1,
    /This should not have happened: x is not a function\. Set SEGMENTD_DEBUG=1/,
  ],
  ['anything', 'text', 1, /text/],
])('%s', (_, error, exitCode, sentence) => {
  const explained = errorText(error);
  expect(explained.exitCode).toBe(exitCode);
  expect(explained.sentence).toMatch(sentence);
  expect(explained.sentence).not.toContain('\n');
});

test('help that was asked for is no error; help for want of a verb is', () => {
  expect(errorText(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'))).toMatchObject({
    exitCode: 0,
    sentence: '',
  });
  expect(errorText(new CommanderError(1, 'commander.help', '(outputHelp)'))).toMatchObject({
    exitCode: 2,
    sentence: '',
  });
});

test('an issue is one line: code, place, message, hint', () => {
  expect(
    printIssue({
      code: 'unknown-field',
      pointer: '/and/0',
      message: 'There is no field "x".',
      hint: 'did you mean `y`?',
    }),
  ).toBe('  unknown-field at /and/0: There is no field "x": did you mean `y`?');
  expect(printIssue({ code: 'empty-group', pointer: '', message: 'Empty' })).toBe(
    '  empty-group at the whole condition: Empty.',
  );
});
