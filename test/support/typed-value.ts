/**
 * Holds JSON against a type that its program publishes, by the compiler: a field that the type does not know is an error, as
 * in an editor. The literal lies under node_modules/.cache, so that it finds the package and no tool takes it for ours.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const FLAGS = [
  '--ignoreConfig',
  '--noEmit',
  '--skipLibCheck',
  '--strict',
  '--target',
  'es2023',
  '--module',
  'esnext',
  '--moduleResolution',
  'bundler',
  '--types',
  '',
];

/** A value, and the type that it should have: `import('kubernetes-types/apps/v1').Deployment`. */
export interface Typed {
  readonly type: string;
  readonly value: unknown;
}

/** What the compiler says, a line each; empty: every value has its type. */
export function typeErrors(values: readonly Typed[]): Promise<readonly string[]> {
  const folder = join(ROOT, 'node_modules', '.cache', 'segmentd-typed', String(process.pid));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'typed.ts');
  // In JSON the values of an enum of strings stand as strings.
  const plain = 'type Plain<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;';
  const literals = values.map(
    ({ type, value }, n) => `export const v${n}: Plain<${type}> = ${JSON.stringify(value, null, 1)};`,
  );
  writeFileSync(file, [plain, ...literals].join('\n'));
  return new Promise((settle) => {
    execFile(process.execPath, [TSC, ...FLAGS, file], { cwd: folder }, (error, stdout) => {
      rmSync(folder, { recursive: true, force: true });
      const lines = stdout.split('\n').filter((line) => line.includes('error'));
      settle(error && lines.length === 0 ? [`the compiler did not run: ${error.message}`] : lines);
    });
  });
}
