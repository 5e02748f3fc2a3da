/** What resolving a config shares: the tables found in the database, and the mistakes found so far. */
import { Failure } from '../base/error.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Table } from './catalogue.ts';
import type { ColumnInfo, TableInfo } from './table-info.ts';

/** Where mistakes are gathered. `add` returns undefined so that a caller can leave with it. */
export class Mistakes {
  /** Beyond so many, mistakes are counted, and no nearest name is looked for: 2,000 searches among 1,600 columns take a minute. */
  static readonly most = 20;
  readonly #sentences: string[] = [];
  readonly #permissions: string[] = [];

  add(sentence: string): undefined {
    this.#sentences.push(sentence);
    return undefined;
  }

  addPermission(sentence: string): undefined {
    this.#permissions.push(sentence);
    return undefined;
  }

  /** ` (did you mean …?)`, or nothing: to stand before a sentence's full stop. */
  hint(word: string, candidates: Iterable<string>): string {
    if (this.#sentences.length + this.#permissions.length >= Mistakes.most) return '';
    const text = didYouMean(word, candidates);
    return text === undefined ? '' : ` (${text})`;
  }

  throwIfAny(): void {
    const found = [...this.#sentences, ...this.#permissions];
    if (found.length === 0) return;
    const more = found.length - Mistakes.most;
    const all = more > 0 ? [...found.slice(0, Mistakes.most), `And ${more.toLocaleString('en-US')} more.`] : found;
    throw new Failure(this.#sentences.length > 0 ? 'usage' : 'permission', all.join(' '), { data: all });
  }
}

/** A table of the config that was found in the database and can be followed. */
export interface FoundTable {
  readonly table: Table;
  readonly info: TableInfo;
  column(name: string): ColumnInfo | undefined;
}
