/** What a worker exposes keeps the conventions of Prometheus, from the first scrape on, and its own checker finds nothing. */
import { beforeAll, expect, test } from 'vitest';
import { packageVersion } from '../../src/base/version.ts';
import { SEGMENT_STATES } from '../../src/lifecycle/state.ts';
import { WORKER_TASKS } from '../../src/worker/event.ts';
import { UNREADY } from '../../src/worker/readiness.ts';
import { readExposition, scrapeNewWorker, type Family } from '../support/exposition.ts';
import { promtool, skipsPromtool } from '../support/promtool.ts';

let text: string;
let families: readonly Family[];
beforeAll(async () => {
  text = await scrapeNewWorker();
  families = readExposition(text);
});

const own = (): readonly Family[] => families.filter(({ name }) => name.startsWith('segmentd_'));

/** Values by the label, of a metric that has one. */
function byLabel(name: string, label: string): Record<string, number> {
  const family = families.find((one) => one.name === name);
  return Object.fromEntries((family?.samples ?? []).map(({ labels, value }) => [labels[label] ?? '', value]));
}

const zeros = (names: readonly string[]): Record<string, number> => Object.fromEntries(names.map((name) => [name, 0]));

test('counters end in _total, and nothing else does', () => {
  const wrong = families.filter(({ name, type }) => name.endsWith('_total') !== (type === 'counter'));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('units are seconds and bytes', () => {
  const other = /_(ms|milliseconds?|microseconds?|minutes|hours|days|kb|kib|mb|megabytes|percent)(_|$)/;
  expect(families.map(({ name }) => name).filter((name) => other.test(name))).toEqual([]);
});

test('each metric stands once and says what it is, in a sentence', () => {
  expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
  expect(own().length).toBeGreaterThan(35);
  expect(
    own()
      .filter(({ help }) => !/^[A-Z].{10,}\.$/.test(help))
      .map(({ name, help }) => `${name}: ${help}`),
  ).toEqual([]);
});

test('series stand there before the first event', () => {
  const started = {
    build_info: byLabel('segmentd_build_info', 'version'),
    readiness: byLabel('segmentd_readiness', 'state'),
  };
  expect(started).toEqual({ build_info: { [packageVersion()]: 1 }, readiness: { ...zeros(UNREADY), ready: 1 } });
  expect(byLabel('segmentd_segments', 'state')).toEqual(zeros(SEGMENT_STATES));
  expect(byLabel('segmentd_errors_total', 'during')).toEqual(zeros(WORKER_TASKS));
  expect(byLabel('segmentd_exports_total', 'outcome')).toEqual(zeros(['done', 'failed', 'again']));
  expect(byLabel('segmentd_export_runs', 'state')).toEqual(zeros(['waiting', 'running']));
  expect(byLabel('segmentd_membership_changes_total', 'kind')).toEqual(zeros(['entered', 'left']));
  expect(byLabel('segmentd_backlog_rows', 'kind')).toEqual(zeros(['change', 'recheck', 'parked']));
  expect(byLabel('segmentd_queue_jobs', 'state')).toEqual(zeros(['waiting', 'active', 'failed']));
  expect(families.find(({ name }) => name === 'segmentd_workers')?.samples).toMatchObject([{ value: 1 }]);
  // What has no value before something happens: a verify, a whole audit, a window without an index.
  expect(
    own()
      .filter(({ samples }) => samples.length === 0)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual([
    'segmentd_audit_age_seconds',
    'segmentd_late_window_seconds',
    'segmentd_verify_age_seconds',
    'segmentd_verify_differences',
  ]);
});

test('process metrics stand beside', () => {
  const names = families.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'process_start_time_seconds',
      'nodejs_eventloop_lag_seconds',
    ]),
  );
});

test.skipIf(skipsPromtool)('promtool reads the exposition and has nothing to remark', async () => {
  expect(await promtool(['check', 'metrics'], text)).toEqual({ code: 0, output: '' });
});

test.skipIf(skipsPromtool)('promtool would remark what is against the conventions', async () => {
  const { code, output } = await promtool(['check', 'metrics'], '# TYPE wrong_total gauge\nwrong_total 1\n');
  expect(code).not.toBe(0);
  expect(output).toContain('wrong_total');
});
