/** The last file of a delta: its reader learns that a segment was deleted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CliResult } from './in-process.ts';
import { createWorld, type World } from './cli-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] });
  for (const argv of [['migrate'], ['install'], ['create', 'spain', '--condition', 'spain.json'], ['run', '--once']])
    expect(await world.run(...argv)).toMatchObject({ code: 0 });
});
afterAll(() => world.end());

async function delta(name: string): Promise<CliResult> {
  const result = await world.run('export', 'spain', '--delta', name, '--columns', 'change,contact_id,reason');
  return { ...result, stdout: result.stdout.replaceAll('\r\n', '\n') };
}

test('after delete everybody has left, once', async () => {
  expect((await delta('crm')).stdout).toBe('change,contact_id,reason\nentered,1,\nentered,3,\n');
  expect(await world.run('delete', 'spain')).toMatchObject({ code: 0 });
  expect(await delta('crm')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(
      'spain is being deleted; the last file of a delta can be written when a worker has done that.',
    ),
  });
  expect(await world.run('run', '--once')).toMatchObject({ code: 0 });
  expect(await delta('crm')).toMatchObject({
    code: 0,
    stdout: 'change,contact_id,reason\nleft,1,delete\nleft,3,delete\n',
  });
  expect(await delta('crm')).toMatchObject({ code: 0, stdout: 'change,contact_id,reason\n' });
  // A deleted segment without a reader is not there any more.
  expect(await delta('other')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no segment "spain"'),
  });
  expect(await world.run('export', 'spain')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no segment "spain"'),
  });
});
