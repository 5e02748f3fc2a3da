/**
 * The numbers of a draft: an estimate at once, then what is in, then each row. Owns when the server is asked. Invariants: what it gives is
 * of the draft that it was given; at most two requests run; a newer draft ends the older requests, in the browser and in Postgres.
 */
import { useEffect, useState } from 'preact/hooks';
import type { QueryObserverOptions } from '@tanstack/query-core';
import { ApiFailure, answered, isDisconnected } from '../client/api-failure.ts';
import {
  postPreviews,
  postSegmentsByKeyEditPreviews,
  type EditPreview,
  type Preview,
  type Segment,
} from '../client/api.ts';
import { useQuery } from '../client/query.ts';

export interface PreviewedDraft {
  readonly condition: unknown;
  readonly timezone: string | null;
  /** Whether the checker has no issue. */
  readonly valid: boolean;
  readonly kind: Segment['kind'];
  /** As it is saved; null for a new one. */
  readonly segment: Segment | null;
  readonly sentence: string | null;
}

export interface DraftPreview {
  /** The best numbers so far. */
  readonly numbers: Preview | undefined;
  /** Who an edit would move; undefined until it is known, and where there is nothing to move. */
  readonly movement: EditPreview | undefined;
  /** Whether saving could move members. */
  readonly moves: boolean;
  /** More exact numbers come. */
  readonly isCounting: boolean;
  readonly isMoving: boolean;
  readonly failure: Error | undefined;
  readonly movementFailure: Error | undefined;
  readonly isDisconnected: boolean;
  readonly again: () => void;
}

/** Names a count of a draft among all reads of the page. @param text of `previewText` */
export function previewKey(text: string, mode: 'estimate' | 'exact' | 'rows'): readonly unknown[] {
  return ['preview', text, mode];
}

/** What a count depends on. */
export function previewText(condition: unknown, timezone: string | null): string {
  return JSON.stringify([condition, timezone]);
}

/** A person types on within this time, milliseconds. */
const PAUSE = 200;
/** Each row is counted when a person has paused for so long: one pass over all contacts costs more than the others. */
const LONG_PAUSE = 1_500;
/** Milliseconds for the database. */
const TIMES = { estimate: 5_000, exact: 20_000, rows: 20_000 } as const;

export function useDraftPreview(draft: PreviewedDraft): DraftPreview {
  const { condition, timezone, valid, kind, segment } = draft;
  const text = previewText(condition, timezone);
  const isAsked = useSettled(text, PAUSE) && valid;
  const isPaused = useSettled(text, LONG_PAUSE);
  const numbersOf = (mode: keyof typeof TIMES, enabled: boolean): QueryObserverOptions<Preview> => ({
    ...common,
    queryKey: previewKey(text, mode),
    queryFn: ({ signal }) =>
      answered(
        postPreviews({ condition, ...(timezone === null ? {} : { timezone }), mode, timeout: TIMES[mode] }, { signal }),
      ),
    enabled,
  });
  const moves =
    segment !== null &&
    segment.live_version !== null &&
    segment.kind === 'dynamic' &&
    kind === 'dynamic' &&
    isEdit(draft, segment);
  const movementOf = (mode: 'estimate' | 'exact', enabled: boolean): QueryObserverOptions<EditPreview> => ({
    ...common,
    queryKey: ['preview', text, 'edit', segment?.key ?? '', segment?.version ?? 0, mode],
    queryFn: ({ signal }) =>
      answered(
        postSegmentsByKeyEditPreviews(
          segment?.key ?? '',
          { condition, timezone: timezone ?? '', mode, timeout: TIMES[mode] },
          { signal },
        ),
      ),
    enabled,
  });
  const estimate = useQuery(numbersOf('estimate', isAsked));
  const guess = useQuery(movementOf('estimate', isAsked && moves));
  const exact = useQuery(numbersOf('exact', isAsked && hasEnded(estimate)));
  const counted = useQuery(movementOf('exact', isAsked && moves && hasEnded(guess) && hasEnded(exact)));
  const isExact = exact.data?.basis === 'exact' && hasEstimate(exact.data);
  const rows = useQuery(numbersOf('rows', isAsked && isPaused && isExact && (!moves || hasEnded(counted))));
  // What a failed count says less than the answer before is left out.
  const best =
    [rows.data, exact.data, estimate.data].find((one) => one?.basis === 'exact') ?? estimate.data ?? exact.data;
  const movement = [counted.data, guess.data].find((one) => one?.basis === 'exact') ?? guess.data ?? counted.data;
  const all = [estimate, exact, rows, guess, counted];
  return {
    numbers: valid ? best : undefined,
    movement: valid && moves ? movement : undefined,
    moves: valid && moves,
    isCounting: valid && (!isAsked || !hasEnded(exact)),
    isMoving: valid && moves && (!isAsked || !hasEnded(counted)),
    failure: valid && !best && hasEnded(exact) ? (exact.error ?? estimate.error ?? undefined) : undefined,
    movementFailure: valid && moves && !movement && hasEnded(counted) ? (counted.error ?? undefined) : undefined,
    isDisconnected: all.some(({ failureReason, isFetching }) => isFetching && isDisconnected(failureReason)),
    again: () => {
      for (const query of [estimate, guess, exact, counted]) if (query.error) void query.refetch();
    },
  };
}

const common = {
  staleTime: 30_000,
  refetchOnWindowFocus: false,
  refetchOnReconnect: false,
  // A page beside this one asks too: its previews end soon.
  retry: (count: number, error: Error) => isDisconnected(error) || (isBusy(error) && count < 5),
} as const;

function isBusy(error: Error): boolean {
  return error instanceof ApiFailure && error.status === 429;
}

function hasEnded({ data, error }: { readonly data: unknown; readonly error: Error | null }): boolean {
  return data !== undefined || error !== null;
}

/** Whether a row stands on a sample. */
function hasEstimate({ condition }: Preview): boolean {
  const isEstimate = (node: Preview['condition']): boolean =>
    [node.amounts.alone, node.amounts.left].some((amount) => amount !== null && amount.basis !== 'exact') ||
    node.children.some(isEstimate);
  return isEstimate(condition);
}

function isEdit({ condition, timezone }: PreviewedDraft, segment: Segment): boolean {
  return JSON.stringify([condition, timezone]) !== JSON.stringify([segment.condition, segment.timezone]);
}

/** Whether the text has not changed for some milliseconds. The first one needs no wait. */
function useSettled(text: string, ms: number): boolean {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return settled === text;
}
