/** The unit: systemd reads it without a remark, and what it starts exists. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unitLines, unitProgram, unitValue, unreadVariables } from './program.ts';
import { mistakesOf, recipeText } from './recipe.ts';

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasSystemd)
  console.warn('systemd-analyze is not installed: its tests are skipped. The Debian package systemd has it.');

/** What systemd-analyze says of a unit, whose program is one that this machine has. */
async function analyze(args: readonly string[], text: string): Promise<{ code: unknown; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-unit-'));
  try {
    const file = join(folder, 'segmentd.service');
    await writeFile(file, text.replace('ExecStart=segmentd ', `ExecStart=${process.execPath} `));
    return await new Promise((settle) => {
      execFile('systemd-analyze', [...args, file], (error, stdout, stderr) =>
        settle({ code: error ? error.code : 0, output: `${stdout}${stderr}` }),
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test.skipIf(!hasSystemd)('systemd has nothing to remark', async () => {
  const text = recipeText('segmentd.service');
  const { code, output } = await analyze(['verify'], text);
  // Of other units of this machine it may say something.
  expect({ code, remarks: output.split('\n').filter((line) => line.includes('segmentd.service')) }).toEqual({
    code: 0,
    remarks: [],
  });
  const wrong = await analyze(['verify'], text.replace('RestartSec=', 'RestartSecs='));
  expect(wrong.output).toContain('RestartSecs');
});

test.skipIf(!hasSystemd)('systemd counts what the service may reach as little', async () => {
  const { code, output } = await analyze(
    ['security', '--offline=yes', '--threshold=20'],
    recipeText('segmentd.service'),
  );
  expect(code, output.split('\n').at(-1)).toBe(0);
});

test('it starts a verb that exists, with variables that segmentd reads', async () => {
  const program = unitProgram();
  expect(await mistakesOf(program.args.join(' '))).toEqual([]);
  expect(unreadVariables(program)).toEqual([]);
  expect(program.env).not.toHaveProperty('DATABASE_URL');
});

test('the first start sets up the tables, the triggers and the role of the worker, then starts it', async () => {
  const [head = ''] = recipeText('segmentd.service').split('[Unit]');
  const places = [
    'npm install --global',
    'segmentd migrate --config /etc/segmentd/segmentd.yaml',
    'segmentd install --config /etc/segmentd/segmentd.yaml',
    'in role segmentd_worker',
    'systemctl daemon-reload && systemctl enable --now segmentd',
  ].map((text) => head.indexOf(text));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  for (const command of ['migrate --config x', 'install --config x', 'install --indexes'])
    expect(await mistakesOf(command)).toEqual([]);
});

test('credentials stand in a file of root, and the unit has none', () => {
  expect(unitValue('EnvironmentFile')).toBe('/etc/segmentd/environment');
  expect(recipeText('segmentd.service')).toContain('install -m 600 /dev/null /etc/segmentd/environment');
  expect(unitLines().filter(([, value]) => /password|:\/\/\w+:/i.test(value))).toEqual([]);
});

test('exports have a folder that the service may write', () => {
  expect(unitProgram().env['SEGMENTD_EXPORT_FOLDER']).toBe(`/var/lib/${unitValue('StateDirectory')}/export`);
});
