/** The chart of sizes. What draws it is loaded when it is first shown; until then its place is kept. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SizePlot, SizePlotData } from './size-plot.ts';

interface Props extends SizePlotData {
  /** What the chart shows, in words. */
  readonly label: string;
}

export function SizeChart({ label, ...data }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<SizePlot | undefined>();
  useEffect(() => {
    let made: SizePlot | undefined;
    let isShown = true;
    const load = async (): Promise<void> => {
      const { createSizePlot } = await import('./size-plot.ts');
      if (!isShown || !place.current) return;
      made = createSizePlot(place.current);
      setPlot(made);
    };
    void load();
    return () => {
      isShown = false;
      made?.end();
    };
  }, []);
  useEffect(() => plot?.show(data));
  return <div class="plot" ref={place} role="img" aria-label={label} />;
}
