/**
 * Rows of CSV out of text that comes in pieces: quotes, line breaks inside of quotes, commas, semicolons or tabs. Pure. Invariant: however
 * the text is cut into pieces, the rows are the same.
 */

export type Delimiter = ',' | ';' | '\t';

/** The delimiter that a first line has most of, outside of quotes; a line without any has one column. */
export function guessDelimiter(line: string): Delimiter {
  const bare = line.replaceAll(/"(?:[^"]|"")*"/g, '');
  const counts = ([',', ';', '\t'] as const).map((one) => ({ one, count: bare.split(one).length - 1 }));
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).one;
}

export class CsvRows {
  readonly #delimiter: Delimiter;
  #field = '';
  #row: string[] = [];
  /** `quoted`: inside of quotes. `closed`: behind a quote that may end the field or begin a doubled one. */
  #state: 'plain' | 'quoted' | 'closed' = 'plain';
  #begun = false;
  #wasReturn = false;

  constructor(delimiter: Delimiter) {
    this.#delimiter = delimiter;
  }

  /** Rows that are complete with this piece. */
  push(piece: string): string[][] {
    const rows: string[][] = [];
    for (const one of piece) {
      if (this.#state === 'quoted') {
        if (one === '"') this.#state = 'closed';
        else this.#field += one;
      } else if (one === '"' && this.#state === 'closed') {
        this.#field += '"';
        this.#state = 'quoted';
      } else if (one === '"' && this.#field === '') {
        this.#state = 'quoted';
        this.#begun = true;
      } else if (one === this.#delimiter) {
        this.#endField();
        this.#begun = true;
      } else if (one === '\n' || one === '\r') {
        // A return and a line feed end one line.
        if (!(one === '\n' && this.#wasReturn)) this.#endRow(rows);
      } else {
        this.#field += one;
        this.#begun = true;
      }
      this.#wasReturn = one === '\r' && this.#state !== 'quoted';
    }
    return rows;
  }

  /** The last row, when no line break stands behind it. */
  end(): string[][] {
    const rows: string[][] = [];
    this.#endRow(rows);
    return rows;
  }

  #endField(): void {
    this.#row.push(this.#field);
    this.#field = '';
    this.#state = 'plain';
  }

  #endRow(rows: string[][]): void {
    if (this.#begun) {
      this.#endField();
      rows.push(this.#row);
    }
    this.#row = [];
    this.#field = '';
    this.#state = 'plain';
    this.#begun = false;
  }
}
