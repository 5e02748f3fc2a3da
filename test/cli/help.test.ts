/** What `--help` prints fits its terminal, names every verb and option in its place, and each example parses. */
import { Command, CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { optionRows } from '../../src/base/option.ts';
import { EXAMPLES } from '../../src/cli/example.ts';
import { createProgram, fullName } from '../../src/cli/program.ts';
import { splitLine } from '../../src/cli/split-line.ts';
import { VERBS } from '../../src/cli/verb-list.ts';
import { VERB_GROUPS } from '../../src/cli/verb.ts';
import { wrap, wrapLine } from '../../src/cli/wrap.ts';
import { cliInTerminal, terminalAvailable } from '../support/terminal.ts';
import { cli } from './in-process.ts';

/** @param columns of the terminal; without, the help goes into a pipe */
async function help(argv: readonly string[], columns?: number): Promise<readonly string[]> {
  const { code, stdout, stderr } = await cli(argv, columns === undefined ? {} : { columns });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.endsWith('\n')).toBe(true);
  return stdout.slice(0, -1).split('\n');
}

/** Every command with its path, `schedule add` among them. */
async function commands(): Promise<readonly Command[]> {
  const { root, complete } = createProgram([], await silent(), () => async () => {});
  for (const command of root.commands) await complete(command);
  return root.commands.flatMap((command) => [command, ...command.commands]).filter((one) => one.name() !== 'help');
}

async function silent() {
  const { PassThrough, Readable } = await import('node:stream');
  return {
    stdin: Readable.from([]),
    stdout: new PassThrough().resume(),
    stderr: new PassThrough().resume(),
    environment: {},
    cwd: '/nowhere',
    signal: new AbortController().signal,
  };
}

test('segmentd --help fits 24 lines of 80 columns, names every verb once, and has four options', async () => {
  const lines = await help(['--help'], 80);
  expect(lines.length).toBeLessThan(24);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  const verbs = lines.slice(lines.indexOf('') + 1, lines.indexOf('Options')).join(' ');
  for (const { name } of VERBS)
    expect(verbs.match(new RegExp(`(?<![\\w-])${name}(?![\\w-])`, 'g')), name).not.toBeNull();
  for (const group of VERB_GROUPS) expect(verbs.toLowerCase()).toContain(`  ${group}  `.trimStart());
  const options = lines.slice(lines.indexOf('Options') + 1).filter((line) => line.startsWith('  --'));
  expect(options.map((line) => line.trim().split(' ')[0])).toEqual(['--config', '--database-url', '--json', '--help']);
  expect(await help(['--help'])).toEqual(lines);
  expect(await help(['help'], 80)).toEqual(lines);
});

test.runIf(terminalAvailable)('in a terminal of 24 lines the first line is still to be seen at the end', async () => {
  const terminal = await cliInTerminal(['--help']);
  try {
    expect((await terminal.ended).code).toBe(0);
    const lines = await terminal.screen.lines();
    expect(lines[0]).toContain('Keeps dynamic segments');
    expect(lines.join('\n')).toContain('segmentd help VERB explains one verb');
  } finally {
    await terminal.close();
  }
});

test('--help --all has every verb with its summary and every option with its environment', async () => {
  const text = (await help(['--help', '--all'], 80)).join('\n');
  expect(await help(['help', '--all'], 80)).toEqual(text.split('\n'));
  for (const { name } of VERBS) expect(text).toMatch(new RegExp(`^  ${name}  `, 'm'));
  for (const { flag, environment } of optionRows()) {
    expect(text).toContain(`  ${flag}`);
    expect(text).toContain(environment);
  }
});

test.each([80, 50])('help of every verb fits %d columns', async (columns) => {
  for (const argv of [['--help'], ['--help', '--all']]) await fits(argv, columns);
  for (const command of await commands()) await fits([...fullName(command).split(' '), '--help'], columns);
});

async function fits(argv: readonly string[], columns: number): Promise<void> {
  const lines = await help(argv, columns);
  // A flag, a path or a condition is one word, and is not cut.
  for (const line of lines) {
    const isOneWord = /^ *\S+$/.test(line) || /^ *--\S+ \S+$/.test(line);
    if (!isOneWord) expect(line.length, `${argv.join(' ')}: ${line}`).toBeLessThanOrEqual(columns);
  }
}

test('help of a verb: its own options first, the settings that it reads, its examples', async () => {
  const run = await help(['run', '--help'], 80);
  const text = run.join('\n');
  expect(run.slice(0, 7)).toEqual([
    'Usage: segmentd run [options]',
    '',
    'Run the worker, which keeps the segments.',
    '',
    'Options',
    '  --once   drain, finish owed rebuilds, and exit',
    '  --serve  also serve the page and the HTTP API, as the verb serve does',
  ]);
  expect(text).toContain('SEGMENTD_BATCH_SIZE; default 1000');
  expect(text).toContain('\nExamples\n  segmentd run\n');
  const create = (await help(['help', 'create'], 80)).join('\n');
  expect(create).not.toContain('--batch-size');
  expect(create).toContain('(dynamic, static, snapshot; default dynamic)');
  expect(await help(['create', '--help'], 80)).toEqual(create.split('\n'));
  const add = await help(['help', 'schedule', 'add'], 80);
  expect(add[0]).toBe('Usage: segmentd schedule add <key> [options]');
  expect(add.filter((line) => line.includes('segmentd schedule'))).toHaveLength(2);
});

test('every verb has an example, and each example is one that the verb takes', async () => {
  const shown = Object.values(EXAMPLES).flat();
  for (const command of await commands()) {
    if (command.commands.length > 0) continue;
    expect(
      shown.some((one) => one.includes(`segmentd ${fullName(command)}`)),
      fullName(command),
    ).toBe(true);
  }
  expect(Object.keys(EXAMPLES).toSorted()).toEqual(VERBS.map(({ name }) => name).toSorted());
  for (const one of shown) {
    const words = splitLine(one.slice(one.indexOf('segmentd ')).replace(/ (\||>>?) .*$/, '')).slice(1);
    let ran = '';
    const { root } = createProgram(words, await silent(), () => async (...all) => {
      const command: unknown = all.at(-1);
      if (command instanceof Command) ran = fullName(command);
    });
    await root.parseAsync([...words], { from: 'user' }).catch((error: unknown) => {
      throw error instanceof CommanderError ? new Error(`${one}: ${error.message}`, { cause: error }) : error;
    });
    expect(words.join(' ').startsWith(ran) && ran !== '', one).toBe(true);
  }
});

test('verbs of the option table are verbs', () => {
  const names = VERBS.map(({ name }) => name);
  for (const { verbs = [] } of optionRows()) for (const verb of verbs) expect(names).toContain(verb);
});

test.each([
  [['lits'], 'There is no verb "lits": did you mean `list`?'],
  [['help', 'lits'], 'There is no verb "lits": did you mean `list`?'],
  [['schedule', 'ad'], 'There is no verb "ad": did you mean `add`?'],
  [['schedule', 'qqqqqq'], 'There is no verb "qqqqqq"; segmentd schedule --help lists them.'],
  [['qqqqqq'], 'There is no verb "qqqqqq"; segmentd --help lists them.'],
  [['list', '--serch', 'x'], "unknown option '--serch' (Did you mean --search?)."],
])('%j is answered with what to write', async (argv, sentence) => {
  expect(await cli(argv)).toEqual({ code: 2, stdout: '', stderr: `segmentd: ${sentence}\n` });
});

test.each([
  [['show'], "missing required argument 'key'.", 'Usage: segmentd show <key> [options]'],
  [['schedule', 'remove'], "missing required argument 'id'.", 'Usage: segmentd schedule remove <id> [options]'],
])('%j is answered with the usage of the verb', async (argv, sentence, usage) => {
  expect(await cli(argv)).toEqual({ code: 2, stdout: '', stderr: `segmentd: ${sentence}\n${usage}\n` });
  expect(JSON.parse((await cli([...argv, '--json'])).stderr)).toEqual({
    error: { code: 'usage', message: sentence, usage },
  });
});

test('too many arguments are answered with the usage too', async () => {
  const { code, stderr } = await cli(['list', 'a', 'b']);
  expect({ code, lines: stderr.split('\n') }).toEqual({
    code: 2,
    lines: [expect.stringContaining('too many arguments'), 'Usage: segmentd list [options]', ''],
  });
});

test.each([[['create', 'a', '--dry-run']], [['create', '--dry-run']], [['create', 'a', '--dry-run=true']]])(
  '%j points to the verb that tries a condition',
  async (argv) => {
    expect(await cli(argv)).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'segmentd: create has no option --dry-run; segmentd preview --condition FILE tries a condition and saves nothing.\n',
    });
  },
);

test('lines break at spaces, under the column that they belong to', () => {
  expect(wrap('a bb ccc', 4)).toEqual(['a bb', 'ccc']);
  expect(wrap('a bb ccc', 4, 1)).toEqual(['a bb', ' ccc']);
  expect(wrap('abcdefgh ij', 4)).toEqual(['abcdefgh', 'ij']);
  expect(wrap('  a   b', 20)).toEqual(['  a   b']);
  expect(wrap('', 5)).toEqual(['']);
  expect(wrapLine('warn  one two three', 14)).toEqual(['warn  one two', '      three']);
  expect(wrapLine('  indented one two', 12)).toEqual(['  indented', '    one two']);
  expect(wrapLine('ein Größenänderung', 18)).toEqual(['ein Größenänderung']);
});
