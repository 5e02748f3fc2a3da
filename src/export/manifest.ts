/** The manifest of an export: it stands beside the file and in `segmentd_internal.export_run`, and the caller gets it. */
import type { FormatName } from './format/format.ts';

export interface Manifest {
  readonly segment: string;
  readonly segmentId: number;
  /** Version of the condition that the members come from. */
  readonly version: number;
  /** State of the segment at that moment; anything but `live` and `building` means that the members were frozen. */
  readonly state: string;
  /** ISO 8601, UTC: the clock when the members were fixed. */
  readonly asOf: string;
  /** The members reflect everything that was committed before this instant; null before the first drain. */
  readonly freshAsOf: string | null;
  /** The `pg_snapshot` of the members. */
  readonly snapshot: string;
  readonly format: FormatName;
  readonly gzip: boolean;
  readonly columns: readonly string[];
  /** Rows, without the header. */
  readonly count: number;
  /** Size and checksum of the file as it is, compressed or not. */
  readonly bytes: number;
  readonly sha256: string;
  /** Name of the file, without its folder; absent for a stream. */
  readonly file?: string;
  readonly delta?: DeltaManifest;
  readonly startedAt: string;
  readonly finishedAt: string;
}

export interface DeltaManifest {
  readonly name: string;
  /** Files of one name are numbered without a gap; a file whose number comes again has the same content again. */
  readonly number: number;
  /** Where the file before ended; null for the first, which holds all members. */
  readonly since: string | null;
  /** An earlier attempt may have delivered this already. */
  readonly repeated: boolean;
}

/** JSON with keys as in the tables, on one line: the value in `export_run` and the text of the file. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(snake(manifest))}\n`;
}

function snake(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snake(inner),
    ]),
  );
}
