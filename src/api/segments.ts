/** Segments and their conditions: what is wanted, tried and told before and after, one by one or as files in git. */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { checkCondition } from '../condition/check/check.ts';
import { describe } from '../condition/describe/describe.ts';
import type { Applied, ApplyOptions } from '../definition/apply.ts';
import type { Pulled } from '../definition/pull.ts';
import { refuseUnknownZone } from '../postgres/known-zone.ts';
import type { EditPreview } from '../preview/edit-preview.ts';
import type { Preview, PreviewOptions } from '../preview/preview.ts';
import type { Difference } from '../segment/difference.ts';
import type { ExpectedOptions } from '../segment/expected.ts';
import * as store from '../segment/store.ts';
import { whereUsed, type Uses } from '../segment/use.ts';
import { listVersions, type Version } from '../segment/version-list.ts';
import * as version from '../segment/version.ts';
import { checkCount, checkExpected, checkKey, checkOf, checkSegment, checkText, checkTextFields } from './check.ts';
import type { WriteOptions } from './connection.ts';
import { Operation } from './operation.ts';
import type { WantedState } from '../lifecycle/state.ts';

export class Segments extends Operation {
  /**
   * A new segment; members come with its first build (`untilLive`).
   * @param options.reuse takes the key of a deleted segment
   * @throws {Failure} `usage` with `data: Issue[]` for a refused condition, `conflict` when the key is taken or was
   */
  async create(input: store.SegmentInput, options: WriteOptions & store.CreateOptions = {}): Promise<store.Segment> {
    checkSegment(input);
    checkKey(input.key);
    await this.requirePublication();
    return this.withFitting((catalogue) =>
      this.writing(options, (database) => store.createSegment(database, catalogue, input, options)),
    );
  }

  /**
   * Changes what is named and leaves the rest; a new condition or zone is a new version, and the old one is kept until it is built.
   * @param options.confirm lets the new version through however many members it moves; otherwise the worker may hold it
   * @param options.expectedVersion the version that the caller read: a later one is not overwritten
   * @throws {Failure} `not-found`; `usage` with `data: Issue[]`; `conflict` with `data: Overtaken`
   */
  async edit(
    key: string,
    change: store.SegmentChange,
    options: WriteOptions & store.EditOptions = {},
  ): Promise<store.Segment> {
    checkKey(key);
    checkSegment(change);
    checkExpected(options);
    if (change.condition === undefined) {
      // A name needs no tables: it may be changed while they are away. Where they are there, a conflict says what others changed.
      const catalogue = await this.fitting().then(
        (fitting) => fitting.catalogue,
        () => undefined,
      );
      return this.writing(options, (database) => store.editSegment(database, catalogue, key, change, options));
    }
    return this.withFitting((catalogue) =>
      this.writing(options, (database) => store.editSegment(database, catalogue, key, change, options)),
    );
  }

  /** Lets the wanted version through that the guard holds, or would. @throws {Failure} `not-found`; `conflict` when it is live */
  async confirm(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<store.Segment> {
    checkKey(key);
    checkExpected(options);
    const catalogue = await this.#wording(options);
    return this.writing(options, (database) => store.confirmSegment(database, key, { ...options, catalogue }));
  }

  /** Who would enter and leave by an edit. @throws {Failure} `not-found`; `usage` with `data: Issue[]` */
  async previewEdit(key: string, change: store.SegmentChange, options: PreviewOptions = {}): Promise<EditPreview> {
    checkKey(key);
    checkSegment(change);
    const { previewEdit } = await import('../preview/edit-preview.ts');
    return this.withFitting((catalogue, pool) => previewEdit(pool, catalogue, key, change, options));
  }

  /** A new segment with the condition and zone of another. @throws {Failure} `not-found`, `conflict` */
  async duplicate(
    key: string,
    newKey: string,
    options: WriteOptions & store.CreateOptions = {},
  ): Promise<store.Segment> {
    checkKey(key);
    checkKey(newKey);
    return this.withFitting((catalogue) =>
      this.writing(options, (database) => store.duplicateSegment(database, catalogue, key, newKey, options)),
    );
  }

  /** Every version of a segment, the latest first, with who and when. @throws {Failure} `not-found` */
  async versions(key: string): Promise<readonly Version[]> {
    checkKey(key);
    return this.withFitting((catalogue, pool) => listVersions(pool, catalogue, key));
  }

  /** What changed between two versions, in words. @throws {Failure} `not-found` */
  async diff(key: string, from: number, to: number): Promise<Difference> {
    checkKey(key);
    for (const number of [from, to]) checkCount(number, 'The number of a version');
    return this.withFitting((catalogue, pool) => version.diffVersions(pool, catalogue, key, from, to));
  }

  /** The condition and zone of an old version as a new one. @throws {Failure} `not-found`; `usage` with `data: Issue[]` */
  async restoreVersion(
    key: string,
    number: number,
    options: WriteOptions & store.EditOptions = {},
  ): Promise<store.Segment> {
    checkKey(key);
    checkCount(number, 'The number of a version');
    checkExpected(options);
    return this.withFitting((catalogue) =>
      this.writing(options, (database) => version.restoreVersion(database, catalogue, key, number, options)),
    );
  }

  /** Brings a deleted segment back, within 30 days. @throws {Failure} `not-found`, `conflict`; `usage` with `data: Issue[]` */
  async restore(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<store.Segment> {
    checkKey(key);
    checkExpected(options);
    return this.withFitting((catalogue) =>
      this.writing(options, (database) => version.restoreSegment(database, catalogue, key, options)),
    );
  }

  /** Which segments read this one, and which schedules export it. @throws {Failure} `not-found` */
  async whereUsed(key: string): Promise<Uses> {
    checkKey(key);
    await this.show(key);
    return whereUsed(await this.pool(), key);
  }

  /** Segments in order of their keys. @param options.search part of key, name, description or tag */
  async list(options: { readonly search?: string } = {}): Promise<readonly store.Segment[]> {
    checkTextFields(options, { search: 'What is searched for' });
    return store.listSegments(await this.pool(), options);
  }

  /** One segment: what is wanted, and how it stands. @throws {Failure} `not-found` */
  async show(key: string): Promise<store.Segment> {
    checkKey(key);
    return store.showSegment(await this.pool(), key);
  }

  /** Empties a segment and keeps its history; `restore` brings it back. @throws {Failure} `not-found`; `conflict` naming what uses it */
  async delete(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<void> {
    await this.#request(key, 'deleted', options);
  }

  /** Members stay as they are until `resume`, also for segments that read this one. @throws {Failure} `not-found`, `conflict` */
  async pause(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<void> {
    await this.#request(key, 'paused', options);
  }

  /** Ends a pause or an archive: the segment is rebuilt and kept again. @throws {Failure} `not-found`, `conflict` */
  async resume(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<void> {
    await this.#request(key, 'live', options);
  }

  /** Puts a segment away: its members stay as they are and are kept no longer, until `resume`. @throws {Failure} `not-found`; `conflict` naming what uses it */
  async archive(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<void> {
    await this.#request(key, 'archived', options);
  }

  async #request(key: string, wanted: WantedState, options: WriteOptions & ExpectedOptions): Promise<void> {
    checkKey(key);
    checkExpected(options);
    const catalogue = await this.#wording(options);
    await this.writing(options, (database) => store.requestState(database, key, wanted, { ...options, catalogue }));
  }

  /** The catalogue in which a conflict is put into words, where one can come up and there is one. */
  async #wording({ expectedVersion }: ExpectedOptions): Promise<Catalogue | undefined> {
    if (expectedVersion === undefined) return undefined;
    const fitting = await this.fitting().catch((error: unknown) => {
      if (error instanceof Failure) return undefined;
      throw error;
    });
    return fitting?.catalogue;
  }

  /** Asks for a full rebuild, of one segment or of all that are kept. @returns the keys that will be rebuilt @throws {Failure} `not-found`, `conflict` */
  async rebuild(key: string | 'all', options: WriteOptions = {}): Promise<readonly string[]> {
    checkKey(key);
    return this.writing(options, (database) =>
      store.requestRebuild(database, key, { inside: options.client !== undefined }),
    );
  }

  // Files in git.

  /**
   * Makes the segments what the files of a folder say: all of it, or nothing.
   * @throws {Failure} `usage` with `data: Issue[]`, all of all files; `conflict`
   */
  async apply(folder: string, options: ApplyOptions = {}): Promise<Applied> {
    checkText(folder, 'The folder');
    const { applyFolder } = await import('../definition/apply.ts');
    await this.requirePublication();
    return this.withFitting((catalogue, pool) => applyFolder(pool, catalogue, folder, options));
  }

  /** Writes the current segments into a folder, one a file. @throws {Failure} `usage` with `data: Issue[]`, `failed` */
  async pull(folder: string, options: { readonly prune?: boolean } = {}): Promise<Pulled> {
    checkText(folder, 'The folder');
    const { pullFolder } = await import('../definition/pull.ts');
    return pullFolder(await this.pool(), folder, options);
  }

  // Conditions.

  /** A condition in plain English. @throws {Failure} `usage` with `data: Issue[]` */
  async describe(
    of: { readonly key: string } | { readonly condition: unknown; readonly timezone?: string },
  ): Promise<string> {
    checkOf(of);
    const segment = 'key' in of ? await this.show(of.key) : undefined;
    if (segment && segment.kind !== 'dynamic')
      return segment.kind === 'static'
        ? 'Those who were added by hand.'
        : 'Those who were in when the snapshot was made.';
    const { condition, timezone } = segment ?? (of as { readonly condition: unknown; readonly timezone?: string });
    return this.withFitting(async (catalogue) => {
      const checked = checkCondition(condition, { catalogue, timezone: timezone || catalogue.timezone });
      if (!checked.ok) throw new Failure('usage', 'The condition is refused.', { data: checked.issues });
      return describe(checked.condition);
    });
  }

  /** A condition tried before it is saved: counts, a sample, leaf by leaf, cost. @throws {Failure} `usage` with `data: Issue[]` */
  async preview(
    of: { readonly key: string } | { readonly condition: unknown; readonly timezone?: string },
    options: PreviewOptions = {},
  ): Promise<Preview> {
    checkOf(of);
    const { preview, planOf } = await import('../preview/preview.ts');
    const segment = 'key' in of ? await this.show(of.key) : undefined;
    if (segment && segment.kind !== 'dynamic')
      throw new Failure('conflict', `${segment.key} is ${segment.kind}: there is no condition to try.`);
    const { condition, timezone = null } =
      segment ?? (of as { readonly condition: unknown; readonly timezone?: string });
    return this.withFitting(async (catalogue, pool) => {
      await store.refuseIssues(pool, catalogue, 'key' in of ? of.key : '', condition, timezone ?? undefined);
      if (timezone) await refuseUnknownZone(pool, timezone);
      return preview(pool, catalogue, planOf(catalogue, condition, timezone), options);
    });
  }
}
