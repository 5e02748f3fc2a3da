/**
 * Keeps what an open page shows up to date. The server sends hints which segments changed (`/events/stream`); the queries that they
 * concern are read again. Invariant: whatever changes after a query was read is read, also when the stream was cut, the server was
 * away, or the tab was hidden in between. While the stream cannot be opened the page reads again every some seconds.
 */
import type { Query } from '@tanstack/query-core';
import { useEffect, useRef } from 'preact/hooks';
import { getMe } from './api.ts';
import { answered, isDisconnected } from './api-failure.ts';
import { createPageStore } from './page-store.ts';
import { queries } from './query.ts';
import { concerns, type PageChange } from './live-scope.ts';

/** `open`: changes are shown as they come. `polling`: they are asked for. `lost`: the server does not answer. */
export type Connection = 'opening' | 'open' | 'polling' | 'lost';
export interface Freshness {
  /** Milliseconds by which membership is behind the data; null when no worker keeps it. */
  readonly lag: number | null;
  /** Whether the server reaches the database. */
  readonly reachable: boolean;
}

export const connection = createPageStore<Connection>('opening');
export const freshness = createPageStore<Freshness | undefined>(undefined);

const STREAM = '/api/v1/events/stream';
/** Milliseconds for which a cut stream may come back before the page says so. */
const GRACE = 1_500;
const RETRY = 2_000;
/** Milliseconds between two reads while there is no stream. */
const POLL = 10_000;
/** Milliseconds after which a hidden tab stops listening: a browser has 6 connections to a host for all its tabs. */
const HIDDEN = 5_000;

let source: EventSource | undefined;
let lastId = '';
/** Milliseconds that the server's clock is ahead of this one. */
let clockLead = 0;
let graceTimer: ReturnType<typeof setTimeout> | undefined;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let hiddenTimer: ReturnType<typeof setTimeout> | undefined;

/** Now, by the server's clock as far as it is known. */
export function serverNow(): number {
  return Date.now() + clockLead;
}

/** Listens while the tab is shown. Returns what ends it. */
export function startLive(): () => void {
  const onVisible = (): void => {
    clearTimeout(hiddenTimer);
    if (document.visibilityState === 'hidden') hiddenTimer = setTimeout(close, HIDDEN);
    else if (!source && !retryTimer) open();
  };
  document.addEventListener('visibilitychange', onVisible);
  open();
  return () => {
    document.removeEventListener('visibilitychange', onVisible);
    clearTimeout(hiddenTimer);
    close();
  };
}

function close(): void {
  clearTimeout(graceTimer);
  clearTimeout(retryTimer);
  graceTimer = retryTimer = undefined;
  source?.close();
  source = undefined;
}

function open(): void {
  close();
  const opened = new EventSource(lastId === '' ? STREAM : `${STREAM}?after=${encodeURIComponent(lastId)}`);
  source = opened;
  const note = (event: MessageEvent<string>): void => {
    if (event.lastEventId !== '') lastId = event.lastEventId;
  };
  opened.addEventListener('open', () => {
    clearTimeout(graceTimer);
    graceTimer = undefined;
    const before = connection.get();
    connection.set('open');
    // What was read before the stream was open may be older than its first hint.
    if (before !== 'open') readAllAgain();
  });
  opened.addEventListener('change', (event: MessageEvent<string>) => {
    note(event);
    heed(JSON.parse(event.data) as PageChange);
  });
  opened.addEventListener('fresh', (event: MessageEvent<string>) => {
    note(event);
    const { at, fresh_as_of, reachable } = JSON.parse(event.data) as FreshData;
    clockLead = Date.parse(at) - Date.now();
    freshness.set({ lag: fresh_as_of === null ? null : Date.parse(at) - Date.parse(fresh_as_of), reachable });
  });
  opened.addEventListener('error', () => {
    graceTimer ??= setTimeout(() => void checkServer(), GRACE);
    if (opened.readyState !== EventSource.CLOSED) return;
    // The browser does not try again after a refusal.
    source = undefined;
    void checkServer();
  });
}

interface FreshData {
  readonly at: string;
  readonly fresh_as_of: string | null;
  readonly reachable: boolean;
}

/** The stream is not there: asks whether the server is, and tries again. */
async function checkServer(): Promise<void> {
  clearTimeout(graceTimer);
  graceTimer = undefined;
  let answers = true;
  try {
    await answered(getMe());
  } catch (error) {
    answers = !isDisconnected(error);
    // The session may have ended.
    if (answers) void queries.invalidateQueries({ queryKey: ['me'] });
  }
  if (source?.readyState === EventSource.OPEN || document.visibilityState === 'hidden') return;
  connection.set(answers ? 'polling' : 'lost');
  if (answers) readAllAgain();
  clearTimeout(retryTimer);
  retryTimer = setTimeout(open, answers ? POLL : RETRY);
}

/** Queries that were being read when a hint came: the answer may be from before it. */
const readAgainAfter = new Set<string>();
queries.getQueryCache().subscribe((event) => {
  if (event.type !== 'updated' || (event.action.type !== 'success' && event.action.type !== 'error')) return;
  if (readAgainAfter.delete(event.query.queryHash)) void readAgain(event.query as Query);
});

function heed(change: PageChange): void {
  for (const query of queries.getQueryCache().getAll()) {
    if (query.meta?.['live'] !== 'own' && concerns(change, query.queryKey)) void readAgain(query);
  }
  for (const listener of listeners) listener(change);
}

async function readAgain(query: Query): Promise<void> {
  if (query.state.fetchStatus === 'fetching') {
    readAgainAfter.add(query.queryHash);
    return;
  }
  await queries.invalidateQueries({ queryKey: query.queryKey, exact: true });
}

function readAllAgain(): void {
  heed({ segments: null, kinds: ['members', 'definition', 'state', 'override', 'export', 'schedule', 'status'] });
}

const listeners = new Set<(change: PageChange) => void>();

/** Calls the listener at every hint while the component is shown: for queries with `meta: { live: 'own' }`. */
export function useChanges(listener: (change: PageChange) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const call = (change: PageChange): void => latest.current(change);
    listeners.add(call);
    return () => {
      listeners.delete(call);
    };
  }, []);
}
