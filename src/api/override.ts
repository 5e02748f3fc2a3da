/** What is decided by hand: members of static segments, includes and excludes of dynamic ones. */
import type { Readable } from 'node:stream';
import { inTransaction } from '../postgres/transaction.ts';
import * as override from '../override/override.ts';
import type { OverriddenByFile } from '../override/override-file.ts';
import { checkKey, checkPage, checkTextFields, checkTexts } from './check.ts';
import type { WriteOptions } from './connection.ts';
import { Segments } from './segments.ts';

/** Reading a million keys takes seconds; writing them does too. */
const TIMEOUTS = { lockTimeout: 30_000, statementTimeout: 600_000, idleTimeout: 600_000 } as const;

const OVERRIDE = { note: 'The note', until: 'The time until which it holds' };

export class ByHand extends Segments {
  /**
   * Adds contacts to a static segment: all of them, or none. Membership follows when the worker has seen it (`wait`).
   * @throws {Failure} `not-found` for the segment or, with `data: string[]`, for contacts; `conflict` when it is not static; `usage`
   */
  async add(
    key: string,
    contacts: readonly string[],
    options: WriteOptions & override.OverrideOptions = {},
  ): Promise<override.Overridden> {
    return this.decide('add', key, contacts, options);
  }

  /** Takes contacts out of a static segment. @throws {Failure} `not-found`, `conflict`, `usage` */
  async remove(key: string, contacts: readonly string[], options: WriteOptions = {}): Promise<override.Overridden> {
    return this.decide('remove', key, contacts, options);
  }

  /** Has contacts in a dynamic segment whatever its condition says; not whatever `contacts.where` says. @throws {Failure} as `add` */
  async include(
    key: string,
    contacts: readonly string[],
    options: WriteOptions & override.OverrideOptions = {},
  ): Promise<override.Overridden> {
    return this.decide('include', key, contacts, options);
  }

  /** Keeps contacts out of a dynamic segment whatever its condition says. @throws {Failure} as `add` */
  async exclude(
    key: string,
    contacts: readonly string[],
    options: WriteOptions & override.OverrideOptions = {},
  ): Promise<override.Overridden> {
    return this.decide('exclude', key, contacts, options);
  }

  /** Leaves contacts to the condition again. @throws {Failure} `not-found`, `conflict`, `usage` */
  async reset(key: string, contacts: readonly string[], options: WriteOptions = {}): Promise<override.Overridden> {
    return this.decide('reset', key, contacts, options);
  }

  /** Any of the five. @throws {Failure} as they do */
  async decide(
    verb: override.OverrideVerb,
    key: string,
    contacts: readonly string[],
    options: WriteOptions & override.OverrideOptions = {},
  ): Promise<override.Overridden> {
    checkKey(key);
    checkTexts(contacts, 'The contacts', 'The key of a contact');
    checkTextFields(options, OVERRIDE);
    const { catalogue } = await this.fitting();
    return this.writing(options, (database) =>
      override.writeOverrides(database, catalogue, key, verb, contacts, options),
    );
  }

  /**
   * The same for keys from a stream, one a line, in constant memory and one transaction. Contacts that do not exist are counted.
   * @throws {Failure} `not-found`, `conflict` for the segment; `usage` with the number of a line that cannot be a key
   */
  async decideFile(
    verb: override.OverrideVerb,
    key: string,
    keys: Readable,
    options: override.OverrideOptions = {},
  ): Promise<OverriddenByFile> {
    checkKey(key);
    checkTextFields(options, OVERRIDE);
    const { writeOverrideFile } = await import('../override/override-file.ts');
    const { catalogue } = await this.fitting();
    return inTransaction(await this.pool(), TIMEOUTS, (client) =>
      writeOverrideFile(client, catalogue, key, verb, keys, options),
    );
  }

  /** How many contacts are included in a dynamic segment, and excluded, whatever its condition says. */
  async overrides(key: string): Promise<{ readonly included: number; readonly excluded: number }> {
    checkKey(key);
    return override.countOverrides(await this.pool(), key);
  }

  /** What was decided by hand in a segment, in order of the contacts. @throws {Failure} `not-found` */
  async byHand(key: string, options: override.OverridePage = {}): Promise<readonly override.Override[]> {
    checkKey(key);
    checkPage(options);
    return override.listOverrides(await this.pool(), key, options);
  }
}
