/** Why a contact is in a segment or not, in sentences. Pure. */

/** What these sentences read of an explanation. */
export interface Why {
  readonly exists: boolean;
  readonly stored: { readonly member: boolean };
  readonly computed: boolean | null;
  /** SQLSTATE; null or absent: Postgres could evaluate. */
  readonly error?: unknown;
  readonly segment: {
    readonly state: string;
    readonly live: boolean;
    readonly frozen: string | null;
    readonly building: number | null;
  };
  readonly pending: {
    readonly changes: number;
    readonly rechecks: number;
    readonly unresolved: boolean;
    readonly crossed: boolean;
    readonly rebuild: boolean;
  };
  readonly override: object | null;
  readonly next: { readonly flip: string | null; readonly searched: string | null; readonly error?: unknown };
}

export interface ShownLeaf {
  readonly result: boolean | null;
  readonly actual: string | null;
  readonly threshold: string | null;
}

/** `Why is contact 26 in?` */
export function whyTitle(contact: string, { stored, exists }: Why): string {
  if (!exists && !stored.member) return `There is no contact ${contact}`;
  return `Why is contact ${contact} ${stored.member ? 'in' : 'not in'}?`;
}

/** Whether what is stored is what the data says, and what waits. */
export function agreementText({ computed, stored, segment, pending, error, exists }: Why): string {
  if (!exists) return 'The contacts table has no such row.';
  if (typeof error === 'string') return `Postgres cannot evaluate the condition for this contact (SQLSTATE ${error}).`;
  const waits = waitingTexts(pending, segment);
  const waiting = waits.length === 0 ? 'Nothing is waiting.' : `Waiting: ${waits.join(', ')}.`;
  if (computed === null) return waiting;
  if (segment.frozen !== null) return `Members stand still, because the segment is ${segment.state}. ${waiting}`;
  if (!segment.live) return `The segment has no members yet. ${waiting}`;
  if (computed === stored.member)
    return `Computed by Postgres just now, in one snapshot; stored and computed agree. ${waiting}`;
  return waits.length > 0
    ? `The data says ${computed ? 'in' : 'out'}, and the members follow in a moment. ${waiting}`
    : `The data says ${computed ? 'in' : 'out'}, the members say ${stored.member ? 'in' : 'out'}, and nothing is waiting. An audit repairs this: segmentd verify --repair.`;
}

export function waitingTexts(pending: Why['pending'], segment: Why['segment']): readonly string[] {
  const changes = pending.changes + pending.rechecks;
  return [
    ...(changes > 0 ? [changes === 1 ? 'a change of this contact' : `${changes} changes of this contact`] : []),
    ...(pending.unresolved ? ['rows whose contact is not known yet'] : []),
    ...(pending.crossed ? ['a boundary of time that has passed'] : []),
    ...(segment.building !== null ? [`version ${segment.building} is being computed`] : []),
    ...(segment.building === null && pending.rebuild ? ['the segment is to be computed anew'] : []),
  ];
}

/** `has 87 · wants at least 40` */
export function leafDetail({ actual, threshold, result }: ShownLeaf): string {
  if (result === null) return '';
  return [
    `has ${actual === '' ? 'an empty text' : (actual ?? 'no value')}`,
    ...(threshold === null ? [] : [`wants ${threshold}`]),
  ].join(' · ');
}

/** What a group says above its parts. */
export function groupText(kind: 'all' | 'any' | 'not' | 'choice'): string {
  return GROUPS[kind];
}

const GROUPS = { all: 'All of', any: 'Any of', not: 'Not', choice: 'One of, whichever applies' } as const;

/** What time alone will change, without what causes it. */
export function nextText({ next, computed, override }: Why): string {
  if (next.flip !== null) return '';
  if (typeof next.error === 'string')
    return next.error === '57014'
      ? 'When time alone changes this could not be found in the time that a query may take.'
      : `When time alone changes this could not be found (SQLSTATE ${next.error}).`;
  if (computed === null || override !== null) return '';
  if (next.searched === null) return 'Time alone changes nothing.';
  return 'Time alone changes nothing within 10 years.';
}

const OVERRIDES = { member: 'Added', include: 'Included', exclude: 'Excluded' } as const;

/** `Included by marta` */
export function overrideText({ kind, created_by: by }: { kind: keyof typeof OVERRIDES; created_by: string }): string {
  return `${OVERRIDES[kind]} by ${by}`;
}
