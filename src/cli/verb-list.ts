/** Every verb, in the order of `--help`: set-up, segments, reading, proving. */
import type { Verb } from './verb.ts';
import { apply } from './verb/apply.ts';
import { asOf } from './verb/as-of.ts';
import { create } from './verb/create.ts';
import { describe } from './verb/describe.ts';
import { dev } from './verb/dev.ts';
import { doctor } from './verb/doctor.ts';
import { duplicate } from './verb/duplicate.ts';
import { edit } from './verb/edit.ts';
import { explain } from './verb/explain.ts';
import { exportVerb } from './verb/export.ts';
import { feed } from './verb/feed.ts';
import { fields } from './verb/fields.ts';
import { forget } from './verb/forget.ts';
import { history } from './verb/history.ts';
import { init } from './verb/init.ts';
import { install } from './verb/install.ts';
import { list } from './verb/list.ts';
import { members } from './verb/members.ts';
import { migrate } from './verb/migrate.ts';
import { overlap } from './verb/overlap.ts';
import { override } from './verb/override.ts';
import { overrides } from './verb/overrides.ts';
import { preview } from './verb/preview.ts';
import { pull } from './verb/pull.ts';
import { rebuild } from './verb/rebuild.ts';
import { restore } from './verb/restore.ts';
import { run } from './verb/run.ts';
import { schedule } from './verb/schedule.ts';
import { segmentsOf } from './verb/segments-of.ts';
import { show } from './verb/show.ts';
import { state } from './verb/state.ts';
import { status } from './verb/status.ts';
import { uninstall } from './verb/uninstall.ts';
import { verify } from './verb/verify.ts';
import { versions } from './verb/versions.ts';
import { wait } from './verb/wait.ts';
import { whereUsed } from './verb/where-used.ts';

export const VERBS: readonly Verb[] = [
  dev,
  init,
  migrate,
  install,
  uninstall,
  doctor,
  run,
  wait,
  fields,
  preview,
  create,
  edit,
  duplicate,
  restore,
  apply,
  pull,
  list,
  show,
  versions,
  whereUsed,
  describe,
  status,
  state,
  override,
  overrides,
  members,
  segmentsOf,
  history,
  asOf,
  overlap,
  explain,
  exportVerb,
  schedule,
  feed,
  rebuild,
  verify,
  forget,
];
