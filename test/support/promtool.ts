/**
 * Prometheus' own checker, where it is installed. CI installs it; elsewhere a test without it is skipped, and says so. Under
 * `CI=true` a missing promtool is a failure.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether there is a promtool on the path. */
export const hasPromtool: boolean = spawnSync('promtool', ['--version']).status === 0;

/** Tests that need promtool run where it is installed, and in CI. */
export const skipsPromtool: boolean = !hasPromtool && process.env['CI'] !== 'true';
if (skipsPromtool)
  console.warn('promtool is not installed: its tests are skipped. The Debian package prometheus has it.');

export interface Verdict {
  readonly code: number | string | null | undefined;
  /** Both streams. */
  readonly output: string;
}

/** @param input written to its stdin */
export function promtool(args: readonly string[], input = ''): Promise<Verdict> {
  return new Promise((settle) => {
    const child = execFile('promtool', args, (error, stdout, stderr) =>
      settle({ code: error ? error.code : 0, output: `${stdout}${stderr}` }),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** On a file with this content, its name added to the arguments. JSON is YAML. */
export async function promtoolOn(args: readonly string[], content: object): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-promtool-'));
  try {
    const file = join(folder, 'file.yaml');
    await writeFile(file, JSON.stringify(content));
    return await promtool([...args, file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
