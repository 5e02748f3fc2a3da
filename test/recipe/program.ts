/**
 * What recipes start: segmentd with arguments and an environment, read from the files as Docker, Kubernetes and systemd read
 * them. `onThisMachine` puts what a test has in the place of what an operator fills in.
 */
import { parse } from 'yaml';
import { z } from 'zod';
import { optionRows } from '../../src/base/option.ts';
import { documents, recipeText } from './recipe.ts';

export interface Program {
  /** Of segmentd. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Variables that segmentd does not read, and that recipes set all the same. */
const OF_OTHERS = ['NODE_ENV'];

/** Variables of a recipe that segmentd does not read. */
export function unreadVariables({ env }: Program): readonly string[] {
  const read = new Set([...optionRows().map(({ environment }) => environment), ...OF_OTHERS]);
  return Object.keys(env).filter((name) => !read.has(name));
}

const REFERENCE = z.strictObject({ name: z.string() });
export const CONTAINER = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  envFrom: z.array(z.strictObject({ secretRef: REFERENCE })),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
});
export type Container = z.infer<typeof CONTAINER>;
const PROBE = z.strictObject({
  httpGet: z.strictObject({ path: z.string(), port: z.string() }),
  periodSeconds: z.number(),
  timeoutSeconds: z.number(),
  failureThreshold: z.number(),
});
const POD = z.looseObject({
  serviceAccountName: z.string(),
  initContainers: z.array(CONTAINER).default([]),
  containers: z.array(CONTAINER),
  volumes: z.array(z.looseObject({ name: z.string() })),
  terminationGracePeriodSeconds: z.number().optional(),
});
const OBJECT = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

export interface KubernetesObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly name: string;
  readonly value: unknown;
}

export const KUBERNETES_FILES = ['config', 'migrate', 'worker'].map((name) => `kubernetes/${name}.yaml`);

/** All objects, in the order in which they are applied. */
export function kubernetesObjects(): readonly KubernetesObject[] {
  return KUBERNETES_FILES.flatMap(documents).map((value) => {
    const { kind, apiVersion, metadata } = OBJECT.parse(value);
    return { kind, apiVersion, name: metadata.name, value };
  });
}

function objectOf(kind: string, name?: string): unknown {
  const found = kubernetesObjects().find((one) => one.kind === kind && (name === undefined || one.name === name));
  if (!found) throw new Error(`there is no ${kind} ${name ?? ''}`);
  return found.value;
}

const WITH_POD = z.looseObject({ spec: z.looseObject({ template: z.looseObject({ spec: POD }) }) });
export type Pod = z.infer<typeof POD>;

export function podOf(kind: 'Job' | 'Deployment'): Pod {
  return WITH_POD.parse(objectOf(kind)).spec.template.spec;
}

/** The text of the config file that pods see. */
export function kubernetesConfig(): string {
  return (
    z.looseObject({ data: z.record(z.string(), z.string()) }).parse(objectOf('ConfigMap')).data['segmentd.yaml'] ?? ''
  );
}

/** With the variables of its Secrets. */
export function programOf({ args, env, envFrom }: Container): Program {
  const secrets = envFrom.map(({ secretRef }) => {
    const data = z.looseObject({ stringData: z.record(z.string(), z.string()) });
    return data.parse(objectOf('Secret', secretRef.name)).stringData;
  });
  return { args, env: Object.assign({}, ...secrets, Object.fromEntries(env.map(({ name, value }) => [name, value]))) };
}

/** Probes of a container, by name. */
export function probesOf(container: Container): Readonly<Record<string, z.infer<typeof PROBE>>> {
  const named = Object.entries(container).filter(([name]) => name.endsWith('Probe'));
  return Object.fromEntries(named.map(([name, probe]) => [name, PROBE.parse(probe)]));
}

const SERVICE = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()).optional() }).optional(),
  stop_grace_period: z.string().optional(),
});
const COMPOSE = z.looseObject({ services: z.record(z.string(), SERVICE), volumes: z.record(z.string(), z.unknown()) });
export type Compose = z.infer<typeof COMPOSE>;

/** As it stands, with its anchors merged and nothing filled in. */
export const COMPOSE_VALUE: unknown = parse(recipeText('compose.yaml'), { merge: true });

/** With variables filled in as Compose does. @throws {Error} for one that has no value and no default */
export function compose(environment: Readonly<Record<string, string>>): Compose {
  const fill = (text: string): string => {
    // `${NAME}`, `${NAME:-default}` and `${NAME:?message}`; the innermost first, for a default may hold another.
    const filled = text.replace(
      /\$\{(\w+)(?::([-?])([^${}]*))?\}/,
      (_, name: string, sign: string | undefined, rest: string) => {
        const value = environment[name];
        if (value !== undefined && value !== '') return value;
        if (sign === '-') return rest;
        throw new Error(`${name} has no value: ${rest}`);
      },
    );
    return filled === text ? text : fill(filled);
  };
  const deep = (value: unknown): unknown => {
    if (typeof value === 'string') return fill(value);
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, deep(one)]));
  };
  return COMPOSE.parse(deep(COMPOSE_VALUE));
}

/** Lines `Key=value` of a unit, in order; a key may come again. */
export function unitLines(): readonly (readonly [key: string, value: string])[] {
  return recipeText('segmentd.service')
    .split('\n')
    .flatMap((line) => {
      const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value] as const];
    });
}

export function unitValue(key: string): string {
  return unitLines().findLast(([name]) => name === key)?.[1] ?? '';
}

export function unitProgram(): Program {
  const [, ...args] = unitValue('ExecStart').split(' ');
  const env = unitLines().flatMap(([key, value]) => {
    const at = value.indexOf('=');
    return key === 'Environment' ? [[value.slice(0, at), value.slice(at + 1)] as const] : [];
  });
  return { args, env: Object.fromEntries(env) };
}

export interface Machine {
  /** In the place of /etc/segmentd. */
  readonly folder: string;
  readonly databaseUrl: string;
  readonly redisUrl?: string;
}

/** With paths and servers of a test, on any port that is free. */
export function onThisMachine({ args, env }: Program, { folder, databaseUrl, redisUrl }: Machine): Program {
  const here = Object.entries(env).map(([name, value]) => {
    if (name === 'DATABASE_URL') return [name, databaseUrl];
    if (name === 'REDIS_URL') return [name, redisUrl ?? ''];
    if (name === 'SEGMENTD_HTTP') return [name, value.replace(/\d+$/, '0')];
    return [
      name,
      value.replace(/^\/etc\/segmentd/, folder).replace(/^(\/var\/lib\/segmentd)?\/export/, `${folder}/export`),
    ];
  });
  return { args, env: { DATABASE_URL: databaseUrl, ...Object.fromEntries(here) } };
}
