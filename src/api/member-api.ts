/** `segmentd.members`: who is in which segment, now and in the past. Reads only. */
import { CALL_DEFAULTS } from '../base/option.ts';
import { readMemberPages, readMembers, type Member } from '../membership/member-page.ts';
import { countMembersAsOf, readMembersAsOf } from '../membership/members-as-of.ts';
import { countOverlap, type Overlap } from '../membership/overlap.ts';
import { readSegmentsOfContact, type SegmentOfContact } from '../membership/segments-of-contact.ts';
import { readSizeHistory, type DayOfSegment } from '../membership/size-history.ts';
import { contactKeys, unknownContacts } from '../override/override.ts';
import type { MemberPage } from './call-option.ts';
import type { Connection } from './connection.ts';
import { HISTORY, MEMBER_PAGE, MEMBER_PAGES } from './input-schema.ts';
import { checkInput, text } from './input.ts';

export class MemberApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Returns a page of members in order of the key.
   * @param options.limit default 1,000
   * @throws {Failure} `not-found`; `usage` when `after` cannot be a contact's key
   */
  async list(key: string, options: MemberPage = {}): Promise<readonly Member[]> {
    checkInput(text, key, 'The key of a segment');
    checkInput(MEMBER_PAGE, options, 'The options of members.list');
    return readMembers(await this.#connection.pool(), key, options);
  }

  /** Yields every member in order of the key, in constant memory. @throws {Failure} as `list` */
  async *each(key: string, options: MemberPage = {}): AsyncGenerator<Member, void, void> {
    for await (const page of this.pages(key, options)) yield* page;
  }

  /** Yields every member by pages. @throws {Failure} as `list` */
  async *pages(key: string, options: MemberPage = {}): AsyncGenerator<readonly Member[], void, void> {
    checkInput(text, key, 'The key of a segment');
    checkInput(MEMBER_PAGES, options, 'The options of members.pages');
    yield* readMemberPages(await this.#connection.pool(), key, options);
  }

  /** Lists the segments that a contact is in now. @throws {Failure} `usage` when `contact` cannot be a contact's key */
  async segmentsOf(contact: string): Promise<readonly SegmentOfContact[]> {
    checkInput(text, contact, 'The key of a contact');
    return readSegmentsOfContact(await this.#connection.pool(), contact);
  }

  /** Says whether the contacts table has the contact, also where `contacts.where` shuts it out. @throws {Failure} as `segmentsOf` */
  async contactExists(contact: string): Promise<boolean> {
    checkInput(text, contact, 'The key of a contact');
    const { catalogue } = await this.#connection.fitting();
    const keys = contactKeys(catalogue.contacts.key.type, [contact]);
    return (await unknownContacts(await this.#connection.pool(), catalogue, keys)).length === 0;
  }

  /** Counts members, entered and left, day by day, oldest first. @param options.days default 30 @throws {Failure} `not-found` */
  async history(key: string, options: { readonly days?: number } = {}): Promise<readonly DayOfSegment[]> {
    checkInput(text, key, 'The key of a segment');
    checkInput(HISTORY, options, 'The options of members.history');
    return readSizeHistory(await this.#connection.pool(), key, options.days ?? CALL_DEFAULTS.historyDays);
  }

  /**
   * Yields the keys of the contacts that were in at an instant, in order, by pages.
   * @param time as Postgres reads it, UTC by default
   * @throws {Failure} `not-found`; `usage` for what is no time, lies ahead, or before the history begins
   */
  async *asOf(key: string, time: string): AsyncGenerator<readonly string[], void, void> {
    checkInput(text, key, 'The key of a segment');
    checkInput(text, time, 'The time');
    yield* readMembersAsOf(await this.#connection.pool(), key, time);
  }

  /** Counts the contacts that were in at an instant. @throws {Failure} as `asOf` */
  async countAsOf(key: string, time: string): Promise<number> {
    checkInput(text, key, 'The key of a segment');
    checkInput(text, time, 'The time');
    return countMembersAsOf(await this.#connection.pool(), key, time);
  }

  /** Counts the members that two segments share. @throws {Failure} `not-found` */
  async overlap(first: string, second: string): Promise<Overlap> {
    for (const key of [first, second]) checkInput(text, key, 'The key of a segment');
    return countOverlap(await this.#connection.pool(), first, second);
  }
}
