/** What the checker says of a draft, at each keystroke and without the server: the sentence, or every issue at the row that it is about. Pure. */
import { checkCondition } from '../../condition/check/check-condition.ts';
import { describe } from '../../condition/describe/describe.ts';
import { byRow, rowIssue, uncheckedDraft, type DraftCheck } from './row-issue.ts';
import type { SegmentDraft } from './segment-draft.ts';
import type { Vocabulary } from './builder-vocabulary.ts';

export function checkDraft(
  { tree, timezone }: Pick<SegmentDraft, 'tree' | 'timezone'>,
  vocabulary: Vocabulary,
  isSegment?: (key: string) => boolean,
): DraftCheck {
  const { catalogue } = vocabulary;
  const draft = uncheckedDraft(tree);
  const checked = checkCondition(draft.condition, {
    catalogue,
    ...(timezone === '' ? {} : { timezone }),
    ...(isSegment ? { segments: isSegment } : {}),
  });
  if (checked.ok) return { ...draft, sentence: sentenceOf(describe(checked.condition, catalogue)) };
  const issues = checked.issues.map((issue) => rowIssue(issue, draft.condition));
  return { ...draft, issues, ofRow: byRow(issues, tree) };
}

/** As a sentence stands on a page: with a capital and a full stop. */
export function sentenceOf(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}
