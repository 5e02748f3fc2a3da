/** An explanation for people: whether the contact is a member and why, the condition as an indented tree, and what time will change. */
import { describeText } from '../condition/describe/describe-value.ts';
import type { ExplainedNode, Explanation } from '../index.ts';
import { rankSentence } from '../rank/rank-state.ts';
import { staleSentence } from '../segment/stale-reference.ts';
import { authorText } from './author-text.ts';
import { plural } from './printed-output.ts';

export function explanationText(explanation: Explanation): readonly string[] {
  const { condition, segment } = explanation;
  const tree = condition ? ['', ...lines(condition, 0)] : [];
  const misfit = segment.issues.map(({ message }) => `  ${message}`);
  return [
    ...membership(explanation),
    ...verdict(explanation),
    ...overrideText(explanation),
    ...misfit,
    ...waiting(explanation).map((sentence) => `waiting: ${sentence}`),
    ...explanation.ranks.map(
      ({ name, asOf }) => `rank: ${rankSentence({ name, asOf, state: 'current', error: null })}`,
    ),
    ...tree,
    '',
    ...next(explanation),
  ];
}

const CAUSES: Readonly<Record<NonNullable<Explanation['stored']['reason']>, string>> = {
  contact: 'the contact changed',
  related: 'related rows changed',
  time: 'time passed a boundary',
  edit: 'the segment was built or edited',
  segment: 'its membership of another segment changed',
  manual: 'an override was written or removed',
  delete: 'the contact was deleted',
  repair: 'a rebuild or repair found it out of place',
};

function membership({ key, contact, stored, segment }: Explanation): string[] {
  const cause =
    stored.reason === null ? '' : `, because ${CAUSES[stored.reason]} (${stored.reason}, version ${stored.version})`;
  const since = stored.since === null ? '' : ` since ${stored.since}${cause}`;
  const left = stored.since === null ? '' : `; it left at ${stored.since}${cause}`;
  const built = segment.live ? '' : `; ${key} is ${segment.state} and has no members yet`;
  return [
    stored.member
      ? `${contact} is a member of ${key}${since}.`
      : `${contact} is not a member of ${key}${left}${built}.`,
  ];
}

function verdict({ computed, exists, error, at, segment, stored, pending }: Explanation): string[] {
  const version = segment.version === null ? '' : ` of version ${segment.version}`;
  const frozen = [
    ...(segment.frozen === null
      ? []
      : [`Members are frozen since ${segment.frozen}: the segment is ${segment.state}.`]),
    ...segment.stale.map(staleSentence),
  ];
  if (error !== null) return [...frozen, `Postgres cannot evaluate the condition for it (SQLSTATE ${error}).`];
  if (computed === null)
    return [
      ...frozen,
      segment.issues.length > 0 ? `The condition${version} does not fit the tables:` : 'The segment has no condition.',
    ];
  const now = exists
    ? `It ${computed ? 'matches' : 'does not match'} the condition${version} as of ${at}.`
    : 'Nothing matches without a row.';
  const waits = pending.changes + pending.rechecks > 0 || pending.unresolved || pending.crossed || pending.rebuild;
  const differs = segment.live && segment.frozen === null && computed !== stored.member;
  if (!differs) return [...frozen, now];
  return [
    ...frozen,
    now,
    waits
      ? 'Membership follows when the worker has done what waits.'
      : 'Membership differs and nothing waits: segmentd verify --repair repairs it.',
  ];
}

const OVERRIDES = {
  member: 'It was added',
  include: 'An override includes it',
  exclude: 'An override excludes it',
} as const;

function overrideText({ override }: Explanation): string[] {
  if (override === null) return [];
  const { kind, note, createdAt, expiresAt } = override;
  return [
    `${OVERRIDES[kind]}: by ${authorText(override)} at ${createdAt}${expiresAt === null ? '' : `, until ${expiresAt}`}${note === null ? '.' : `: ${note}`}`,
  ];
}

function waiting({ pending, segment }: Explanation): string[] {
  return [
    ...(pending.changes > 0 ? [`${plural(pending.changes, 'change')} of this contact`] : []),
    ...(pending.rechecks > 0 ? [`${plural(pending.rechecks, 'recheck')} of this contact`] : []),
    ...(pending.unresolved ? ['related rows whose contacts are not known yet'] : []),
    ...(pending.crossed ? ['a boundary of time that has passed'] : []),
    ...(segment.building !== null
      ? [`version ${segment.building} is being built`]
      : pending.rebuild
        ? ['a rebuild of the segment']
        : []),
  ];
}

const GROUPS = {
  all: 'all of',
  any: 'any of',
  not: 'not all of',
  choice: 'the answer of the first test that holds',
} as const;

function lines(node: ExplainedNode, depth: number): string[] {
  const mark = node.result === null ? '  ?' : node.result ? 'yes' : ' no';
  const indent = '  '.repeat(depth);
  if (node.kind !== 'leaf') {
    // A complement has one child, a group: both stand on one line.
    const [child] = node.children;
    if (node.kind === 'not' && child && (child.kind === 'all' || child.kind === 'any')) {
      return [
        `${mark}  ${indent}${child.kind === 'all' ? 'not all of' : 'none of'}`,
        ...child.children.flatMap((one) => lines(one, depth + 1)),
      ];
    }
    return [`${mark}  ${indent}${GROUPS[node.kind]}`, ...node.children.flatMap((one) => lines(one, depth + 1))];
  }
  if (node.result === null) return [`${mark}  ${indent}${node.text}`];
  const shown = (text: string): string => (node.family === 'text' ? describeText(text) : text);
  const actual = node.actual === null ? 'none' : shown(node.actual);
  const threshold = node.threshold === null ? '' : `, threshold: ${node.threshold}`;
  return [`${mark}  ${indent}${node.text}`, `     ${indent}  value: ${actual}${threshold}`];
}

function next({ next: { flip, matches, causes, searched, error }, computed, key }: Explanation): readonly string[] {
  if (flip !== null)
    return [
      `next: at ${flip} it ${matches ? 'enters' : 'leaves'} ${key} by time alone:`,
      ...causes.map((cause) => `  ${cause}`),
    ];
  if (error !== null)
    return [
      error === '57014'
        ? 'next: not found in the time that a query may take'
        : `next: could not be found out (SQLSTATE ${error})`,
    ];
  if (computed === null) return ['next: unknown'];
  return [
    searched === null ? 'next: time alone changes nothing' : `next: time alone changes nothing up to ${searched}`,
  ];
}
