/** What persons do, as the action log names it. Names only. */

/** Postgres notes these itself, in the transaction of the change (sql/object/action-log.sql). */
export const CHANGE_ACTIONS = [
  'segment-create',
  'segment-edit',
  'segment-confirm',
  'segment-pause',
  'segment-archive',
  'segment-resume',
  'segment-delete',
  'segment-restore',
  'override',
  'override-remove',
  'export',
  'schedule-add',
  'schedule-edit',
  'schedule-remove',
  'token-add',
  'token-remove',
  'sign-in',
  'sign-out',
  'forget',
] as const;

/** These change no table: the part of the API that does them notes them. */
export const READ_ACTIONS = ['explain', 'reveal', 'download'] as const;

export const ACTIONS = [...CHANGE_ACTIONS, ...READ_ACTIONS] as const;
export type Action = (typeof ACTIONS)[number];
export type ReadAction = (typeof READ_ACTIONS)[number];
