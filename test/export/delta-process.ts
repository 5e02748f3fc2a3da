/**
 * One delta in a process of its own, to be killed. Its arguments: the database's URL, the segment, the folder, and the step at
 * which it stands still, if at any. Says `ready`, begins at SIGUSR2, says `holds` where it stands still and `done` at the end.
 */
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { exportSegment } from '../../src/export/export.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { CONFIG } from './config.ts';

const [url = '', key = '', folder = '', hold = ''] = process.argv.slice(2);
const pool = await openPool(url, { max: 2, applicationName: 'delta process' });
const catalogue = await resolveCatalogue(pool, parseConfig(CONFIG, 'segmentd.yaml'));
const alive = setInterval(() => {}, 1_000);
process.once('SIGUSR2', () => {
  void (async () => {
    await exportSegment(pool, catalogue, key, {
      delta: 'crm',
      to: { folder },
      columns: ['at'],
      failpoint: async (step) => {
        if (step !== hold) return;
        process.stdout.write('holds\n');
        await new Promise(() => {});
      },
    });
    process.stdout.write('done\n');
    clearInterval(alive);
    await pool.end();
  })();
});
process.stdout.write('ready\n');
