/** Ways to get edges wrong, by a small change each; every one must be noticed. */
import { withoutWhere } from '../oracle/compiler-mutant.ts';
import { edgesOf, type Edge } from '../../src/temporal/edge.ts';
import type { CrossingMutation, EdgesOf } from './crosser.ts';

function without(drop: (edge: Edge) => boolean): EdgesOf {
  return (...args) => edgesOf(...args).filter((edge) => !drop(edge));
}

function changed(change: (edge: Edge) => Edge): EdgesOf {
  return (...args) => edgesOf(...args).map(change);
}

function replaced(find: string, by: string): CrossingMutation {
  return { text: (text) => text.replaceAll(find, by) };
}

export const MUTANTS: Readonly<Record<string, CrossingMutation>> = {
  'which rows of a relation count has no edges': {
    edges: (condition, ...where) => edgesOf(withoutWhere(condition), ...where),
  },
  'whether the one row of a to-one relation counts has no edges': {
    edges: without(
      ({ relation, boundary }) =>
        relation === 'house' && boundary.kind === 'rolling' && Math.abs(boundary.seconds) === 31_536_000,
    ),
  },
  'fields of relations have no edges': { edges: without((edge) => edge.relation !== undefined) },
  'fields of second hops have no edges': {
    edges: without((edge) => edge.relation !== undefined && ['items', 'makers', 'teams'].includes(edge.relation)),
  },
  'contacts have no edges': { edges: without((edge) => edge.relation === undefined) },
  'the past of memberships has no edges': { edges: without((edge) => edge.past !== undefined) },
  'members have no edges': { edges: without((edge) => edge.past?.of === 'members') },
  'events have no edges': { edges: without((edge) => edge.past !== undefined && edge.past.of !== 'members') },
  'who left has the edges of who entered': {
    edges: changed((edge) => (edge.past?.of === 'left' ? { ...edge, past: { ...edge.past, of: 'entered' } } : edge)),
  },
  'jsonb paths have no edges': { edges: without((edge) => edge.path !== undefined) },
  'the present is no edge': {
    edges: without((edge) => edge.boundary.kind === 'rolling' && edge.boundary.seconds === 0),
  },
  'only the present is an edge': {
    edges: without((edge) => edge.boundary.kind === 'rolling' && edge.boundary.seconds !== 0),
  },
  'the edge has the wrong sign': {
    edges: changed((edge) =>
      edge.boundary.kind === 'rolling'
        ? { ...edge, boundary: { kind: 'rolling', seconds: -edge.boundary.seconds } }
        : edge,
    ),
  },
  'the offset is a second short': {
    edges: changed((edge) =>
      edge.boundary.kind === 'rolling' && edge.boundary.seconds < 0
        ? { ...edge, boundary: { kind: 'rolling', seconds: edge.boundary.seconds + 1 } }
        : edge,
    ),
  },
  'a period has no end': { edges: without((edge) => edge.boundary.kind === 'period' && edge.boundary.offset > 0) },
  'a period has no beginning': {
    edges: without((edge) => edge.boundary.kind === 'period' && edge.boundary.offset <= 0),
  },
  'periods are those of the session': {
    edges: changed((edge) => (edge.boundary.kind === 'period' ? { ...edge, zone: 'Pacific/Auckland' } : edge)),
  },
  'dates are those of the session': {
    edges: changed((edge) => (edge.zone === undefined ? edge : { ...edge, zone: 'Pacific/Auckland' })),
  },
  'windows of months have no end': {
    edges: without((edge) => edge.boundary.kind === 'months' && edge.boundary.months < 0),
  },
  'windows of months do not begin': {
    edges: without((edge) => edge.boundary.kind === 'months' && edge.boundary.months > 0),
  },
  'a month has 28 days': {
    edges: changed((edge) =>
      edge.boundary.kind === 'months'
        ? { ...edge, boundary: { kind: 'rolling', seconds: edge.boundary.months * 28 * 86_400 } }
        : edge,
    ),
  },
  'no contact grows older': { edges: without((edge) => edge.boundary.kind === 'age') },
  'birthdays come a year late': {
    edges: changed((edge) =>
      edge.boundary.kind === 'age' ? { ...edge, boundary: { kind: 'age', years: edge.boundary.years + 1 } } : edge,
    ),
  },
  'anniversaries only enter': {
    edges: without((edge) => edge.boundary.kind === 'anniversary' && edge.boundary.days < 0),
  },
  'anniversaries only leave': {
    edges: without((edge) => edge.boundary.kind === 'anniversary' && edge.boundary.days >= 0),
  },
  'anniversaries leave no period': {
    edges: without((edge) => edge.boundary.kind === 'anniversary_period' && edge.boundary.offset <= 0),
  },
  'anniversaries enter no period': {
    edges: without((edge) => edge.boundary.kind === 'anniversary_period' && edge.boundary.offset > 0),
  },
  'the range is open at the end': replaced(' <= ', ' < '),
  'the greater of two dates alone': replaced('least(', 'greatest('),
  '29 February has no anniversary': replaced('union select 229', 'union select 0'),
};
