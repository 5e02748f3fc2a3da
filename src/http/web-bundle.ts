/**
 * The page as a browser loads it, made from src/web by esbuild: modules and styles with a hash in each name, so that a browser may keep
 * them. esbuild is a tool of development: an installed package has what `npm run build` wrote (web-files.ts).
 */
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** A file that `/assets/NAME` answers with. */
export interface WebFile {
  readonly name: string;
  readonly body: Uint8Array;
}

export interface WebBundle {
  readonly files: readonly WebFile[];
  /** Names of the module that starts the page, of its styles, and of what it needs. */
  readonly entry: {
    readonly script: string;
    readonly style: string;
    /** Modules that it imports, for the browser to fetch them at once. */
    readonly imports: readonly string[];
  };
}

const SOURCE = fileURLToPath(new URL('../web/main.tsx', import.meta.url));

/** @param source the page's entry; default: src/web/main.tsx beside this module @throws when the page has an error */
export async function bundleWeb(source: string = SOURCE): Promise<WebBundle> {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    entryPoints: [source],
    outdir: '/assets',
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    legalComments: 'none',
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [onWhatIsLoaded(source)],
  });
  const entry = Object.entries(metafile.outputs).find(
    ([, { entryPoint }]) => entryPoint?.endsWith('main.tsx') === true,
  );
  const style = entry?.[1].cssBundle;
  if (!entry || style === undefined) throw new Error('The bundle of the page has no entry.');
  return {
    // The styles of pages that are loaded later stand in the first style sheet; esbuild writes them once more, and no page loads that.
    files: outputFiles
      .filter(({ path }) => !path.endsWith('.css') || basename(path) === basename(style))
      .map(({ path, contents }) => ({ name: basename(path), body: contents })),
    entry: {
      script: basename(entry[0]),
      style: basename(style),
      imports: entry[1].imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => basename(path)),
    },
  };
}

/**
 * A module that is loaded later stands on what the browser has by then: the page's entry, and the module that loads it. esbuild writes one
 * file for each set of modules that the same entries reach. Without this, what the first page needs came in 20 files, and each later
 * module added some.
 */
function onWhatIsLoaded(entry: string): Plugin {
  const namespace = 'later';
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, importer, resolveDir }) =>
        kind === 'dynamic-import' && !importer.includes('node_modules')
          ? { path: resolve(resolveDir, path), namespace, pluginData: importer }
          : undefined,
      );
      build.onLoad({ filter: /./, namespace }, ({ path, pluginData: importer }) => ({
        contents: [...new Set([entry, String(importer)])]
          .map((loaded) => `import ${JSON.stringify(loaded)};\n`)
          .concat(`export * from ${JSON.stringify(path)};`)
          .join(''),
        resolveDir: dirname(path),
      }));
    },
  };
}
