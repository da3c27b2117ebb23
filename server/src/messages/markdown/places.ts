/** Where in the tree a run of text stands; it decides what may stand in the run. */
export const PARAGRAPH = 0;
export const BOLD = 1;
export const ITALIC = 2;
export const STRIKE = 3;
export const SPOILER = 4;
export const LABEL = 5;
type Innermost = 0 | 1 | 2 | 3 | 4 | 5;

/**
 * The innermost piece that a run stands in, and all that it stands in: bold text holds no bold text at any depth, and a link no
 * link, so nothing is nested deeper than there are kinds.
 */
export type Place = number;

export const innermost = (place: Place): Innermost => (place & 7) as Innermost;
export const isWithin = (place: Place, kind: Innermost): boolean => (place & (8 << kind)) !== 0;
export const inside = (place: Place, kind: Innermost): Place => (place & ~7) | kind | (8 << kind);

/** After whitespace or after another piece: anything may begin. */
export const FRESH = 0;
/** After a lone bracket or delimiter: no link and no emoji begins. */
export const SINGLED = 1;
/** Within a word: as after a bracket, and no address is looked for. */
export const WORD = 2;
export type State = 0 | 1 | 2;
