/**
 * A rolling upgrade in the order of the recipes: two workers of this version run, the jobs of a later one migrate and install,
 * its workers take over. Contacts change all the while, and membership is exact at the end. The wrong order costs time only.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageVersion } from '../../src/base/version.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { startCli, startScript, type CliProcess, type Ended } from '../support/process.ts';
import { until } from '../support/until.ts';
import { laterVersion, type LaterVersion } from './later-version.ts';
import { podOf, programOf } from './program.ts';

let world: World;
let later: LaterVersion;
const started: CliProcess[] = [];
beforeAll(async () => {
  later = await laterVersion();
  world = await createWorld();
  for (const verb of ['migrate', 'install']) await world.ok(verb);
});
afterAll(async () => {
  for (const one of started) await one.kill();
  await world.end();
  await later.remove();
});

const options = () => ({
  cwd: world.folder,
  env: { DATABASE_URL: world.database.url, REDIS_URL: '', SEGMENTD_HTTP: '0', SEGMENTD_LOG_LEVEL: 'info' },
});

/** A pod of this version, or of the later one. */
function pod(version: 'this' | 'later', args: readonly string[]): CliProcess {
  const one = version === 'this' ? startCli(args, options()) : startScript([later.main, ...args], options());
  started.push(one);
  return one;
}

async function urlOf(worker: CliProcess): Promise<string> {
  return (JSON.parse(await worker.line(/serving/)) as { url: string }).url;
}

async function readiness(url: string): Promise<{ code: number; version?: string; reason?: string }> {
  const response = await fetch(`${url}/readyz`);
  const answer = (await response.json()) as { version?: string; reason?: string };
  return { ...answer, code: response.status };
}

async function ready(url: string): Promise<void> {
  let answer: unknown;
  const isReady = async (): Promise<boolean> => {
    const now = await readiness(url);
    answer = now;
    return now.code === 200;
  };
  await until(isReady, { message: `${url} is ready` }).catch((error: unknown) => {
    throw new Error([String(error), JSON.stringify(answer), ...started.flatMap(({ stderr }) => stderr)].join('\n'));
  });
}

const lastLine = ({ stderr }: Ended): { msg: string; version: string } =>
  JSON.parse(
    stderr
      .split('\n')
      .filter((line) => line.includes('"level":"error"'))
      .at(-1) ?? '{}',
  ) as { msg: string; version: string };

test(
  'workers of the old version stop by themselves, and those of the new one take over without a loss',
  { timeout: 180_000 },
  async () => {
    const runs = podOf('Deployment').containers.map((container) => programOf(container).args);
    const jobs = [...podOf('Job').initContainers, ...podOf('Job').containers].map(
      (container) => programOf(container).args,
    );
    expect([...jobs, ...runs]).toEqual([['migrate'], ['install'], ['run']]);
    const [run = []] = runs;

    const old = [pod('this', run), pod('this', run)];
    const urls = await Promise.all(old.map(urlOf));
    for (const url of urls) await ready(url);
    await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] });
    await world.ok('create', 'spain', '--condition', 'spain.json', '--wait');

    // Too early: the new worker ends and says what is missing; the old ones are not disturbed.
    const early = await pod('later', run).ended;
    expect({ ...lastLine(early), code: early.code }).toMatchObject({
      code: 1,
      version: later.version,
      msg: expect.stringContaining('run `segmentd migrate` first'),
    });
    for (const url of urls) expect(await readiness(url)).toMatchObject({ code: 200, version: packageVersion() });
    await world.database.query(`update public.contacts set country = 'ES' where id = 2`);
    await world.ok('wait');
    expect(await world.ok('members', 'spain')).toBe('1\n2\n3\n');

    // The job: first migrate. The old workers end by themselves, and what is started again of them ends too.
    const [migrate = [], install = []] = jobs;
    expect(await pod('later', migrate).ended).toMatchObject({ code: 0 });
    for (const one of old) {
      const ended = await one.ended;
      expect({ code: ended.code, signal: ended.signal }).toEqual({ code: 1, signal: null });
      expect(lastLine(ended)).toMatchObject({
        version: packageVersion(),
        msg: expect.stringContaining('update segmentd'),
      });
    }
    const again = await pod('this', run).ended;
    expect({ code: again.code, msg: lastLine(again).msg }).toEqual({
      code: 1,
      msg: 'A newer segmentd set up this database: update segmentd.',
    });

    // No worker runs now. The application goes on, and its writes wait.
    await world.database.query(`update public.contacts set country = 'PT' where id = 1`);
    await world.database.query(`insert into public.contacts (country) select 'ES' from generate_series(1, 500)`);
    expect(await pod('later', install).ended).toMatchObject({ code: 0 });

    const young = [pod('later', run), pod('later', run)];
    for (const url of await Promise.all(young.map(urlOf))) {
      await ready(url);
      expect(await readiness(url)).toMatchObject({ code: 200, version: later.version });
    }
    const wait = pod('later', ['wait']);
    expect(await wait.ended).toMatchObject({ code: 0 });
    const { stdout } = await pod('later', ['members', 'spain']).ended;
    expect(stdout.split('\n').filter(Boolean)).toHaveLength(502);
    expect(stdout).not.toMatch(/^1$/m);
    expect(await pod('later', ['verify']).ended).toMatchObject({ code: 0 });
    for (const one of young) expect(await one.kill('SIGTERM')).toMatchObject({ code: 0, signal: null });
  },
);
