/**
 * The page over a real database in a real browser: `segmentd serve`'s server, a worker beside it, persons who are signed in. Ends every
 * test with: no error in any page, nothing loaded from elsewhere, no broken policy.
 */
import { join } from 'node:path';
import { expect } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { loadShop, type ShopSize } from '../../src/dev/shop/load-shop.ts';
import { SHOP_CONFIG } from '../../src/dev/shop/shop-table.ts';
import { createPageServer, type PageServer } from '../../src/http/page-server.ts';
import type { RateLimit } from '../../src/http/rate-limit.ts';
import { createSegmentd, type AccessRole, type Segmentd, type Worker } from '../../src/index.ts';
import {
  startBrowser,
  watchPage,
  type Browser,
  type BrowserContext,
  type Page,
  type Watch,
} from '../support/browser.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

export interface PageWorld {
  readonly world: World;
  readonly segmentd: Segmentd;
  readonly browser: Browser;
  /** `http://127.0.0.1:PORT`, also after `restart`. */
  readonly origin: string;
  /** A page of a browser of its own, signed in; undefined: not signed in. */
  open(path: string, role?: AccessRole | null): Promise<Page>;
  /** Signs another browser in, once. */
  signInLink(): string;
  /** Stops the server; `startServer` serves again at the same address. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  end(): Promise<void>;
}

export interface PageWorldOptions {
  /** Of the sample shop; absent: the few contacts of the CLI's tests. */
  readonly shop?: ShopSize;
  readonly config?: string;
  /** Tables other than those of the CLI's tests. */
  readonly tables?: string;
  /** Whether a worker runs; default true. */
  readonly worker?: boolean;
  /** Default: that of the server. */
  readonly rate?: RateLimit;
}

export async function createPageWorld(options: PageWorldOptions = {}): Promise<PageWorld> {
  const { shop, worker: works = true } = options;
  const config = options.config ?? (shop ? SHOP_CONFIG : undefined);
  const tables = options.tables ?? (shop ? 'select' : undefined);
  const world = await createWorld({
    ...(tables === undefined ? {} : { tables }),
    ...(config === undefined ? {} : { config }),
  });
  if (shop) await loadShop(world.database.pool, shop);
  const segmentd = createSegmentd({
    databaseUrl: world.database.url,
    config: join(world.folder, 'segmentd.yaml'),
  });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  let worker: Worker | undefined;
  const startWorker = async (): Promise<void> => {
    worker = segmentd.worker({ pollInterval: 200 });
    await worker.start();
  };
  if (works) await startWorker();
  const browser = await startBrowser();
  const watches: Watch[] = [];
  const contexts = new Set<BrowserContext>();
  let role: AccessRole = 'admin';
  let port = 0;
  let server: PageServer;
  const serve = async (): Promise<void> => {
    server = createPageServer({
      segmentd,
      at: { host: '127.0.0.1', port },
      ...(options.rate ? { rate: options.rate } : {}),
      log: createLog({ level: 'error' }),
      // Read when a link is used: each `open` says who comes.
      owner: {
        name: 'ana',
        get role() {
          return role;
        },
      },
    });
    await server.start();
    port = Number(new URL(server.url ?? '').port);
  };
  await serve();
  const origin = (): string => `http://127.0.0.1:${port}`;
  return {
    world,
    segmentd,
    browser,
    get origin() {
      return origin();
    },
    async open(path, as = 'admin') {
      const context = await browser.newContext({
        viewport: { width: 1360, height: 900 },
        locale: 'en-GB',
        timezoneId: 'Europe/Madrid',
      });
      contexts.add(context);
      const page = await context.newPage();
      watches.push(watchPage(page, origin()));
      page.setDefaultTimeout(30_000);
      if (as !== null) {
        role = as;
        await page.goto(server.signInLink());
      }
      await page.goto(`${origin()}${path}`);
      return page;
    },
    signInLink: () => server.signInLink(),
    stopServer: () => server.stop(),
    startServer: serve,
    stopWorker: async () => worker?.stop(),
    startWorker,
    async end() {
      for (const context of contexts) await context.close();
      await browser.close();
      await server.stop();
      await worker?.stop();
      await segmentd.close();
      await world.end();
      expect(watches.flatMap(({ faults }) => faults)).toEqual([]);
    },
  };
}
