/** Members, events, sizes and overrides as the API gives them. */
import { z } from '@hono/zod-openapi';
import { REASONS } from '../../membership/reason.ts';
import { Authored, Flag, Instant, pageBody, PageQuery } from './common-schema.ts';

/** What a page shows of contacts. */
export const ShownQuery = z.object({
  columns: z.string().max(5_000).optional().openapi({
    description:
      'Names, separated by commas: fields, `orders.count`, `orders.sum:total`. Default: what the catalogue displays.',
    example: 'email,country,orders.count',
  }),
  reveal: Flag.openapi({ description: 'Shows personal values as they are. Needs the role editor.' }),
});

const Find = z.string().max(200).optional().openapi({
  description:
    'The key of a contact, or a part of a displayed text in any case. A personal column matches as a whole, unless revealed.',
});

export const MembersQuery = PageQuery.extend({
  ...ShownQuery.shape,
  find: Find,
  reason: z.enum(REASONS).optional().openapi({ description: 'Who entered for this reason. Not with `as_of`.' }),
  also_in: z.string().max(200).optional().openapi({ description: 'Who is in this segment as well. Not with `as_of`.' }),
  not_in: z.string().max(200).optional().openapi({ description: 'Who is not in this segment. Not with `as_of`.' }),
  from: z.string().max(1_000).optional().openapi({ description: 'Begins at this key. Not with `as_of`.' }),
  as_of: z
    .string()
    .max(100)
    .optional()
    .openapi({ description: 'Who was in at this instant, UTC where no zone is given.' }),
  change: z.enum(['new', 'left']).optional().openapi({
    description: 'With `as_of`: who is in now and was not then, or was in then and is not now.',
  }),
});

export const ContactsQuery = PageQuery.extend({ ...ShownQuery.shape, find: Find });

export const EventsQuery = PageQuery.extend({
  ...ShownQuery.shape,
  contact: z.string().max(1_000).optional().openapi({ description: 'Events of this contact alone.' }),
});

export const MomentQuery = z.object({
  at: z.string().max(100).openapi({ description: 'UTC where no zone is given.', example: '2026-11-05T18:00:00Z' }),
  exact: Flag.openapi({ description: 'Counts who is new and who has left exactly, however long that takes.' }),
});

const Values = z.record(z.string(), z.string().nullable()).openapi({
  description: 'By the names of the columns; null where the contact has no value. Personal values are masked.',
});

const Reason = z.enum(REASONS).openapi({
  description:
    '`contact`: the contact changed. `related`: related rows did. `time`: a window ran out. `edit`: a version was built. `segment`: a segment that it reads changed. `manual`: an override. `delete`: the contact was deleted. `repair`: a rebuild.',
});

export const MemberBody = z
  .object({
    contact_id: z.string(),
    entered_at: Instant.nullable().openapi({ description: 'Null when the history no longer reaches back so far.' }),
    reason: Reason.nullable(),
    version: z.int().nullable().openapi({ description: 'The version by which the contact entered.' }),
    left_at: Instant.nullable().openapi({ description: 'With `as_of`: when the contact left after that.' }),
    values: Values,
  })
  .openapi('Member');

/** A search that did not look for everything. */
const Slow = z
  .object({ sentence: z.string(), command: z.string().nullable().openapi({ description: 'SQL that makes it fast.' }) })
  .nullable()
  .openapi({ description: 'Set when a search looked for whole values alone, because parts took too long.' });

export const MemberPageBody = z.object({ ...pageBody('Members', MemberBody).shape, slow: Slow }).openapi('MemberPage', {
  description: 'With a filter a page may have fewer rows than asked for, and still a next one.',
});

export const MomentBody = z
  .object({
    at: Instant,
    members: z.int().openapi({ description: 'Members at that instant, exact.' }),
    new_since: z.int().openapi({ description: 'Members of now that were not in then.' }),
    left_since: z.int().openapi({ description: 'Members of then that are not in now.' }),
    basis: z.enum(['exact', 'at-most']).openapi({
      description: '`at-most`: so many moved since that the two are bounds, unless `exact` is asked for.',
    }),
  })
  .openapi('Moment');

export const EventBody = z
  .object({
    id: z.string(),
    segment: z.string().openapi({ description: 'Its key.' }),
    segment_name: z.string().nullable(),
    contact_id: z.string(),
    change: z.enum(['entered', 'left']),
    at: Instant,
    reason: Reason,
    version: z.int(),
    cause: z
      .object({
        relation: z.string().nullable().openapi({ description: 'Whose row changed; null for the contact itself.' }),
        leaf: z.string().nullable().openapi({
          description: 'The row of the condition that alone reads what changed, in words; null where several do.',
        }),
        pointer: z.string().nullable().openapi({ description: 'Its JSON pointer into the condition of the version.' }),
      })
      .nullable()
      .openapi({ description: 'What changed; null when it is not known, as for builds and overrides.' }),
    values: Values,
  })
  .openapi('MemberEvent');

export const FoundContactBody = z.object({ contact_id: z.string(), values: Values }).openapi('FoundContact');
export const ContactPageBody = z
  .object({ ...pageBody('Contacts', FoundContactBody).shape, slow: Slow })
  .openapi('ContactPage');

export const SizesQuery = z.object({ days: z.coerce.number().int().min(1).max(3_660).default(30) });

export const DayBody = z
  .object({
    day: z.string().openapi({ description: 'UTC.', example: '2026-11-30' }),
    members: z.int().openapi({ description: 'At the end of the day; for today, now.' }),
    entered: z.int(),
    left: z.int(),
  })
  .openapi('Day');

export const SizesBody = z.object({ days: z.array(DayBody) }).openapi('Sizes');

export const SegmentOfContactBody = z
  .object({ key: z.string(), name: z.string().nullable(), entered_at: Instant })
  .openapi('SegmentOfContact');

export const SegmentsOfContactBody = z
  .object({ exists: z.boolean(), segments: z.array(SegmentOfContactBody) })
  .openapi('SegmentsOfContact');

export const OverlapBody = z
  .object({
    first: z.string(),
    second: z.string(),
    first_members: z.int(),
    second_members: z.int(),
    both: z.int(),
    only_first: z.int(),
    only_second: z.int(),
    similarity: z.number().openapi({ description: 'Contacts in both as a share of those in either.' }),
  })
  .openapi('Overlap');

export const OverrideBody = z
  .object({
    contact_id: z.string(),
    kind: z.enum(['member', 'include', 'exclude']),
    note: z.string().nullable(),
    ...Authored,
    created_at: Instant,
    expires_at: Instant.nullable(),
  })
  .openapi('Override');

export const ContactBody = z
  .object({
    contact_id: z.string(),
    exists: z.boolean().openapi({ description: 'Whether the contacts table has it.' }),
    values: Values,
    segments: z.array(
      z.object({ key: z.string(), name: z.string().nullable(), entered_at: Instant, reason: Reason.nullable() }),
    ),
    overrides: z.array(OverrideBody.omit({ contact_id: true }).extend({ segment: z.string() })),
    events: z.array(EventBody).openapi({ description: 'The newest 50 over all segments.' }),
  })
  .openapi('Contact');

/** Contacts that one request names. A longer list is a file (`segmentd add --file`). */
const MOST_CONTACTS = 10_000;

export const OverridesWrite = z
  .strictObject({
    decision: z.enum(['add', 'remove', 'include', 'exclude', 'reset']),
    contacts: z.array(z.string().max(1_000)).min(1).max(MOST_CONTACTS),
    note: z.string().max(2_000).optional(),
    until: z.string().max(100).optional(),
    by: z.string().max(200).optional().openapi({
      description:
        'A text field whose values `contacts` holds instead of keys. A value that several contacts have names all of them.',
      example: 'email',
    }),
    skip_unknown: z.boolean().optional().openapi({
      description: 'Leaves out what names no contact, and answers it. Otherwise nothing is changed.',
    }),
  })
  .openapi('OverridesWrite');

export const OverriddenBody = z
  .object({
    key: z.string(),
    asked: z.int().openapi({ description: 'Contacts that were found, each once.' }),
    changed: z.int(),
    unknown: z
      .array(z.string())
      .optional()
      .openapi({ description: 'What names no contact, as it was given; with `by` or `skip_unknown`.' }),
  })
  .openapi('Overridden');
