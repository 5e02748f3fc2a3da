/** Draws sizes with uPlot: a line of members, bars of those who entered and left, versions and the chosen moment. Loaded on demand. */
import uPlot from 'uplot';
import type { SizePoint } from './size-scale.ts';
import './size-plot.css';

export interface SizePlotData {
  readonly points: readonly SizePoint[];
  /** Seconds since 1970, as everywhere here. */
  readonly marks: readonly { readonly at: number; readonly text: string }[];
  readonly chosen: number | undefined;
  readonly from: number;
  readonly to: number;
}

export interface SizePlot {
  show(data: SizePlotData): void;
  end(): void;
}

const HEIGHT = 170;
/** Pixels left of the line, for the numbers; the slider below has the same (size-history.css). */
const LEFT = 56;
const RIGHT = 12;

export function createSizePlot(place: HTMLElement): SizePlot {
  let data: SizePlotData | undefined;
  // Read at each drawing: the theme may change while the chart is shown.
  const resolved = colourReader(place);
  const plot = new uPlot(
    {
      width: Math.max(place.clientWidth, 100),
      height: HEIGHT,
      padding: [14, RIGHT, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: {
          time: true,
          range: (_, low, high) => [data?.from ?? low, Math.max(data?.to ?? high, (data?.from ?? low) + 60)],
        },
        members: { range: (_, low, high) => membersRange(low, high) },
        moves: { range: (_, __, high) => [0, Math.max(high, 1) * 6] },
      },
      axes: [
        {
          stroke: () => resolved('--soft'),
          grid: { show: false },
          ticks: { show: false },
          size: 24,
          font: FONT,
          space: 60,
          values: (_, ticks, __, ___, step) => ticks.map((tick) => (step < 86_400 ? CLOCK : DAY).format(tick * 1000)),
        },
        {
          scale: 'members',
          stroke: () => resolved('--soft'),
          grid: { stroke: () => resolved('--line'), width: 1 },
          ticks: { show: false },
          size: LEFT,
          font: FONT,
          space: 40,
          values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? countOf(tick) : '')),
        },
      ],
      series: [
        {},
        {
          scale: 'moves',
          fill: () => resolved('--entered'),
          width: 0,
          paths: bars(-1),
          points: { show: false },
        },
        { scale: 'moves', fill: () => resolved('--left'), width: 0, paths: bars(1), points: { show: false } },
        { scale: 'members', stroke: () => resolved('--ink'), width: 1.6, paths: steps(), points: { show: false } },
      ],
      hooks: { draw: [(drawn) => data && drawMarks(drawn, data, resolved)] },
    },
    [[], [], [], []],
    place,
  );
  const watch = new ResizeObserver(() => plot.setSize({ width: Math.max(place.clientWidth, 100), height: HEIGHT }));
  watch.observe(place);
  const theme = matchMedia('(prefers-color-scheme: dark)');
  const redraw = (): void => plot.redraw();
  theme.addEventListener('change', redraw);
  return {
    show(next) {
      const isSame = data?.points === next.points && data.from === next.from && data.to === next.to;
      data = next;
      if (isSame) return plot.redraw(false);
      const { points } = next;
      plot.setData([
        points.map(({ at }) => at),
        points.map(({ entered }) => entered),
        points.map(({ left }) => left),
        points.map(({ members }) => members),
      ]);
    },
    end() {
      theme.removeEventListener('change', redraw);
      watch.disconnect();
      plot.destroy();
    },
  };
}

const FONT = '11px system-ui, sans-serif';
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 });
const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const CLOCK = new Intl.DateTimeFormat('en', { timeStyle: 'short', hourCycle: 'h23' });
const WHOLE = new Intl.NumberFormat('en');
const countOf = (members: number): string => (members < 1_000_000 ? WHOLE : SHORT).format(members);

function bars(align: -1 | 1): uPlot.Series.PathBuilder {
  const build = uPlot.paths.bars;
  if (!build) throw new Error('uPlot has no bars');
  return build({ size: [0.4, 6], align });
}

/** A size is known at the end of a day, and holds until the next is. */
function steps(): uPlot.Series.PathBuilder {
  const build = uPlot.paths.stepped;
  if (!build) throw new Error('uPlot has no steps');
  return build({ align: 1 });
}

/** The line has room above, and the bars below it. */
function membersRange(low: number, high: number): [number, number] {
  const span = Math.max(high - low, high * 0.02, 4);
  return [Math.max(0, low - span * 0.35), high + span * 0.1];
}

/** Colours of the page's tokens as a canvas takes them: `light-dark()` is worked out by an element that has them. */
function colourReader(place: HTMLElement): (token: string) => string {
  return (token) => {
    place.style.setProperty('accent-color', `var(${token})`);
    return getComputedStyle(place).accentColor;
  };
}

function drawMarks(plot: uPlot, data: SizePlotData, colour: (token: string) => string): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const line = (at: number, width: number, token: string, dash: readonly number[]): number | undefined => {
    if (at < data.from || at > data.to) return undefined;
    const x = Math.round(plot.valToPos(at, 'x', true));
    ctx.strokeStyle = colour(token);
    ctx.lineWidth = width * ratio;
    ctx.setLineDash(dash.map((part) => part * ratio));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    return x;
  };
  ctx.save();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  let free = Infinity;
  // From the latest: where there is no room for all names, the latest have theirs.
  for (const { at, text } of data.marks.toSorted((a, b) => b.at - a.at)) {
    const x = line(at, 1, '--edge', [3, 3]);
    if (x === undefined) continue;
    const width = ctx.measureText(text).width + 4 * ratio;
    const room = bbox.left + bbox.width - x;
    const start = width < room ? x + 4 * ratio : x - width;
    if (start + width > free || start < bbox.left) continue;
    ctx.fillStyle = colour('--soft');
    ctx.fillText(text, start, bbox.top - 12 * ratio);
    free = start;
  }
  if (data.chosen !== undefined) {
    const x = line(data.chosen, 2, '--brand', []);
    const size = sizeAt(data.points, data.chosen);
    if (x !== undefined && size !== undefined) {
      ctx.fillStyle = colour('--brand');
      ctx.beginPath();
      ctx.arc(x, plot.valToPos(size, 'members', true), 4 * ratio, 0, 2 * Math.PI);
      ctx.fill();
    }
  }
  ctx.restore();
}

/** Where the line is at that moment. */
function sizeAt(points: readonly SizePoint[], at: number): number | undefined {
  return (points.findLast((point) => point.at <= at) ?? points[0])?.members;
}
