/**
 * The settings that every session of ours pins, so that our SQL means the same whatever a role, a database or the
 * server's file sets for others. Chosen from all settings of Postgres 14 to 18 that any role may set.
 * `default_transaction_read_only` is obeyed, because hosts set it when the disk is full. Costs and memory stay the
 * server's (`random_page_cost`, `work_mem`, …).
 */

export interface Setting {
  readonly name: string;
  /** Written as the server prints it, so that an equal value is not set again. */
  readonly value: string;
}

/** The search path. Temporary objects come last: named first, or not named, they would hide ours. */
export const PATH = 'pg_catalog, pg_temp';

/** Settings that change what a literal, a comparison or a printed value means. */
const MEANING: Readonly<Record<string, string>> = {
  quote_all_identifiers: 'off',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  timezone_abbreviations: 'Default',
  bytea_output: 'hex',
  extra_float_digits: '1',
  xmlbinary: 'base64',
  xmloption: 'content',
  lc_monetary: 'C',
  lc_numeric: 'C',
  lc_time: 'C',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  transform_null_equals: 'off',
  array_nulls: 'on',
  // Any other value lets an index scan leave out rows.
  gin_fuzzy_search_limit: '0',
  // A policy that would hide rows becomes an error.
  row_security: 'off',
  restrict_nonsystem_relation_kind: '',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  default_table_access_method: 'heap',
  exit_on_error: 'off',
  client_min_messages: 'warning',
};

/** Settings of the planner; the statements were measured with these. */
const PLANNING: Readonly<Record<string, string>> = {
  jit: 'off',
  plan_cache_mode: 'auto',
  constraint_exclusion: 'partition',
  from_collapse_limit: '8',
  join_collapse_limit: '8',
  geqo: 'on',
  geqo_threshold: '12',
  debug_parallel_query: 'off',
  force_parallel_mode: 'off',
  enable_partitionwise_aggregate: 'off',
  enable_partitionwise_join: 'off',
  ...Object.fromEntries(
    [
      'async_append',
      'bitmapscan',
      'distinct_reordering',
      'gathermerge',
      'group_by_reordering',
      'hashagg',
      'hashjoin',
      'incremental_sort',
      'indexonlyscan',
      'indexscan',
      'material',
      'memoize',
      'mergejoin',
      'nestloop',
      'parallel_append',
      'parallel_hash',
      'partition_pruning',
      'presorted_aggregate',
      'self_join_elimination',
      'seqscan',
      'sort',
      'tidscan',
    ].map((name) => [`enable_${name}`, 'on']),
  ),
};

/** Limits that end a statement or a session. Our transactions set their own. */
const LIMIT: Readonly<Record<string, string>> = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
};

function settings(...groups: readonly Readonly<Record<string, string>>[]): readonly Setting[] {
  return groups.flatMap((group) => Object.entries(group).map(([name, value]) => ({ name, value })));
}

/** All settings, for a session. Some exist in some versions of Postgres only. */
export const SESSION_SETTINGS: readonly Setting[] = settings(MEANING, PLANNING, LIMIT);

/** For a transaction of the caller, which keeps its own limits. */
export const TRANSACTION_SETTINGS: readonly Setting[] = settings(MEANING, PLANNING);
