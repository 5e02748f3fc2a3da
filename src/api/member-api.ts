/** `segmentd.members`: who is in which segment, now and in the past. Reads only. */
import { CALL_DEFAULTS } from '../base/option.ts';
import type { MemberRow } from '../export/member-row.ts';
import type { Member } from '../membership/member-page.ts';
import type { Overlap } from '../membership/overlap.ts';
import type { SegmentOfContact } from '../membership/segments-of-contact.ts';
import type { DayOfSegment } from '../membership/size-history.ts';
import type { EventListOptions, EventListPage } from '../overview/event-list.ts';
import type { MemberListOptions, MemberListPage } from '../overview/member-list.ts';
import type { Moment, MomentOptions } from '../overview/past-moment.ts';
import type { PastMemberOptions, PastMemberPage } from '../overview/past-member.ts';
import type { MemberPage, MemberPageWithColumns } from './call-option.ts';
import type { Connection } from './connection.ts';
import { EVENT_LIST, HISTORY, MEMBER_LIST, MEMBER_PAGE, MEMBER_PAGES, MOMENT, PAST_MEMBER } from './input-schema.ts';
import { checkInput, text } from './input.ts';

export class MemberApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Returns a page of members in order of the key, with `columns` also columns of their contacts.
   * @param options.limit default 1,000
   * @throws {Failure} `not-found`; `usage` when `after` cannot be a contact's key, or for a column that does not exist;
   *   `permission` when this role may not read a column
   */
  async list(key: string, options: MemberPageWithColumns): Promise<readonly MemberRow[]>;
  /** Without columns: keys, and when each entered. @throws {Failure} as with columns */
  async list(key: string, options?: MemberPage): Promise<readonly Member[]>;
  /** Both. */
  async list(key: string, options: MemberPage | MemberPageWithColumns = {}): Promise<readonly Member[]> {
    checkInput(text, key, 'The key of a segment');
    checkInput(MEMBER_PAGE, options, 'The options of members.list');
    if (hasColumns(options)) {
      const { readMemberRows } = await import('../export/member-row.ts');
      return this.#connection.withFitting((catalogue, pool) => readMemberRows(pool, catalogue, key, options));
    }
    const { readMembers } = await import('../membership/member-page.ts');
    return readMembers(await this.#connection.pool(), key, options);
  }

  /** Yields every member in order of the key, in constant memory. @throws {Failure} as `list` */
  each(key: string, options: MemberPageWithColumns): AsyncGenerator<MemberRow, void, void>;
  /** Without columns. @throws {Failure} as `list` */
  each(key: string, options?: MemberPage): AsyncGenerator<Member, void, void>;
  /** Both. */
  async *each(key: string, options: MemberPage | MemberPageWithColumns = {}): AsyncGenerator<Member, void, void> {
    for await (const page of this.pages(key, options)) yield* page;
  }

  /** Yields every member by pages. @throws {Failure} as `list` */
  pages(key: string, options: MemberPageWithColumns): AsyncGenerator<readonly MemberRow[], void, void>;
  /** Without columns. @throws {Failure} as `list` */
  pages(key: string, options?: MemberPage): AsyncGenerator<readonly Member[], void, void>;
  /** Both. */
  async *pages(
    key: string,
    options: MemberPage | MemberPageWithColumns = {},
  ): AsyncGenerator<readonly Member[], void, void> {
    checkInput(text, key, 'The key of a segment');
    checkInput(MEMBER_PAGES, options, 'The options of members.pages');
    if (hasColumns(options)) {
      const { readMemberRowPages } = await import('../export/member-row.ts');
      const { catalogue } = await this.#connection.fitting();
      return yield* readMemberRowPages(await this.#connection.pool(), catalogue, key, options);
    }
    const { readMemberPages } = await import('../membership/member-page.ts');
    yield* readMemberPages(await this.#connection.pool(), key, options);
  }

  /** Lists the segments that a contact is in now. @throws {Failure} `usage` when `contact` cannot be a contact's key */
  async segmentsOf(contact: string): Promise<readonly SegmentOfContact[]> {
    checkInput(text, contact, 'The key of a contact');
    const { readSegmentsOfContact } = await import('../membership/segments-of-contact.ts');
    return readSegmentsOfContact(await this.#connection.pool(), contact);
  }

  /** Says whether the contacts table has the contact, also where `contacts.where` shuts it out. @throws {Failure} as `segmentsOf` */
  async contactExists(contact: string): Promise<boolean> {
    checkInput(text, contact, 'The key of a contact');
    const { catalogue } = await this.#connection.fitting();
    const { contactKeys, unknownContacts } = await import('../override/override.ts');
    const keys = contactKeys(catalogue.contacts.key.type, [contact]);
    return (await unknownContacts(await this.#connection.pool(), catalogue, keys)).length === 0;
  }

  /** Counts members, entered and left, day by day, oldest first. @param options.days default 30 @throws {Failure} `not-found` */
  async history(key: string, options: { readonly days?: number } = {}): Promise<readonly DayOfSegment[]> {
    checkInput(text, key, 'The key of a segment');
    checkInput(HISTORY, options, 'The options of members.history');
    const { readSizeHistory } = await import('../membership/size-history.ts');
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
    const { readMembersAsOf } = await import('../membership/members-as-of.ts');
    yield* readMembersAsOf(await this.#connection.pool(), key, time);
  }

  /** Counts the contacts that were in at an instant. @throws {Failure} as `asOf` */
  async countAsOf(key: string, time: string): Promise<number> {
    checkInput(text, key, 'The key of a segment');
    checkInput(text, time, 'The time');
    const { countMembersAsOf } = await import('../membership/members-as-of.ts');
    return countMembersAsOf(await this.#connection.pool(), key, time);
  }

  /**
   * Returns a page of members as the page of a segment shows them: displayed columns, since when, why.
   * @throws {Failure} `not-found`; `usage`; `permission`; `too-slow` when a search has no index
   */
  async page(key: string, options: MemberListOptions = {}): Promise<MemberListPage> {
    checkInput(text, key, 'The key of a segment');
    checkInput(MEMBER_LIST, options, 'The options of members.page');
    const { listMembers } = await import('../overview/member-list.ts');
    return this.#connection.withFitting((catalogue, pool) => listMembers(pool, catalogue, key, options));
  }

  /**
   * Returns a page of those who were in at an instant, or who are new or have left since.
   * @param time as Postgres reads it, UTC by default
   * @throws {Failure} as `page`; `usage` for what is no time, lies ahead, or before the history begins
   */
  async pastPage(key: string, time: string, options: PastMemberOptions = {}): Promise<PastMemberPage> {
    checkInput(text, key, 'The key of a segment');
    checkInput(text, time, 'The time');
    checkInput(PAST_MEMBER, options, 'The options of members.pastPage');
    const { listPastMembers } = await import('../overview/past-member.ts');
    return this.#connection.withFitting((catalogue, pool) => listPastMembers(pool, catalogue, key, time, options));
  }

  /** Counts who was in at an instant, who has left since and who is new. @throws {Failure} as `asOf` */
  async moment(key: string, time: string, options: MomentOptions = {}): Promise<Moment> {
    checkInput(text, key, 'The key of a segment');
    checkInput(text, time, 'The time');
    checkInput(MOMENT, options, 'The options of members.moment');
    const { readMoment } = await import('../overview/past-moment.ts');
    return readMoment(await this.#connection.pool(), key, time, options);
  }

  /** Lists who entered and left, the newest first. @throws {Failure} `not-found`; `usage`; `permission` */
  async events(options: EventListOptions): Promise<EventListPage> {
    checkInput(EVENT_LIST, options, 'The options of members.events');
    const { listEvents } = await import('../overview/event-list.ts');
    return this.#connection.withFitting((catalogue, pool) => listEvents(pool, catalogue, options));
  }

  /** Counts the members that two segments share. @throws {Failure} `not-found` */
  async overlap(first: string, second: string): Promise<Overlap> {
    for (const key of [first, second]) checkInput(text, key, 'The key of a segment');
    const { countOverlap } = await import('../membership/overlap.ts');
    return countOverlap(await this.#connection.pool(), first, second);
  }
}

function hasColumns(options: MemberPage | MemberPageWithColumns): options is MemberPageWithColumns {
  return 'columns' in options && options.columns !== undefined;
}
