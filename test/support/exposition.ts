/**
 * The text format of Prometheus, read strictly: families with HELP and TYPE, and their samples. A worker's answer is read
 * with it, so that rules and dashboards are held against what a worker really says.
 */
import { createSegmentd } from '../../src/index.ts';
import { createWorld } from '../cli/cli-world.ts';
import { until } from './until.ts';

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Of a histogram and a summary with its suffix. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const HELP = /^# HELP ([a-z_][a-z0-9_]*) (.+)$/;
const TYPE = /^# TYPE ([a-z_][a-z0-9_]*) (counter|gauge|histogram|summary)$/;
const SAMPLE = /^([a-z_][a-z0-9_]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)$/;

/** @throws {Error} at a line that the format does not know, and at a sample that is not of the family above it */
export function readExposition(text: string): readonly Family[] {
  const families: { name: string; help: string; type: string; samples: Sample[] }[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const family = families.at(-1);
    const [, helped, help] = HELP.exec(line) ?? [];
    const [, typed, type] = TYPE.exec(line) ?? [];
    const [, sampled, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (helped !== undefined && help !== undefined) families.push({ name: helped, help, type: '', samples: [] });
    else if (typed !== undefined && type !== undefined && family?.name === typed && family.type === '')
      family.type = type;
    else if (sampled !== undefined && family && sampled.replace(family.name, '').match(/^(_bucket|_sum|_count|)$/))
      family.samples.push({ name: sampled, labels: readLabels(labels), value: Number(value) });
    else throw new Error(`not the text format of Prometheus, or out of place: ${line}`);
  }
  return families;
}

function readLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** Every name that a query may use. */
export function sampleNames(families: readonly Family[]): ReadonlySet<string> {
  const suffixes: Readonly<Record<string, readonly string[]>> = {
    histogram: ['_bucket', '_sum', '_count'],
    summary: ['', '_sum', '_count'],
  };
  return new Set(families.flatMap(({ name, type }) => (suffixes[type] ?? ['']).map((suffix) => `${name}${suffix}`)));
}

/** What a real worker answers before it has done anything but start. */
export async function scrapeNewWorker(): Promise<string> {
  const world = await createWorld();
  try {
    for (const verb of ['migrate', 'install']) await world.ok(verb);
    await using segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
    await using worker = segmentd.worker({ http: { host: '127.0.0.1', port: 0 } });
    await worker.start();
    await until(async () => (await fetch(`${worker.url}/readyz`)).ok, { message: 'the worker is ready' });
    return await until(
      async () => {
        const text = await (await fetch(`${worker.url}/metrics`)).text();
        const isFresh = /^segmentd_lag_seconds \d/m.test(text);
        return isFresh && text.includes('segmentd_readiness{state="ready"} 1') ? text : undefined;
      },
      { message: 'the metrics of a worker that is ready and has looked at changes and time' },
    );
  } finally {
    await world.end();
  }
}
