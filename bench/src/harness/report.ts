import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Figure, Series } from './figures.ts';
import type { Machine } from './machine.ts';

export interface ScenarioResult {
  scenario: string;
  title: string;
  figures: readonly Figure[];
  seconds: number;
  /** Share of the machine (0 to 1) that processes other than the benchmark's took meanwhile. */
  foreignLoad: number;
  /** Why there are no figures. */
  error?: string;
}

export interface Report {
  machine: Machine;
  quick: boolean;
  results: readonly ScenarioResult[];
}

/** A Markdown table, so that it can be pasted into the documentation as it is. */
export function tableOf(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap(({ scenario, figures, error }) => [
    ...figures.map((figure) => [
      scenario,
      figure.name,
      `${shown(figure.median)} ${figure.unit}`,
      `${shown(figure.min)} to ${shown(figure.max)}`,
      figure.raw ? `${shown(figure.raw.median)} (${figure.raw.name})` : '',
    ]),
    ...(error === undefined ? [] : [[scenario, 'FAILED', error.split('\n', 1)[0] ?? '', '', '']]),
  ]);
  return formatTable([['scenario', 'figure', 'median', 'range', 'raw limit'], ...rows]);
}

export function writeJson(path: string, report: Report): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}

function formatTable(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

/** Three significant digits, or all of a large whole number. */
export function shown(value: Series['median']): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}
