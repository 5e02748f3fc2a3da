/** The page's server as a team runs it, `segmentd serve`, in a process of its own beside the workers of a world. */
import { startCli } from '../support/process.ts';
import type { World } from './bench-world.ts';
import { peakMemory } from './measure.ts';

export interface BenchPage {
  readonly pid: number;
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** Signs a browser in, once. */
  readonly signInLink: string;
  /** Peak resident memory so far, MB. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

export async function startPage(world: World): Promise<BenchPage> {
  const child = startCli(['serve', '--config', world.configFile, '--database-url', world.url]);
  const signInLink = await child.line(/^http:\/\/127\.0\.0\.1:\d+\/sign-in/, 120_000);
  return {
    pid: child.pid,
    origin: new URL(signInLink).origin,
    signInLink,
    memory: () => peakMemory(child.pid),
    async stop() {
      const ended = await child.kill('SIGTERM');
      if (ended.code !== 0)
        throw new Error(`the page's server ended with ${ended.code ?? ended.signal}: ${ended.stderr.slice(-2_000)}`);
    },
  };
}
