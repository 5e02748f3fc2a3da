/**
 * Conditions of the small world beside SQL of the same meaning, which a person wrote: what a segment's members must be
 * is never asked of our own compiler. A meaning is found again by its condition, whatever segment and version carries it.
 */
export interface Meaning {
  readonly condition: unknown;
  /** True of contact `c`. */
  readonly sql: string;
}

const paid = { '==': [{ var: 'status' }, 'paid'] };

export const everybody: Meaning = { condition: true, sql: 'true' };
export const none: Meaning = { condition: false, sql: 'false' };
export const spanish: Meaning = { condition: { '==': [{ var: 'country' }, 'ES'] }, sql: `c.country = 'ES'` };
export const french: Meaning = { condition: { '==': [{ var: 'country' }, 'FR'] }, sql: `c.country = 'FR'` };
export const foreign: Meaning = {
  condition: { '!=': [{ var: 'country' }, 'ES'] },
  sql: `c.country is distinct from 'ES'`,
};
export const adult: Meaning = { condition: { '>=': [{ var: 'age' }, 18] }, sql: 'c.age >= 18' };
export const minor: Meaning = { condition: { '<': [{ var: 'age' }, 18] }, sql: 'c.age < 18' };
export const spanishAdult: Meaning = {
  condition: { and: [spanish.condition, adult.condition] },
  sql: `${spanish.sql} and ${adult.sql}`,
};
export const payer: Meaning = {
  condition: { some: [{ var: 'orders' }, paid] },
  sql: `exists (select from public.orders o where o.contact_id = c.id and o.status = 'paid')`,
};
export const twicePaid: Meaning = {
  condition: { '>=': [{ count: [{ filter: [{ var: 'orders' }, paid] }] }, 2] },
  sql: `(select count(*) from public.orders o where o.contact_id = c.id and o.status = 'paid') >= 2`,
};
export const bought: Meaning = {
  condition: { some: [{ var: 'items' }, { '==': [{ var: 'sku' }, 'A'] }] },
  sql: `exists (select from public.orders o join public.order_items i on i.order_id = o.id where o.contact_id = c.id and i.sku = 'A')`,
};

const isMember = (key: string): string =>
  `exists (select from segmentd.membership m join segmentd.segment s on s.id = m.segment_id where s.key = '${key}' and m.contact_id = c.id)`;

/** Members of another segment, as they are stored: right when that one is. */
export function within(key: string): Meaning {
  return { condition: { in_segment: [key] }, sql: isMember(key) };
}
/** Everybody else. */
export function without(key: string): Meaning {
  return { condition: { '!': [{ in_segment: [key] }] }, sql: `not ${isMember(key)}` };
}

const ago = (minutes: number): string => `segmentd.instant() - interval '${minutes} minutes'`;

/** Members of another segment for so many minutes, as it is stored. */
export function memberFor(key: string, minutes: number): Meaning {
  return {
    condition: { member_for: [key, minutes, 'minute'] },
    sql: isMember(key).replace(/\)$/, ` and m.entered_at <= ${ago(minutes)})`),
  };
}
/** Who entered or left another segment in the last minutes, as the log says. */
export function moved(kind: 'entered' | 'left', key: string, minutes: number): Meaning {
  return {
    condition: { [`${kind}_in_last`]: [key, minutes, 'minute'] },
    sql: `exists (select from segmentd.membership_event e join segmentd.segment s on s.id = e.segment_id
      where s.key = '${key}' and e.contact_id = c.id and e.kind = '${kind}' and e.at > ${ago(minutes)} and e.at <= segmentd.instant())`,
  };
}
