/**
 * Debian's firefox, driven by its own protocol (Marionette): playwright drives only a Firefox that it has built itself. Without it the
 * test that needs it is skipped in one loud line; under `CI=true` it fails.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

const PLACES = [process.env['FIREFOX'], '/usr/bin/firefox-esr', '/usr/bin/firefox'];
const program = PLACES.find((path) => path !== undefined && path !== '' && existsSync(path));

export const skipsFirefox: boolean = program === undefined && process.env['CI'] !== 'true';
if (skipsFirefox)
  console.warn('firefox is not installed: its test is skipped. The Debian package firefox-esr has it (FIREFOX=path).');

export interface Firefox {
  open(url: string): Promise<void>;
  /** What the body of a function returns in the page, as JSON. */
  evaluate<T>(body: string): Promise<T>;
  /** Types into the element that has the keyboard, or into the one that the selector names. `\uE007` is Enter. */
  type(text: string, selector?: string): Promise<void>;
  click(selector: string): Promise<void>;
  close(): Promise<void>;
}

/** The name of an element in answers of the protocol. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
type Answer = readonly [type: 1, id: number, error: { readonly message: string } | null, result: unknown];

export async function startFirefox(): Promise<Firefox> {
  if (program === undefined) throw new Error('firefox is not installed');
  const profile = await mkdtemp(join(tmpdir(), 'segmentd-firefox-'));
  await writeFile(join(profile, 'user.js'), 'user_pref("marionette.port", 0);\n');
  const child = spawn(program, ['--headless', '--no-remote', '--marionette', '--profile', profile], {
    stdio: 'ignore',
    // Its own place for what it keeps beside the profile.
    env: { ...process.env, HOME: profile },
  });
  const ended = once(child, 'exit');
  const port = await until(
    async () => Number(await readFile(join(profile, 'MarionetteActivePort'), 'utf8').catch(() => '0')),
    { timeout: 60_000, message: 'the port of firefox' },
  );
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const waiting = new Map<number, (answer: Answer) => void>();
  let buffer = Buffer.alloc(0);
  socket.on('data', (piece: Buffer) => {
    buffer = Buffer.concat([buffer, piece]);
    for (;;) {
      const colon = buffer.indexOf(':');
      const size = Number(buffer.subarray(0, Math.max(0, colon)));
      if (colon === -1 || buffer.length < colon + 1 + size) return;
      const message: unknown = JSON.parse(buffer.toString('utf8', colon + 1, colon + 1 + size));
      buffer = buffer.subarray(colon + 1 + size);
      // The first message greets.
      if (Array.isArray(message)) waiting.get(message[1] as number)?.(message as unknown as Answer);
    }
  });
  let asked = 0;
  const ask = async (command: string, parameters: object = {}): Promise<unknown> => {
    const id = ++asked;
    const text = Buffer.from(JSON.stringify([0, id, command, parameters]));
    const answer = await new Promise<Answer>((settle) => {
      waiting.set(id, settle);
      socket.write(Buffer.concat([Buffer.from(`${text.length}:`), text]));
    });
    waiting.delete(id);
    if (answer[2] !== null) throw new Error(`${command}: ${answer[2].message}`);
    const result = answer[3] as { readonly value?: unknown } | null;
    return result !== null && 'value' in result ? result.value : result;
  };
  await ask('WebDriver:NewSession', { capabilities: { alwaysMatch: { acceptInsecureCerts: false } } });
  await ask('WebDriver:SetTimeouts', { implicit: 30_000 });
  const find = async (selector: string): Promise<string> => {
    const found = (await ask('WebDriver:FindElement', { using: 'css selector', value: selector })) as Readonly<
      Record<string, string>
    >;
    return found[ELEMENT] ?? '';
  };
  return {
    open: async (url) => void (await ask('WebDriver:Navigate', { url })),
    evaluate: async <T>(body: string) => (await ask('WebDriver:ExecuteScript', { script: body, args: [] })) as T,
    async type(text, selector = ':focus') {
      await ask('WebDriver:ElementSendKeys', { id: await find(selector), text });
    },
    click: async (selector) => void (await ask('WebDriver:ElementClick', { id: await find(selector) })),
    async close() {
      await ask('Marionette:Quit', { flags: ['eForceQuit'] }).catch(() => undefined);
      socket.destroy();
      child.kill();
      await ended;
      await rm(profile, { recursive: true, force: true });
    },
  };
}
