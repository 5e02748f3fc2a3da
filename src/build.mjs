/**
 * Builds the package: `dist`, from `src`. `npm run build` runs it, and `prepare`, which npm runs before it packs, after `npm ci` here, and in
 * the clone of a project that installs segmentd from git. `prepare` does nothing where the compiler is not installed
 * (`npm ci --omit=dev`).
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

export async function prepare() {
  if (compiler() !== undefined) await build();
}

export async function build() {
  const tsc = compiler();
  if (tsc === undefined) throw new Error('TypeScript is not installed; run `npm ci` first.');
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.json'), '--noEmit', 'false'], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('TypeScript found errors.');
  removeInnerTypes();
  await writePage();
  for (const { require } of Object.values(MANIFEST.exports)) {
    if (require?.types) writeFileSync(join(ROOT, require.types), await commonJsTypes(join(ROOT, require.default)));
  }
  // npm sets this bit when it installs the package; a linked clone has the file as it is built.
  for (const program of Object.values(MANIFEST.bin)) chmodSync(join(ROOT, program), 0o755);
}

/** Removes the types that nobody can import: the entries of the package reach a quarter of the files. */
function removeInnerTypes() {
  const entries = Object.values(MANIFEST.exports).flatMap((entry) => entry.import?.types ?? []);
  const reached = new Set(entries.map((path) => join(ROOT, path)));
  for (const file of reached) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:\bfrom |\bimport ?\(?)['"](\.[^'"]+)['"]/g)) {
      const types = join(dirname(file), path).replace(/(\.d)?\.[jt]s$/, '.d.ts');
      if (!existsSync(types)) throw new Error(`${file} refers to ${path}, which has no types.`);
      reached.add(types);
    }
  }
  const dist = join(ROOT, 'dist');
  for (const name of readdirSync(dist, { recursive: true })) {
    const file = join(dist, name);
    if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
}

/** Writes the page to `dist/web`, where `segmentd serve` reads it. */
async function writePage() {
  const bundler = join(ROOT, 'dist', 'http', 'web-bundle.js');
  const { bundleWeb } = await import(pathToFileURL(bundler).href);
  const { files, entry } = await bundleWeb(join(ROOT, 'src', 'web', 'main.tsx'));
  const folder = join(ROOT, 'dist', 'web');
  mkdirSync(folder, { recursive: true });
  for (const { name, body } of files) writeFileSync(join(folder, name), body);
  writeFileSync(join(folder, 'entry.json'), JSON.stringify(entry));
}

function compiler() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  } catch {
    return undefined;
  }
}

/**
 * Types for CommonJS files under `module: node16`, where TypeScript refuses to `require` a file with types of an ES module (TS1479). Node
 * itself does it. They say the same as the types of the module, value by value.
 * @param {string} module path of the entry
 */
async function commonJsTypes(module) {
  const types = `./${module.slice(dirname(module).length + 1)}`;
  const mode = `{ with: { 'resolution-mode': 'import' } }`;
  const values = Object.entries(await import(pathToFileURL(module).href)).map(([name, value]) => {
    const origin = `import('${types}', ${mode}).${name}`;
    const isClass = typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
    return `export declare const ${name}: typeof ${origin};\n${isClass ? `export type ${name} = ${origin};\n` : ''}`;
  });
  return `export type * from '${types}' with { 'resolution-mode': 'import' };\n${values.join('')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
