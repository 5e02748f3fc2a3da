/** The time of a row about a membership, as a field: since when a contact is a member, or when an event happened. Pure. */
import type { Field } from '../catalogue/catalogue.ts';

export const PAST_TIME: Field = {
  owner: 'segmentd',
  name: 'time',
  column: 'time',
  family: 'instant',
  array: false,
  sqlType: 'timestamp with time zone',
  integer: false,
  castText: false,
  collate: false,
};
