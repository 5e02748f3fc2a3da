/** The manifests: fields that Kubernetes has, names that fit each other, and what the pods say about segmentd is true. */
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { typeErrors } from '../support/typed-value.ts';
import {
  kubernetesConfig,
  kubernetesObjects,
  KUBERNETES_FILES,
  podOf,
  probesOf,
  programOf,
  unreadVariables,
} from './program.ts';
import { commandsOf, mistakesOf, recipeText } from './recipe.ts';

const objects = kubernetesObjects();
const pods = [podOf('Job'), podOf('Deployment')];
const containers = pods.flatMap(({ initContainers, containers: main }) => [...initContainers, ...main]);

test('every object has the fields of its kind and no other', async () => {
  const typed = objects.map(({ apiVersion, kind, value }) => {
    const path = apiVersion.includes('/') ? apiVersion.replace(/\.\S+?\//, '/') : `core/${apiVersion}`;
    return { type: `import('kubernetes-types/${path}').${kind}`, value };
  });
  expect(typed.map(({ type }) => type)).toContain("import('kubernetes-types/policy/v1').PodDisruptionBudget");
  expect(await typeErrors(typed)).toEqual([]);
  const [wrong] = typed.filter(({ type }) => type.endsWith('.Deployment'));
  const errors = await typeErrors([{ type: wrong?.type ?? '', value: { ...Object(wrong?.value), replica: 2 } }]);
  expect(errors).toEqual([expect.stringContaining('replica')]);
});

test('the files name each other in the order in which they are applied', () => {
  expect(objects.map(({ kind }) => kind)).toEqual([
    'Secret',
    'Secret',
    'ConfigMap',
    'ServiceAccount',
    'Job',
    'Deployment',
    'PodDisruptionBudget',
  ]);
  const order = recipeText('kubernetes/config.yaml').match(/apply -f \w+\.yaml/g);
  expect(order).toEqual(KUBERNETES_FILES.map((name) => `apply -f ${name.replace('kubernetes/', '')}`));
});

test('what a pod refers to is there', () => {
  const named = (kind: string): readonly string[] => objects.filter((one) => one.kind === kind).map(({ name }) => name);
  for (const { serviceAccountName, volumes } of pods) {
    expect(named('ServiceAccount')).toContain(serviceAccountName);
    for (const volume of volumes)
      if ('configMap' in volume) expect(volume['configMap']).toEqual({ name: named('ConfigMap')[0] });
  }
  for (const { envFrom } of containers)
    for (const { secretRef } of envFrom) expect(named('Secret')).toContain(secretRef.name);
  for (const { volumes, initContainers, containers: main } of pods) {
    const known = volumes.map(({ name }) => name);
    for (const { volumeMounts } of [...initContainers, ...main])
      for (const { name } of volumeMounts) expect(known).toContain(name);
  }
  expect(new Set(containers.map(({ image }) => image)).size).toBe(1);
});

test('labels of pods, selectors and the budget are the same', () => {
  const labels = JSON.stringify({ 'app.kubernetes.io/name': 'segmentd', 'app.kubernetes.io/component': 'worker' });
  const found = objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'PodDisruptionBudget')
    .map(({ value }) => JSON.stringify(value).match(/"matchLabels":(\{[^}]*\})/g));
  expect(found).toEqual([Array(2).fill(`"matchLabels":${labels}`), [`"matchLabels":${labels}`]]);
});

test('segmentd knows each verb, flag and variable', async () => {
  const programs = containers.map(programOf);
  expect(programs.map(({ args }) => args)).toEqual([['migrate'], ['install'], ['run']]);
  for (const program of programs) {
    expect(await mistakesOf(program.args.join(' '))).toEqual([]);
    expect(unreadVariables(program)).toEqual([]);
    expect(program.env).toMatchObject({
      DATABASE_URL: expect.stringMatching(/^postgres:/),
      SEGMENTD_CONFIG: '/etc/segmentd/segmentd.yaml',
    });
  }
  for (const file of KUBERNETES_FILES)
    for (const command of commandsOf(recipeText(file))) expect(await mistakesOf(command), file).toEqual([]);
});

test('probes ask for what a worker answers, on its port', () => {
  const [worker] = podOf('Deployment').containers;
  if (!worker) throw new Error('no container');
  const paths = Object.entries(probesOf(worker)).map(([name, { httpGet }]) => [name, httpGet.path]);
  expect(Object.fromEntries(paths)).toEqual({
    startupProbe: '/healthz',
    livenessProbe: '/healthz',
    readinessProbe: '/readyz',
  });
  expect(worker['ports']).toEqual([{ name: 'http', containerPort: 9464 }]);
  expect(programOf(worker).env['SEGMENTD_HTTP']).toBe('0.0.0.0:9464');
});

test('pods write nothing but their volumes, and have no rights of the machine', () => {
  for (const container of containers)
    expect(container['securityContext'], container.name).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  for (const pod of pods)
    expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
});

test('the config file in it is one', () => {
  expect(parseConfig(kubernetesConfig(), 'segmentd.yaml').contacts.table).toBe('public.contacts');
});
