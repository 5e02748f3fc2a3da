/** What a start costs, in CPU: of the library, and of verbs as they are installed, beside Node alone. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createWorld } from './bench-world.ts';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, median, ratio } from './measure.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = join(ROOT, 'dist/cli/main.js');

/** 150 ms where Node alone takes 40. */
const WANTED = { atMost: 3.75 } as const;

export const startup: Figure = {
  title: 'CPU of a start / of Node alone',
  async run(context: Context) {
    const run = promisify(execFile);
    await run(process.execPath, [join(ROOT, 'src/build.mjs')]);
    const world = await createWorld(context, { contacts: 1_000, orders: 1_000 });
    const folder = await mkdtemp(join(tmpdir(), 'segmentd-startup-'));
    const file = join(folder, 'cpu');
    // The process says at its end what it took, itself and the kernel for it. It is required, not imported: Node alone loads no ES module.
    const report = join(folder, 'report.cjs');
    await writeFile(
      report,
      `process.on('exit', () => { const { user, system } = process.cpuUsage(); require('node:fs').writeFileSync(${JSON.stringify(file)}, String((user + system) / 1000)); });`,
    );
    const cpu =
      (...args: readonly string[]) =>
      async (): Promise<number> => {
        await run(process.execPath, ['--require', report, ...args], {
          cwd: folder,
          env: { ...process.env, DATABASE_URL: world.url, SEGMENTD_CONFIG: world.configFile },
        });
        return Number(await readFile(file, 'utf8'));
      };
    try {
      const times = await alternate(context.quick ? 3 : 15, {
        node: cpu('--eval', '0'),
        'import of the library': cpu(
          '--eval',
          `import(${JSON.stringify(pathToFileURL(join(ROOT, 'dist/index.js')).href)})`,
        ),
        'segmentd --version': cpu(PROGRAM, '--version'),
        'segmentd list': cpu(PROGRAM, 'list'),
      });
      const { node, ...starts } = times;
      return Object.entries(starts).map(([measure, values]): Row => ({
        measure,
        value: ratio(values, node),
        unit: 'x',
        wanted: WANTED,
        beside: `${median(values).toFixed(0)} / ${median(node).toFixed(0)} ms`,
      }));
    } finally {
      await rm(folder, { recursive: true });
      await world.drop();
    }
  },
};
