/** A caller can name the types of every method: the package as a consumer sees it, by its declarations. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);

/** Not for a caller: what a constructor or `extends` names. */
const INTERNAL: ReadonlySet<string> = new Set(['Connection', 'Exported', 'Service', 'WorkerHooks']);

let out: string;
beforeAll(async () => {
  const cache = join(ROOT, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  // Below the project, so that the declarations find the packages that they name.
  out = await mkdtemp(join(cache, 'segmentd-declaration-'));
  const options = ['--noEmit', 'false', '--emitDeclarationOnly', '--sourceMap', 'false', '--outDir', out];
  await run('node', [TSC, '-p', join(ROOT, 'tsconfig.json'), ...options]);
});
afterAll(() => rm(out, { recursive: true, force: true }));

/** The types that a file of declarations imports or declares, and uses. */
function typesIn(declaration: string): string[] {
  const text = declaration.replaceAll(/\/\*[^]*?\*\//g, '');
  const imported = [...text.matchAll(/^import (?:type )?\{([^}]*)\} from '\.[^']*';$/gm)].flatMap(([, names = '']) =>
    names.split(',').map((name) =>
      (
        name
          .trim()
          .replace(/^type /, '')
          .split(' as ')
          .at(-1) ?? ''
      ).trim(),
    ),
  );
  const spaces = [...text.matchAll(/^import \* as (\w+)/gm)].map(([, name]) => name);
  const own = [...text.matchAll(/^(?:export )?(?:declare )?(?:interface|type|class) (\w+)/gm)].map(([, name]) => name);
  const body = text.replaceAll(/^import .*$/gm, '').replaceAll(/^ +constructor\(.*$/gm, '');
  const used = [...body.matchAll(/\b(?:(\w+)\.)?([A-Z]\w*)\b/g)].flatMap(([, space, name = '']) =>
    (space === undefined ? imported.includes(name) || own.includes(name) : spaces.includes(space)) ? [name] : [],
  );
  return [...new Set(used)].filter((name) => !INTERNAL.has(name));
}

test('a consumer can name every type in the signature of a public method', async () => {
  const files = (await readdir(join(out, 'api')))
    .filter((name) => /(-api|segmentd|call-option|typed-input)\.d\.ts$/.test(name))
    .map((name) => join('api', name));
  expect(files.length).toBeGreaterThan(9);
  const texts = await Promise.all([...files, 'worker/worker.d.ts'].map((name) => readFile(join(out, name), 'utf8')));
  const names = [...new Set(texts.flatMap(typesIn))].toSorted();
  expect(names).toEqual(expect.arrayContaining(['Segment', 'Version', 'Verification', 'WaitOptions', 'Worker']));
  await writeFile(join(out, 'consumer.ts'), `export type { ${names.join(', ')} } from './index.js';\n`);
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
  const { stdout } = await run('node', [TSC, '--ignoreConfig', ...options, join(out, 'consumer.ts')]).catch(
    (error: { readonly stdout: string }) => error,
  );
  expect(stdout).toBe('');
});
