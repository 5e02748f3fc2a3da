/** What a person did, in words. Pure. */
import type { Action } from '../client/api.ts';

export const ACTION_WORDS = {
  'segment-create': 'made a segment',
  'segment-edit': 'edited a segment',
  'segment-confirm': 'confirmed an edit',
  'segment-pause': 'paused a segment',
  'segment-archive': 'archived a segment',
  'segment-resume': 'resumed a segment',
  'segment-delete': 'deleted a segment',
  'segment-restore': 'restored a segment',
  override: 'included or excluded contacts',
  'override-remove': 'took an override away',
  export: 'exported members',
  'schedule-add': 'scheduled an export',
  'schedule-edit': 'changed a schedule',
  'schedule-remove': 'removed a schedule',
  'token-add': 'made a token',
  'token-remove': 'removed a token',
  'sign-in': 'signed in',
  'sign-out': 'signed out',
  forget: 'had a contact forgotten',
  explain: 'asked why a contact is in',
  reveal: 'showed masked values',
  download: 'downloaded an export',
} as const satisfies Record<Action['action'], string>;
