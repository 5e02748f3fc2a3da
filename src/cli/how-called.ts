/** How a person calls the other verbs from where this one was called: what can be pasted into the next terminal. Pure. */
import { basename } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** How `dev` is called again, so that flags may follow. @param script as of `howCalled` */
export function howStarted(environment: Environment, script: string): string {
  return environment['npm_package_name'] === 'segmentd' && environment['npm_lifecycle_event'] === 'start'
    ? 'npm start --'
    : `${howCalled(environment, script)} dev`;
}

/** @param script path of the running program, `process.argv[1]` */
export function howCalled(environment: Environment, script: string): string {
  const event = environment['npm_lifecycle_event'];
  // `npm start` and `npm run segmentd` of a clone; other projects have scripts of these names too.
  if (environment['npm_package_name'] === 'segmentd' && (event === 'start' || event === 'segmentd'))
    return 'npm run -s segmentd --';
  const agent = environment['npm_config_user_agent'] ?? '';
  if (agent.startsWith('pnpm/')) return 'pnpm exec segmentd';
  if (agent.startsWith('yarn/')) return 'yarn segmentd';
  // npx, and scripts of a project that has the package.
  if (event !== undefined) return 'npx segmentd';
  if (/\.[cm]?ts$/.test(script)) return 'npm run -s segmentd --';
  return basename(script).endsWith('.js') ? `node ${script}` : 'segmentd';
}
