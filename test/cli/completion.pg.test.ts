/** The scripts of completion in real shells. A shell that is missing is skipped aloud. What is offered is complete.pg.test.ts's. */
import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SHELLS, type Shell } from '../../src/cli/completion-script.ts';
import { openTerminal, terminalAvailable } from '../support/terminal.ts';
import { createWorld, type World } from './cli-world.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSX = fileURLToPath(import.meta.resolve('tsx'));
const MAIN = resolve(ROOT, 'src/cli/main.ts');

let world: World;
/** Holds `segmentd`. */
let bin: string;
beforeAll(async () => {
  world = await createWorld();
  await world.ok('migrate');
  await world.ok('install');
  const spain = await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] });
  await world.ok('create', 'spain', '--condition', spain, '--name', 'From Spain', '--tag', 'eu');
  await world.ok('create', 'sporty', '--kind', 'static');
  bin = await mkdtemp(join(tmpdir(), 'segmentd-bin-'));
  await writeFile(join(bin, 'segmentd'), `#!/bin/sh\nexec '${process.execPath}' --import '${TSX}' '${MAIN}' "$@"\n`);
  await chmod(join(bin, 'segmentd'), 0o755);
});
afterAll(async () => {
  await rm(bin, { recursive: true, force: true });
  await world.end();
});

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${bin}:${process.env['PATH']}`,
    DATABASE_URL: world.database.url,
    SEGMENTD_COMPLETION_TIMEOUT: '60s',
  };
}

function isThere(shell: Shell): boolean {
  const found = spawnSync(shell, ['-c', 'true']).status === 0;
  if (!found) console.warn(`${shell} is not installed: its completion is not tested here`);
  return found;
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Completes each line in one shell: the script, then for each line a mark and what is offered. */
const PROGRAMS: Readonly<Record<Shell, (script: string, lines: readonly string[]) => readonly string[]>> = {
  // The function is called as readline calls it.
  bash: (script, lines) => [
    'bash',
    '--norc',
    '-c',
    `${script}
    COMP_WORDBREAKS='=:'
    complete -p segmentd >/dev/null || exit 1
    for line in ${lines.map(quoted).join(' ')}; do
      COMP_LINE=$line; COMP_POINT=\${#line}
      read -ra COMP_WORDS <<< "\${line//=/ = }"; [[ $line == *' ' ]] && COMP_WORDS+=('')
      COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
      _segmentd; echo MARK; printf '%s\\n' "\${COMPREPLY[@]}"
    done`,
  ],
  fish: (script, lines) => [
    'fish',
    '--no-config',
    '-c',
    `${script}\n${lines.map((line) => `echo MARK; complete -C ${quoted(line)}`).join('\n')}`,
  ],
  // zsh completes in its editor only: `words`, CURRENT and PREFIX are what the editor sets, and what is added is printed.
  zsh: (script, lines) => [
    'zsh',
    '-f',
    '-c',
    `compdef() { : }
    compadd() { local name=\${@[-1]}; print -rl -- "\${(@P)name}" }
    compset() { PREFIX=\${PREFIX#*=} }
    _files() { print -r -- spain.json }
    ${script}
    for line in ${lines.map(quoted).join(' ')}; do
      words=(\${(z)line}); [[ $line == *' ' ]] && words+=('')
      CURRENT=$#words; PREFIX=$words[-1]
      print MARK; _segmentd
    done`,
  ],
};

async function offered(shell: Shell, lines: readonly string[]): Promise<readonly (readonly string[])[]> {
  const [program = '', ...args] = PROGRAMS[shell](await world.ok('completion', shell), lines);
  const child = spawn(program, args, { cwd: world.folder, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  expect(stderr).toBe('');
  return stdout
    .split('MARK\n')
    .slice(1)
    .map((part) => part.split('\n').flatMap((one) => (one === '' ? [] : [one.split('\t')[0] ?? ''])))
    .map((one) => one.toSorted());
}

test.each(SHELLS.filter(isThere))('%s completes verbs, keys, values and files', async (shell) => {
  const lines = [
    'segmentd sho',
    'segmentd show sp',
    'segmentd export spain --format=n',
    'segmentd create x --condition spain.j',
    'segmentd show nothing-like-it',
  ];
  expect(await offered(shell, lines)).toEqual([
    ['show'],
    ['spain', 'sporty'],
    [shell === 'fish' ? '--format=ndjson' : 'ndjson'],
    ['spain.json'],
    [],
  ]);
});

describe.runIf(terminalAvailable)('with the Tab key', () => {
  test('bash completes a key in its line', async () => {
    const rc = await world.file('bashrc', `PS1='$ '\n${await world.ok('completion', 'bash')}`);
    const terminal = await openTerminal(['bash', '--noprofile', '--rcfile', join(world.folder, rc), '-i'], {
      cwd: world.folder,
      env: environment(),
    });
    try {
      await terminal.shows(/^\$/);
      terminal.type('segmentd show spa\t');
      await terminal.shows('segmentd show spain');
    } finally {
      await terminal.close();
    }
  });

  test.runIf(isThere('zsh'))('zsh completes a key in its line', async () => {
    await world.file('.zshrc', `PS1='$ '\n${await world.ok('completion', 'zsh')}`);
    const terminal = await openTerminal(['zsh', '-i'], {
      cwd: world.folder,
      env: { ...environment(), ZDOTDIR: world.folder },
    });
    try {
      await terminal.shows(/^\$/);
      terminal.type('segmentd show spa\t');
      await terminal.shows('segmentd show spain');
    } finally {
      await terminal.close();
    }
  });
});
