/**
 * A draft tried on one contact, row by row: here at each keystroke, over the document that the server gave last, and by Postgres as soon as
 * it answered for this very draft. Postgres decides.
 */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { rowVerdicts } from '../../condition/evaluate/row-verdict.ts';
import { answered } from '../client/api-failure.ts';
import { postContactsByContactTrials, type Trial } from '../client/api.ts';
import { useStore } from '../client/page-store.ts';
import { useQuery } from '../client/query.ts';
import { laterCode } from '../part/later-code.ts';
import type { Vocabulary } from './builder-vocabulary.ts';
import type { RowVerdict } from './editor-context.ts';

type Document = Parameters<typeof rowVerdicts>[1];

export interface TriedDraft {
  readonly contact: string | undefined;
  readonly condition: unknown;
  readonly timezone: string;
  readonly valid: boolean;
  readonly vocabulary: Vocabulary;
}

export interface TriedRows {
  /** By JSON pointer; empty without a contact. */
  readonly verdicts: ReadonlyMap<string, RowVerdict>;
  /** The last answer, also of an older draft. */
  readonly trial: Trial | undefined;
  /** Whether the answer is of this draft. */
  readonly isSure: boolean;
  readonly error: Error | null;
  readonly again: () => void;
}

/** Milliseconds without a keystroke before Postgres is asked. */
const PAUSE = 200;
/** Loaded when a contact is chosen: most drafts need no evaluator. */
const evaluatorCode = laterCode(() => import('../../condition/evaluate/row-verdict.ts'));
const NONE: ReadonlyMap<string, RowVerdict> = new Map();

export function useTrial({ contact, condition, timezone, valid, vocabulary }: TriedDraft): TriedRows {
  const text = JSON.stringify([condition, timezone]);
  const [asked, ask] = useState({ text, condition, timezone });
  useEffect(() => {
    if (!valid || contact === undefined) return undefined;
    const timer = setTimeout(() => ask({ text, condition, timezone }), PAUSE);
    return () => clearTimeout(timer);
  }, [text, valid, contact]);
  const query = useQuery({
    queryKey: ['trial', contact ?? '', asked.text],
    queryFn: ({ signal }) =>
      answered(
        postContactsByContactTrials(
          contact ?? '',
          { condition: asked.condition, ...(asked.timezone === '' ? {} : { timezone: asked.timezone }) },
          { signal },
        ),
      ),
    enabled: contact !== undefined && valid && asked.text === text,
    staleTime: 5_000,
  });
  // The document of an older draft answers for the rows that it covers.
  const [last, setLast] = useState<{ readonly contact: string; readonly text: string; readonly trial: Trial }>();
  useEffect(() => {
    if (query.data && contact !== undefined) setLast({ contact, text: asked.text, trial: query.data });
  }, [query.data]);
  const loaded = useStore(evaluatorCode.state);
  useEffect(() => {
    if (contact !== undefined) void evaluatorCode.load();
  }, [contact]);
  const evaluator = typeof loaded === 'object' ? loaded.rowVerdicts : undefined;
  const mine = last?.contact === contact ? last : undefined;
  const isSure = valid && mine?.text === text;
  const verdicts = useMemo(() => {
    if (!mine || !evaluator) return NONE;
    const { trial } = mine;
    const { document, at } = trial;
    const here = document
      ? evaluator(condition, document as unknown as Document, vocabulary.catalogue, {
          at,
          ...(timezone === '' ? {} : { timezone }),
        })
      : new Map<string, boolean | null>();
    const sure = new Map(isSure ? trial.rows.map((row) => [row.pointer, row]) : []);
    return new Map(
      [...here].map(([pointer, verdict]) => {
        const row = sure.get(pointer);
        return [pointer, { here: verdict, postgres: row?.result, actual: row?.actual ?? null }];
      }),
    );
  }, [evaluator, mine, text, isSure, vocabulary]);
  return {
    verdicts,
    trial: mine?.trial,
    isSure,
    error: query.error,
    again: () => void query.refetch(),
  };
}
