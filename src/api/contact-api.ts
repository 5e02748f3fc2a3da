/** `segmentd.contacts`: contacts as people look for them, and all that segmentd knows of one. Reads only. */
import type { FindOptions, FoundContacts } from '../overview/contact-find.ts';
import type { ContactOutline } from '../overview/contact-outline.ts';
import type { ShownOptions } from '../overview/shown-column.ts';
import type { Connection } from './connection.ts';
import { FIND, SHOWN } from './input-schema.ts';
import { checkInput, text } from './input.ts';

export class ContactApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Looks for contacts by key or by a displayed column, in order of the key.
   * @throws {Failure} `usage`; `permission`; `too-slow` when the search has no index
   */
  async find(options: FindOptions = {}): Promise<FoundContacts> {
    checkInput(FIND, options, 'The options of contacts.find');
    const { findContacts } = await import('../overview/contact-find.ts');
    return this.#connection.withFitting((catalogue, pool) => findContacts(pool, catalogue, options));
  }

  /** Returns a contact with its segments, overrides and newest events. @throws {Failure} `usage`; `permission` */
  async outline(contact: string, options: ShownOptions = {}): Promise<ContactOutline> {
    checkInput(text, contact, 'The key of a contact');
    checkInput(SHOWN, options, 'The options of contacts.outline');
    const { outlineContact } = await import('../overview/contact-outline.ts');
    return this.#connection.withFitting((catalogue, pool) => outlineContact(pool, catalogue, contact, options));
  }
}
