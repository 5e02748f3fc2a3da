/** The rules of ranks, each taken out by a small change of the code. test/support/edited-copy.test.ts names the edit that no longer fits. */
import type { EditedCode } from '../support/edited-copy.ts';

const query = 'src/compile/rank-query.ts';

export const mutations: readonly EditedCode[] = [
  {
    name: 'equal values do not share the lowest place',
    edits: [
      {
        file: query,
        find: '(rank() over (order by v.value) - 1)',
        replace: '(row_number() over (order by v.value, v.contact_id) - 1)',
      },
    ],
  },
  {
    name: 'a part begins one place early',
    edits: [{ file: query, find: '(rank() over (order by v.value) - 1)', replace: '(rank() over (order by v.value))' }],
  },
  {
    name: 'a position counts from below',
    edits: [{ file: query, find: 'order by v.value desc', replace: 'order by v.value' }],
  },
  {
    name: 'contacts without a value are counted',
    edits: [{ file: query, find: 'as v where v.value is not null', replace: 'as v' }],
  },
  {
    name: 'a contact that lost its value keeps its rank',
    edits: [{ file: query, find: 'full join (select', replace: 'left join (select' }],
  },
  {
    name: 'a rank lags silently: a change of it is a change of no segment',
    edits: [
      {
        file: 'src/condition/references.ts',
        find: 'if (relation) readRelation(relation.name, catalogue, found);',
        replace: 'if (relation?.valuesOnly) return; if (relation) readRelation(relation.name, catalogue, found);',
      },
    ],
  },
  {
    name: 'two workers compute at once',
    edits: [
      {
        file: 'src/rank/compute-rank.ts',
        find: 'select pg_try_advisory_xact_lock($1, $2) as got',
        replace: 'select $1::int + $2::int > 0 as got',
      },
    ],
  },
  {
    name: 'a rank that is stored after the deletion of its contact stays',
    edits: [{ file: 'src/recheck/purge-deleted.ts', find: 'route.isRank(source) ||', replace: '' }],
  },
];
