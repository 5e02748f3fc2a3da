/**
 * The files of the page: from `dist/web`, where `npm run build` wrote them, or bundled in memory in a clone. Read once a process, when
 * the first browser asks.
 */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Hono } from 'hono';
import type { HttpEnv } from './http-env.ts';
import { Refusal } from './problem.ts';
import type { WebBundle } from './web-bundle.ts';

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** What `npm run build` writes beside the files. */
export const ENTRY_FILE = 'entry.json';

interface StoredFile {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly zipped: Uint8Array<ArrayBuffer>;
}

interface StoredPage {
  readonly html: string;
  readonly files: ReadonlyMap<string, StoredFile>;
}

const BUILT = new URL('../web/', import.meta.url);

/** Answers `/assets/…`, and every other address that a browser opens with the page, which finds its own way. */
export function addWebFiles(app: Hono<HttpEnv>): void {
  let page: Promise<StoredPage> | undefined;
  const stored = (): Promise<StoredPage> => (page ??= load());

  app.get('/assets/:name', async (c) => {
    const file = (await stored()).files.get(c.req.param('name'));
    if (!file) throw new Refusal(404, 'not-found', 'There is no such file. Load the page again.');
    const zipped = c.req.header('accept-encoding')?.includes('gzip') === true;
    return c.body(zipped ? file.zipped : file.body, 200, {
      'content-type': file.type,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      ...(zipped ? { 'content-encoding': 'gzip' } : {}),
    });
  });

  app.get('*', async (c, next) => {
    const isPage = c.req.header('accept')?.includes('text/html') === true && !c.req.path.startsWith('/api/');
    if (!isPage) return next();
    return c.html((await stored()).html);
  });
}

async function load(): Promise<StoredPage> {
  const { files, entry } = await readBundle();
  const zip = promisify(gzip);
  const stored = await Promise.all(
    files.map(async ({ name, body }) => {
      const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
      const zipped = await zip(body, { level: 9 });
      return [name, { type, body: new Uint8Array(body), zipped: new Uint8Array(zipped) }] as const;
    }),
  );
  return { html: pageHtml(entry), files: new Map(stored) };
}

async function readBundle(): Promise<WebBundle> {
  // A clone runs from src, whose modules end in .ts.
  if (import.meta.url.endsWith('.ts')) {
    const { bundleWeb } = await import('./web-bundle.ts');
    return bundleWeb();
  }
  const folder = fileURLToPath(BUILT);
  const names = (await readdir(folder)).filter((name) => name !== ENTRY_FILE && /\.(js|css)$/.test(name));
  return {
    entry: JSON.parse(await readFile(new URL(ENTRY_FILE, BUILT), 'utf8')) as WebBundle['entry'],
    files: await Promise.all(names.map(async (name) => ({ name, body: await readFile(new URL(name, BUILT)) }))),
  };
}

function pageHtml({ script, style, imports }: WebBundle['entry']): string {
  const preloads = imports.map((name) => `<link rel="modulepreload" href="/assets/${name}">\n`).join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>segmentd</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/${style}">
${preloads}<script type="module" src="/assets/${script}"></script>
</head>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript. The HTTP API works without it.</noscript>
</body>
</html>
`;
}
