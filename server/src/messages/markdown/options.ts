/** What a workspace wants to be recognised (spec 30 §4.6). Absent means no. */
export interface MarkdownOptions {
  /** `color:#fff`. */
  colors?: boolean;
  /** `:)`. */
  emoticons?: boolean;
  /** Hosts that are linked though they have no public suffix. */
  customDomains?: readonly string[];
  katex?: { dollarSyntax?: boolean; parenthesisSyntax?: boolean };
}

/** Counts what the parser looks at, so that a test can tell linear time without a clock. */
export interface Meter {
  steps: number;
}
