/** Who is in which segment, now and in the past, and why. */
import { checkGiven } from '../base/given.ts';
import { explain } from '../explain/explain.ts';
import type { ExplainOptions, Explanation } from '../explain/explanation.ts';
import * as past from '../membership/history.ts';
import { countOverlap, type Overlap } from '../membership/overlap.ts';
import * as read from '../membership/read.ts';
import { contactKeys, unknownContacts } from '../override/override.ts';
import { ByHand } from './override.ts';
import { checkKey, checkOptionalKey, checkPage, checkText } from './check.ts';
import { staleReferences, type StaleReference } from '../segment/stale.ts';

export class Reading extends ByHand {
  /**
   * A page of members in order of the key.
   * @param options.limit default 1,000
   * @param options.after the last key of the page before
   * @throws {Failure} `not-found`; `usage` when `after` cannot be a contact's key
   */
  async members(
    key: string,
    options: { readonly limit?: number; readonly after?: string } = {},
  ): Promise<readonly read.Member[]> {
    checkKey(key);
    checkPage(options);
    return read.readMembers(await this.pool(), key, options);
  }

  /** Every member in order of the key, in constant memory. */
  async *eachMember(
    key: string,
    options: { readonly limit?: number; readonly after?: string } = {},
  ): AsyncGenerator<read.Member, void, void> {
    checkKey(key);
    for await (const page of this.memberPages(key, options)) yield* page;
  }

  /** The same by pages. @throws {Failure} `not-found`, `usage` */
  async *memberPages(
    key: string,
    options: { readonly limit?: number; readonly after?: string } = {},
  ): AsyncGenerator<readonly read.Member[], void, void> {
    checkKey(key);
    checkPage(options, true);
    yield* read.readMemberPages(await this.pool(), key, options);
  }

  /** The segments that a contact is in now. @throws {Failure} `usage` when `contact` cannot be a contact's key */
  async segmentsOf(contact: string): Promise<readonly read.SegmentOfContact[]> {
    checkText(contact, 'The key of a contact');
    return read.readSegmentsOfContact(await this.pool(), contact);
  }

  /** Whether the contacts table has the contact, also where `contacts.where` shuts it out. @throws {Failure} `usage` when `contact` cannot be a contact's key */
  async contactExists(contact: string): Promise<boolean> {
    checkText(contact, 'The key of a contact');
    const { catalogue } = await this.fitting();
    return (
      (await unknownContacts(await this.pool(), catalogue, contactKeys(catalogue.contacts.key.type, [contact])))
        .length === 0
    );
  }

  /**
   * Why a contact is in a segment or not, leaf by leaf, and when that changes by time alone.
   * @throws {Failure} `not-found` for an unknown segment; `usage` when `contact` cannot be a contact's key
   */
  async explain(key: string, contact: string, options: ExplainOptions = {}): Promise<Explanation> {
    checkKey(key);
    checkText(contact, 'The key of a contact');
    checkGiven<ExplainOptions>(options, { days: 'count' }, 'The options of explain');
    return this.withFitting((catalogue, pool) => explain(pool, catalogue, key, contact, options));
  }

  /** Size, entered and left, day by day, oldest first. @param options.days default 30. @throws {Failure} `not-found` */
  async history(key: string, options: { readonly days?: number } = {}): Promise<readonly past.DayOfSegment[]> {
    checkKey(key);
    checkGiven<{ days?: number }>(options, { days: 'count' }, 'The options of history');
    return past.readSizeHistory(await this.pool(), key, options.days ?? 30);
  }

  /**
   * Keys of the contacts that were in at an instant, in order, in pages. @param time as Postgres reads it, UTC by default
   * @throws {Failure} `not-found`; `usage` for what is no time, lies ahead, or before the history begins
   */
  async *asOf(key: string, time: string): AsyncGenerator<readonly string[], void, void> {
    checkKey(key);
    checkText(time, 'The time');
    yield* past.readMembersAsOf(await this.pool(), key, time);
  }

  /** How many were in at an instant. @throws {Failure} as `asOf` */
  async countAsOf(key: string, time: string): Promise<number> {
    checkKey(key);
    checkText(time, 'The time');
    return past.countMembersAsOf(await this.pool(), key, time);
  }

  /** What segments read, directly or through others, that is frozen or was never built: of one segment, or of all. */
  async staleReferences(key?: string): Promise<readonly StaleReference[]> {
    checkOptionalKey(key);
    return staleReferences(await this.pool(), key);
  }

  /** How far two segments have the same members. @throws {Failure} `not-found` */
  async overlap(first: string, second: string): Promise<Overlap> {
    for (const key of [first, second]) checkKey(key);
    return countOverlap(await this.pool(), first, second);
  }
}
