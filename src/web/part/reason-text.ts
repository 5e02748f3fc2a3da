/** Why a member entered or left, in words that follow "because". Pure. */

const REASONS: Readonly<Record<string, string>> = {
  contact: 'the contact changed',
  related: 'related rows changed',
  time: 'time passed',
  edit: 'the segment was built or edited',
  segment: 'another segment changed',
  manual: 'a person decided',
  delete: 'the contact was deleted',
  repair: 'a rebuild or a repair found it',
};

/** Codes of reasons, in the order in which a person chooses one. */
export const REASON_CODES = Object.keys(REASONS);

export function reasonText(code: string): string {
  return REASONS[code] ?? code;
}
