// One plot as SVG: axes, curves, a band, and the words that tell a person who cannot see it what it shows.

import { escapeHtml } from './escape-html.ts';

export interface Axis {
  kind: 'log' | 'linear';
  min: number;
  max: number;
  ticks: readonly number[];
  label: string;
  format: (value: number) => string;
}

export interface Curve {
  /** Class and name: `countersign`, `freeman`, … */
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  /** Draws a mark at every point. */
  marked?: boolean;
}

export interface Plot {
  title: string;
  /** What a person sees in it, in a sentence or two. */
  description: string;
  x: Axis;
  y: Axis;
  curves: readonly Curve[];
  /** Between two multiples of x = y: the promise. */
  band?: readonly [low: number, high: number];
}

const WIDTH = 420;
const HEIGHT = 300;
const LEFT = 58;
const RIGHT = 22;
const TOP = 12;
const BOTTOM = 46;

let plots = 0;

export function drawPlot(plot: Plot): string {
  const { x, y } = plot;
  const id = `plot-${++plots}`;
  const across = (value: number): number => LEFT + share(x, value) * (WIDTH - LEFT - RIGHT);
  const up = (value: number): number => HEIGHT - BOTTOM - share(y, value) * (HEIGHT - TOP - BOTTOM);
  return `<figure class="plot">
<figcaption>${escapeHtml(plot.title)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-t" aria-describedby="${id}-d">
<title id="${id}-t">${escapeHtml(plot.title)}</title>
<desc id="${id}-d">${escapeHtml(plot.description)}</desc>
${drawGrid(x, y, across, up)}
${plot.band === undefined ? '' : drawBand(plot.band, x, across, up)}
${plot.curves.map((curve) => drawCurve(curve, across, up)).join('\n')}
<text class="axis-label" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}">${escapeHtml(x.label)}</text>
<text class="axis-label" transform="translate(12 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)">${escapeHtml(y.label)}</text>
</svg></figure>`;
}

/** Numbers the plots of a page from 1 again, so that the same report is the same page. */
export function startPage(): void {
  plots = 0;
}

function share({ kind, min, max }: Axis, value: number): number {
  const held = Math.min(max, Math.max(min, value));
  if (kind === 'linear') return (held - min) / (max - min);
  return Math.log(held / min) / Math.log(max / min);
}

type Scale = (value: number) => number;

function drawGrid(x: Axis, y: Axis, across: Scale, up: Scale): string {
  const vertical = x.ticks.map((tick) => {
    const at = n(across(tick));
    return `<line class="grid" x1="${at}" x2="${at}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/><text class="tick" x="${at}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${escapeHtml(x.format(tick))}</text>`;
  });
  const horizontal = y.ticks.map((tick) => {
    const at = n(up(tick));
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text class="tick" x="${LEFT - 6}" y="${n(up(tick) + 4)}" text-anchor="end">${escapeHtml(y.format(tick))}</text>`;
  });
  return [...vertical, ...horizontal].join('\n');
}

function drawBand(
  [low, high]: readonly [number, number],
  { min, max }: Axis,
  across: Scale,
  up: Scale,
): string {
  const corner = (x: number, times: number): string => `${n(across(x))},${n(up(x * times))}`;
  const corners = [corner(min, low), corner(min, high), corner(max, high), corner(max, low)];
  return `<polygon class="band" points="${corners.join(' ')}"/>`;
}

function drawCurve({ name, points, marked = false }: Curve, across: Scale, up: Scale): string {
  const places = points
    .filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
    .map(([x, y]) => `${n(across(x))},${n(up(y))}`);
  const marks = marked
    ? places.map((place) => {
        const [cx, cy] = place.split(',');
        return `<circle class="mark m-${name}" cx="${cx}" cy="${cy}" r="3"/>`;
      })
    : [];
  return `<polyline class="curve c-${name}" points="${places.join(' ')}"/>${marks.join('')}`;
}

function n(value: number): string {
  return (Math.round(value * 10) / 10).toString();
}
