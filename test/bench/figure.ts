/** What a bench measures and reports. One file a figure; `main.ts` runs them. */
import type { BenchServer } from './bench-server.ts';

export interface Row {
  readonly measure: string;
  readonly value: number;
  /** `ms`, `s`, `x` (a ratio), `/s`, `MB`, `rows`. */
  readonly unit: string;
  /** The bound that the README promises; absent: the report shows the value without a verdict. */
  readonly wanted?: { readonly atMost: number } | { readonly atLeast: number };
  /** What stands behind the value: medians of both sides, counts, a peer's figure. */
  readonly beside?: string;
}

export interface Context {
  readonly server: BenchServer;
  /** Smaller sizes and fewer rounds: shows that the bench works, not what segmentd reaches. */
  readonly quick: boolean;
  /** Peak resident memory of every worker process so far, MB. */
  readonly memory: number[];
  readonly note: (text: string) => void;
}

export interface Figure {
  readonly title: string;
  /** Takes so long that it is run only when it is named. */
  readonly long?: true;
  readonly run: (context: Context) => Promise<readonly Row[]>;
}

export function withinBound(row: Row): boolean | undefined {
  if (row.wanted === undefined) return undefined;
  return 'atMost' in row.wanted ? row.value <= row.wanted.atMost : row.value >= row.wanted.atLeast;
}
