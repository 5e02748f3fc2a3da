/**
 * `segmentd.overrides`: members of static segments, includes and excludes of dynamic ones. An override is a row; membership follows
 * when the worker has read that row (`admin.wait`).
 */
import type { Readable } from 'node:stream';
import type * as override from '../override/override.ts';
import type { OverriddenByFile } from '../override/override-file.ts';
import type { Connection } from './connection.ts';
import { LOOK_UP, OVERRIDE, OVERRIDE_PAGE } from './input-schema.ts';
import { checkInput, text, texts } from './input.ts';
import type { WriteOptions } from './call-option.ts';

/** To read a million keys takes seconds, and to write them too. */
const TIMEOUTS = { lockTimeout: 30_000, statementTimeout: 600_000, idleTimeout: 600_000 } as const;

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

  /**
   * Does what the verb says: one of the five methods.
   * @param options.by a text field whose values `contacts` holds instead of keys, such as `email`
   * @param options.skipUnknown leaves out what names no contact, and returns it
   * @throws {Failure} as that method
   */
  async write(
    verb: override.OverrideVerb,
    key: string,
    contacts: readonly string[],
    { by, skipUnknown = false, ...options }: WriteOptions & override.OverrideOptions & LookUpOptions = {},
  ): Promise<override.Overridden> {
    checkInput(text, key, 'The key of a segment');
    checkInput(texts, contacts, 'The contacts');
    checkInput(OVERRIDE, options, 'The options of an override');
    checkInput(LOOK_UP, { by, skipUnknown }, 'The options of an override');
    const { catalogue } = await this.#connection.fitting();
    const { overrideTarget, writeOverrides } = await import('../override/override.ts');
    return this.#connection.writing(options, async (database) => {
      if (by === undefined && !skipUnknown) return writeOverrides(database, catalogue, key, verb, contacts, options);
      await overrideTarget(database, key, verb);
      const { lookUpBy, lookUpKeys, refuseUnknown } = await import('../overview/contact-lookup.ts');
      const { keys, unknown } =
        by === undefined
          ? await lookUpKeys(database, catalogue, contacts)
          : await lookUpBy(database, catalogue, by, contacts);
      if (!skipUnknown) refuseUnknown(unknown);
      if (keys.length === 0) return { key, asked: 0, changed: 0, unknown };
      return { ...(await writeOverrides(database, catalogue, key, verb, keys, options)), unknown };
    });
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
    checkInput(text, key, 'The key of a segment');
    checkInput(OVERRIDE, options, 'The options of an override');
    const { writeOverrideFile } = await import('../override/override-file.ts');
    const { catalogue } = await this.#connection.fitting();
    const { inTransaction } = await import('../postgres/transaction.ts');
    return inTransaction(await this.#connection.pool(), TIMEOUTS, (client) =>
      writeOverrideFile(client, catalogue, key, verb, keys, options),
    );
  }

  /** Lists the overrides of a segment in order of the contacts. @throws {Failure} `not-found` */
  async list(key: string, options: override.OverridePage = {}): Promise<readonly override.Override[]> {
    checkInput(text, key, 'The key of a segment');
    checkInput(OVERRIDE_PAGE, options, 'The options of overrides.list');
    const { listOverrides } = await import('../override/override.ts');
    return listOverrides(await this.#connection.pool(), key, options);
  }

  /** Counts the contacts that a dynamic segment includes and excludes whatever its condition says. */
  async count(key: string): Promise<OverrideCount> {
    checkInput(text, key, 'The key of a segment');
    const { countOverrides } = await import('../override/override.ts');
    return countOverrides(await this.#connection.pool(), key);
  }
}

/** How `contacts` name contacts. */
export interface LookUpOptions {
  readonly by?: string;
  readonly skipUnknown?: boolean;
}

export interface OverrideCount {
  readonly included: number;
  readonly excluded: number;
}
