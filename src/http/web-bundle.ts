/**
 * The page as a browser loads it, made from src/web by esbuild: modules and styles with a hash in each name, so that a browser may keep
 * them. esbuild is a tool of development: an installed package has what `npm run build` wrote (web-files.ts).
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file that `/assets/NAME` answers with. */
export interface WebFile {
  readonly name: string;
  readonly body: Uint8Array;
}

export interface WebBundle {
  readonly files: readonly WebFile[];
  /** Names of the module that starts the page, and of its styles. */
  readonly entry: { readonly script: string; readonly style: string };
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
    entry: { script: basename(entry[0]), style: basename(style) },
  };
}
