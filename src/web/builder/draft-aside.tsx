/** Beside the rows: who would be in, and the draft tried on one contact. */
import { PreviewPanel, type PreviewPanelProps } from './preview-panel.tsx';
import { TrialPanel, type TrialPanelProps } from './trial-panel.tsx';

export type DraftAsideProps = PreviewPanelProps & TrialPanelProps;

export function DraftAside(props: DraftAsideProps) {
  return (
    <>
      <PreviewPanel {...props} />
      <TrialPanel {...props} />
    </>
  );
}
