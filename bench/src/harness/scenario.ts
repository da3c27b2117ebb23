import type { Bench } from './bench.ts';
import type { Figure } from './figures.ts';

export interface Scenario {
  /** For `--only`. */
  name: string;
  title: string;
  run(bench: Bench): Promise<Figure[]>;
}
