/** Keys of contacts out of pasted text or a file, in parts that one request can carry. A file is read as a stream and never held whole. */
import { CsvRows, guessDelimiter, type Delimiter } from './csv-row.ts';

/** What one request carries at most. */
const MOST_KEYS = 10_000;
const MOST_BYTES = 400_000;

/** Where keys come from. */
export interface KeyList {
  /** In words, such as the name of the file. */
  readonly name: string;
  /** Characters or bytes in all, for a progress bar. */
  readonly size: number;
  /** Each part with how far it is read. Every call reads from the beginning. */
  parts(): AsyncGenerator<KeyPart>;
}

export interface KeyPart {
  readonly keys: readonly string[];
  readonly read: number;
}

/** @param isText whether keys are texts: only a line's end separates those, because a text may hold spaces and commas */
export function keysOfText(text: string, isText: boolean): KeyList {
  return {
    name: 'pasted keys',
    size: text.length,
    async *parts() {
      const keys = text
        .split(isText ? /[\r\n]+/ : /[\s,;]+/)
        .map((key) => key.trim())
        .filter((key) => key !== '');
      const pack = new Pack();
      for (const key of keys) {
        const full = pack.add(key);
        if (full) yield { keys: full, read: 0 };
      }
      const last = pack.rest();
      if (last.length > 0) yield { keys: last, read: text.length };
    },
  };
}

export interface CsvHead {
  readonly delimiter: Delimiter;
  /** The first rows. */
  readonly rows: readonly (readonly string[])[];
}

/** The beginning of a file, for choosing a column. */
export async function readCsvHead(file: Blob): Promise<CsvHead> {
  const text = (await file.slice(0, 64 * 1024).text()).replace(/^\u{FEFF}/u, '');
  const delimiter = guessDelimiter(text.split(/\r?\n/)[0] ?? '');
  const rows = new CsvRows(delimiter);
  const whole = file.size <= 64 * 1024;
  return { delimiter, rows: [...rows.push(text), ...(whole ? rows.end() : [])].slice(0, 5) };
}

export function keysOfFile(
  file: File,
  { delimiter, column, hasHead }: { readonly delimiter: Delimiter; readonly column: number; readonly hasHead: boolean },
): KeyList {
  return {
    name: file.name,
    size: file.size,
    async *parts() {
      const rows = new CsvRows(delimiter);
      const pack = new Pack();
      let read = 0;
      let first = true;
      const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(piece, out) {
          read += piece.byteLength;
          out.enqueue(piece);
        },
      });
      const texts = file.stream().pipeThrough(counted).pipeThrough(new TextDecoderStream()).getReader();
      const take = function* (list: readonly (readonly string[])[]): Generator<KeyPart> {
        for (const row of list) {
          const isHead = first && hasHead;
          first = false;
          const key = row[column]?.trim() ?? '';
          const full = isHead || key === '' ? undefined : pack.add(key);
          if (full) yield { keys: full, read };
        }
      };
      try {
        for (let next = await texts.read(); !next.done; next = await texts.read()) yield* take(rows.push(next.value));
        yield* take(rows.end());
        const last = pack.rest();
        if (last.length > 0) yield { keys: last, read: file.size };
      } finally {
        await texts.cancel();
      }
    },
  };
}

/** Gathers keys until one request is full. A key that comes twice in one part is sent once. */
class Pack {
  #keys = new Set<string>();
  #bytes = 0;

  /** @returns the part that is full with it */
  add(key: string): readonly string[] | undefined {
    if (this.#keys.has(key)) return undefined;
    this.#keys.add(key);
    this.#bytes += 3 * key.length + 3;
    return this.#keys.size >= MOST_KEYS || this.#bytes >= MOST_BYTES ? this.rest() : undefined;
  }

  rest(): readonly string[] {
    const keys = [...this.#keys];
    this.#keys = new Set();
    this.#bytes = 0;
    return keys;
  }
}
