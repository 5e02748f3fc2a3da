/** Which files a process loads: of our own, of packages, whether imported or required, and of Node itself. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { randomUUID } from 'node:crypto';

const dataUrl = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;

/** A `--import` for a process, and what it then has loaded. */
export interface Trace {
  readonly argument: string;
  /** After the end of the process: packages, our own files below `src`, and the parts of Node, each once. */
  read(): Promise<{
    readonly packages: readonly string[];
    readonly own: readonly string[];
    readonly node: readonly string[];
  }>;
}

export function traceLoading(): Trace {
  const file = join(tmpdir(), `loaded-${randomUUID()}`);
  const append = `appendFileSync(${JSON.stringify(file)},`;
  const hook = `import { appendFileSync } from 'node:fs';
    export async function load(url, context, next) { ${append} url + '\\n'); return next(url, context); }`;
  const argument = dataUrl(`import { createRequire, register } from 'node:module';
    import { appendFileSync } from 'node:fs';
    register(${JSON.stringify(dataUrl(hook))});
    process.on('exit', () => ${append} [...Object.keys(createRequire('file:///').cache), ...process.moduleLoadList].join('\\n') + '\\n'));`);
  return {
    argument,
    async read() {
      const lines = (await readFile(file, 'utf8')).split('\n');
      const all = (pattern: RegExp): string[] =>
        [...new Set(lines.flatMap((line) => pattern.exec(line)?.[1] ?? []))].toSorted();
      return {
        packages: all(/^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//),
        own: all(/\/src\/([^?]*\.ts)(?:$|\?)/),
        node: all(/^NativeModule (.*)$/),
      };
    },
  };
}
