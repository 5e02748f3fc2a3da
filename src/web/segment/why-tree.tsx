/** A condition part by part, each with its result for one contact. */
import type { Explanation } from '../client/api.ts';
import { upperFirst } from './sentence-text.ts';
import { groupText, leafDetail } from './why-text.ts';

type Node = NonNullable<Explanation['condition']>;

const MARKS = {
  true: { sign: '✓', word: 'holds', look: 'yes' },
  false: { sign: '✗', word: 'does not hold', look: 'no' },
  null: { sign: '?', word: 'is not known', look: 'quiet' },
} as const;

/** A condition that is one group of "all" says so by its list alone. */
export function WhyTree({ node }: { readonly node: Node }) {
  return (
    <ul class="tree">
      {node.kind === 'all' ? (
        node.children.map((child, at) => child && <Row key={at} node={child} />)
      ) : (
        <Row node={node} />
      )}
    </ul>
  );
}

function Row({ node }: { readonly node: Node }) {
  const { sign, word, look } = MARKS[`${node.result}`];
  return (
    <li>
      <span class={look} role="img" aria-label={word} title={word}>
        {sign}
      </span>
      {node.kind === 'leaf' ? (
        <div dir="auto">
          {upperFirst(node.text)}
          {node.pointer !== null && <small>{leafDetail(node)}</small>}
        </div>
      ) : (
        <div>
          {groupText(node.kind)}
          <ul class="tree">{node.children.map((child, at) => child && <Row key={at} node={child} />)}</ul>
        </div>
      )}
    </li>
  );
}

/** Whether a value of it is personal, so that pages mask it. */
export function hasMasked(node: Node): boolean {
  return node.kind === 'leaf' ? node.masked : node.children.some((child) => child !== null && hasMasked(child));
}
