/**
 * The code as plain JavaScript, for the processes that tests start: so it is shipped, and Node starts it in a third of the CPU that it takes
 * behind a loader of TypeScript. Written once a run, by the first test that starts a process; `vitest` removes it at the end (server.ts).
 */
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Names the folder of this run for its test processes. */
const VARIABLE = 'SEGMENTD_PLAIN_CODE';

/** Below node_modules it finds the same packages, and no tool takes it for ours. */
export function nameFolder(run: string): string {
  return (process.env[VARIABLE] = join(ROOT, 'node_modules', '.cache', `segmentd-plain-${run}`));
}

/** What tests start beside the command line. */
const SCRIPTS = ['test/fault/worker-process.ts'];

/** As esbuild prints an import of a file of ours. */
const IMPORT = /((?:\bfrom|\bimport\()\s*")(\.[^"]*)\.ts(?=")/g;

let written: string | undefined;

/** Path of the JavaScript of a file of `src`, or of one of the scripts. Outside of a run of the tests: of the file itself. */
export function plainFile(file: string): string {
  const folder = process.env[VARIABLE];
  if (folder === undefined) return join(ROOT, file);
  if (written === undefined) write(folder);
  written = folder;
  return join(folder, file.replace(/\.ts$/, '.js'));
}

function write(folder: string): void {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('web/'))
    .map((name) => join('src', name));
  const own = `${folder}-${process.pid}`;
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: [...sources, ...SCRIPTS],
    outbase: ROOT,
    outdir: own,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replaceAll(IMPORT, '$1$2.js'));
  }
  for (const name of ['sql', 'drizzle', 'package.json']) symlinkSync(join(ROOT, name), join(own, name));
  try {
    renameSync(own, folder);
  } catch {
    // Another test process was faster.
    rmSync(own, { recursive: true });
  }
}
