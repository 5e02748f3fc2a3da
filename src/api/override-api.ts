/**
 * `segmentd.overrides`: members of static segments, includes and excludes of dynamic ones. An override is a row; membership follows
 * when the worker has read that row (`admin.wait`).
 */
import type { Readable } from 'node:stream';
import { inTransaction } from '../postgres/transaction.ts';
import * as override from '../override/override.ts';
import type { OverriddenByFile } from '../override/override-file.ts';
import { checkKey, checkPage, checkTextFields, checkTexts } from './check-argument.ts';
import type { Connection, WriteOptions } from './connection.ts';

/** To read a million keys takes seconds, and to write them too. */
const TIMEOUTS = { lockTimeout: 30_000, statementTimeout: 600_000, idleTimeout: 600_000 } as const;

const OVERRIDE = { note: 'The note', until: 'The time until which it holds' };

export class OverrideApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Adds contacts to a static segment: all of them, or none.
   * @throws {Failure} `not-found` for the segment or, with `data: string[]`, for contacts; `conflict` when it is not static; `usage`
   */
  async add(
    key: string,
    contacts: readonly string[],
    options: WriteOptions & override.OverrideOptions = {},
  ): Promise<override.Overridden> {
    return this.write('add', key, contacts, options);
  }

  /** Removes contacts from a static segment. @throws {Failure} `not-found`, `conflict`, `usage` */
  async remove(key: string, contacts: readonly string[], options: WriteOptions = {}): Promise<override.Overridden> {
    return this.write('remove', key, contacts, options);
  }

  /** Includes contacts in a dynamic segment whatever its condition says; `contacts.where` still counts. @throws {Failure} as `add` */
  async include(
    key: string,
    contacts: readonly string[],
    options: WriteOptions & override.OverrideOptions = {},
  ): Promise<override.Overridden> {
    return this.write('include', key, contacts, options);
  }

  /** Excludes contacts from a dynamic segment whatever its condition says. @throws {Failure} as `add` */
  async exclude(
    key: string,
    contacts: readonly string[],
    options: WriteOptions & override.OverrideOptions = {},
  ): Promise<override.Overridden> {
    return this.write('exclude', key, contacts, options);
  }

  /** Removes the overrides of contacts, so that the condition decides. @throws {Failure} `not-found`, `conflict`, `usage` */
  async reset(key: string, contacts: readonly string[], options: WriteOptions = {}): Promise<override.Overridden> {
    return this.write('reset', key, contacts, options);
  }

  /** Does what the verb says: one of the five methods. @throws {Failure} as that method */
  async write(
    verb: override.OverrideVerb,
    key: string,
    contacts: readonly string[],
    options: WriteOptions & override.OverrideOptions = {},
  ): Promise<override.Overridden> {
    checkKey(key);
    checkTexts(contacts, 'The contacts', 'The key of a contact');
    checkTextFields(options, OVERRIDE);
    const { catalogue } = await this.#connection.fitting();
    return this.#connection.writing(options, (database) =>
      override.writeOverrides(database, catalogue, key, verb, contacts, options),
    );
  }

  /**
   * Does the same for keys from a stream, one a line, in constant memory and one transaction. It counts keys of no contact.
   * @throws {Failure} `not-found`, `conflict` for the segment; `usage` with the number of a line that cannot be a key
   */
  async writeStream(
    verb: override.OverrideVerb,
    key: string,
    keys: Readable,
    options: override.OverrideOptions = {},
  ): Promise<OverriddenByFile> {
    checkKey(key);
    checkTextFields(options, OVERRIDE);
    const { writeOverrideFile } = await import('../override/override-file.ts');
    const { catalogue } = await this.#connection.fitting();
    return inTransaction(await this.#connection.pool(), TIMEOUTS, (client) =>
      writeOverrideFile(client, catalogue, key, verb, keys, options),
    );
  }

  /** Lists the overrides of a segment in order of the contacts. @throws {Failure} `not-found` */
  async list(key: string, options: override.OverridePage = {}): Promise<readonly override.Override[]> {
    checkKey(key);
    checkPage(options);
    return override.listOverrides(await this.#connection.pool(), key, options);
  }

  /** Counts the contacts that a dynamic segment includes and excludes whatever its condition says. */
  async count(key: string): Promise<OverrideCount> {
    checkKey(key);
    return override.countOverrides(await this.#connection.pool(), key);
  }
}

export interface OverrideCount {
  readonly included: number;
  readonly excluded: number;
}
