/** The API has every verb of the command line, and every public method says what it does. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { VERBS } from '../../src/cli/verb-list.ts';
import { createWorker, Segmentd } from '../../src/index.ts';

const FOLDER = fileURLToPath(new URL('../../src/api/', import.meta.url));

/** Verbs that are called otherwise in the API. */
const CALLED: Readonly<Record<string, string>> = {
  init: 'introspect',
  run: 'worker',
  'schedule add': 'addSchedule',
  'schedule list': 'schedules',
  'schedule run': 'runSchedule',
  'schedule runs': 'scheduleRuns',
  'schedule remove': 'removeSchedule',
};
/** A worker with a shop around it: nothing for a program to call. */
const NOT_CALLED = new Set(['dev']);

function verbs(): string[] {
  const program = new Command();
  for (const verb of VERBS) verb(program, () => async () => {});
  return program.commands.flatMap((one) =>
    one.commands.length > 0 ? one.commands.map((inner) => `${one.name()} ${inner.name()}`) : [one.name()],
  );
}

test('every verb is a method', () => {
  const found = verbs();
  expect(found.length).toBeGreaterThan(30);
  const camel = (verb: string): string =>
    CALLED[verb] ?? verb.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  expect(found.filter((verb) => !NOT_CALLED.has(verb) && !(camel(verb) in Segmentd.prototype))).toEqual([]);
  expect(createWorker).toBeTypeOf('function');
});

test('every method is documented', () => {
  const bare: string[] = [];
  let methods = 0;
  for (const file of readdirSync(FOLDER)) {
    const lines = readFileSync(`${FOLDER}${file}`, 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      const name =
        /^ {2}(?!if |for |while |switch )(?:protected )?(?:async )?\*?(\[?\w[\w.]*\]?)(?:<.*>)?\(.*\).*\{$/.exec(
          line,
        )?.[1];
      if (name === undefined || name === 'constructor') continue;
      methods += 1;
      if (!(lines[index - 1] ?? '').trimEnd().endsWith('*/')) bare.push(`${file}: ${name}`);
    }
  }
  expect(methods).toBeGreaterThan(50);
  expect(bare).toEqual([]);
});
